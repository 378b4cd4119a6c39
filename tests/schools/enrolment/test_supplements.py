"""One more activity under an agreement that runs (S1, S13, S14): signed, reviewed, placed in its turn, undone."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from afterbell.audit.models import Entry
from afterbell.kernel.dates import Period
from schools.care import families as at_the_gate
from schools.enrolment import (
    actions,
    documents,
    facts,
    further,
    places,
    queries,
    refusals,
    signers,
    signing,
    supplement_actions,
    supplement_queries,
    supplement_wording,
    wording,
)
from schools.enrolment.models import Agreement, Application, ChosenActivity, Placing, Review, Side, Supplement
from schools.enrolment.states import AgreementState, ApplicationState, SupplementState
from schools.enrolment.supplement_wording import Further
from schools.finance.timetable import timetable
from schools.notices import news
from schools.notices.models import Delivery
from schools.people import adult_actions
from schools.people.models import Pupil, Tie
from schools.planning.models import Activity, FeeUnit, Plan
from schools.planning.states import PlanState
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage
from tests.schools.people.stage import parent

HOUR = timedelta(hours=1)


class Room:
    """Li has homework by an agreement that runs; robots, with one place, came into the plan since."""

    def __init__(self, school):
        self.school = school
        self.plan = stage.a_running_plan()
        self.homework = makers.an_activity(self.plan, title="作业辅导", weekday=1, capacity=20)
        self.sides = stage.reviewers()
        self.family = self.joins("李小明")
        self.robots = makers.an_activity(self.plan, title="机器人", weekday=2, capacity=1)

    def joins(self, name, *activities, hours=9):
        family = stage.a_family(name)
        at = stage.now() - hours * HOUR
        row = stage.applied(self.school, family, *(activities or [self.homework]), at=at)
        stage.approved(row, self.sides)
        return family

    def agreement(self, family=None):
        return Agreement.objects.get(pupil=(family or self.family).pupil)

    def asks(self, family=None, activity=None, *, by=None, hours=0, **more):
        family, activity = family or self.family, activity or self.robots
        agreement = more.pop("agreement", None) or self.agreement(family)
        text = supplement_wording.text(Further(self.school, agreement, family.guardian, activity))
        given = {"read_sha256": text.sha256, "signature": signing.drawn(stage.DRAWN), **more}
        return supplement_actions.submit_supplement(
            school=self.school, agreement=agreement, activity=activity, device=stage.DEVICE, by=by or family.user,
            now=stage.now() - hours * HOUR, **given,
        )  # fmt: skip

    def says(self, row, side, *, yes=True, reason="", by=None):
        person = by or self.sides[0 if side == Side.SCHOOL else 1]
        return supplement_actions.review_supplement(
            supplement=row, side=side, is_approval=yes, reason=reason, by=person, now=stage.now()
        )

    def approves(self, row):
        for side in Side:
            row = self.says(row, side)
        return row

    def withdraws(self, row, by=None):
        supplement_actions.withdraw_supplement(supplement=row, by=by or self.family.user, now=stage.now())

    def leaves(self, family=None):
        family = family or self.family
        return actions.exit_agreement(
            agreement=self.agreement(family), reason="", by=family.user, now=stage.now()
        )

    def state(self, row):
        return Supplement.objects.get(pk=row.pk).state

    def taken(self, activity=None):
        return Activity.objects.get(pk=(activity or self.robots).pk).taken


@pytest.fixture
def room(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        yield Room(north)


# --- asked for, reviewed, placed -------------------------------------------------------------------------------------


def test_a_family_gets_a_new_activity_without_ending_its_agreement(room):
    """S13, S14: signed by a guardian, yes by both sides, a place from today; the agreement is as it was signed."""
    before = room.agreement()
    row = room.asks()
    assert (row.state, row.number[0], row.guardian) == ("submitted", "B", room.family.guardian)
    assert row.text_sha256 == wording.digest(row.text)
    assert before.number in row.text
    assert before.text_sha256 in row.text
    assert "机器人" in row.text
    row = room.approves(row)
    choice = row.choices.get()
    today = timezone.localdate()
    assert (room.state(row), choice.holds_place, choice.placed_from) == ("placed", True, today)
    assert (choice.application_id, room.taken()) == (before.application_id, 1)
    after = room.agreement()
    assert (after.pk, after.text, after.text_sha256, after.from_date, after.until_date) == (
        before.pk, before.text, before.text_sha256, before.from_date, before.until_date,
    )  # fmt: skip
    verbs = list(
        Entry.objects.filter(verb__startswith="enrolment.supplement")
        .order_by("position")
        .values_list("verb", flat=True)
    )
    assert verbs == [
        "enrolment.supplement.submit",
        "enrolment.supplement.review",
        "enrolment.supplement.place",
        "enrolment.supplement.review",
    ]


def test_its_turn_is_its_own_time_among_the_applications(room):
    """S13: an application sent before it goes first, one sent after it waits behind it, whoever is reviewed first."""
    early, late = stage.a_family("王小红"), stage.a_family("赵小天")
    first = stage.applied(room.school, early, room.robots, at=stage.now() - 3 * HOUR)
    row = room.asks(hours=2)
    last = stage.applied(room.school, late, room.robots, at=stage.now() - HOUR)
    stage.approved(last, room.sides)
    room.approves(row)
    assert room.state(row) == "waiting"
    assert [each.before for each in supplement_queries.queue_places(row)] == [1]
    assert [each.before for each in queries.queue_places(last)] == [2]
    stage.approved(first, room.sides)
    states = [Application.objects.get(pk=each.pk).state for each in (first, last)]
    assert (states, room.state(row)) == (["approved", "waiting"], "waiting")
    assert [each.number for each in supplement_queries.line(room.sides[0])] == [row.number, last.number]
    room.leaves(early)
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert room.state(row) == "placed"
    assert row.choices.get().placed_from == tomorrow
    assert Application.objects.get(pk=last.pk).state == ApplicationState.WAITING
    room.leaves()
    assert Application.objects.get(pk=last.pk).state == ApplicationState.APPROVED


def test_an_application_stands_behind_a_supplement_that_came_before_it(room):
    """S13: approved first, it waits for the supplement that nobody has reviewed yet."""
    row = room.asks(hours=2)
    other = stage.applied(room.school, stage.a_family("王小红"), room.robots, at=stage.now() - HOUR)
    assert stage.approved(other, room.sides).state == "waiting"
    room.approves(row)
    assert (room.state(row), room.taken()) == ("placed", 1)
    assert Application.objects.get(pk=other.pk).state == ApplicationState.WAITING


def test_a_refusal_and_a_withdrawal_free_the_turn(room):
    """S14: who stands behind moves up by the deed itself."""
    row = room.asks(hours=2)
    other = stage.applied(room.school, stage.a_family("王小红"), room.robots, at=stage.now() - HOUR)
    stage.approved(other, room.sides)
    room.says(row, Side.COMMITTEE, yes=False, reason="先学完作业辅导")
    assert room.state(row) == "refused"
    assert Application.objects.get(pk=other.pk).state == ApplicationState.APPROVED
    again = room.asks(hours=0)  # a new one, with a new time
    room.approves(again)
    assert room.state(again) == "waiting"
    room.withdraws(again)
    assert (room.state(again), again.choices.get().ended_at is None, room.taken()) == ("withdrawn", False, 1)


def test_more_places_by_an_amendment_move_it_up(room):
    """settings.PLACES_ADDED."""
    room.joins("王小红", room.robots)
    row = room.approves(room.asks())
    assert room.state(row) == "waiting"
    Activity.objects.filter(pk=room.robots.pk).update(capacity=2)
    with transaction.atomic():
        places.move_up(Plan.objects.get(), by=room.sides[0], now=stage.now())
    assert (room.state(row), room.taken()) == ("placed", 2)


def test_the_end_of_the_agreement_ends_it_in_every_state(room):
    """A placed one gives its place to the next; waiting and unreviewed ones stand in nobody's way."""
    second, third = room.joins("王小红"), room.joins("赵小天")
    placed = room.approves(room.asks(hours=3))
    waiting = room.approves(room.asks(second, hours=2))
    fresh = room.asks(third, hours=1)
    assert [room.state(each) for each in (placed, waiting, fresh)] == ["placed", "waiting", "submitted"]
    room.leaves()
    assert [room.state(each) for each in (placed, waiting)] == ["ended", "placed"]
    room.leaves(third)
    assert room.state(fresh) == "ended"
    room.leaves(second)
    assert (room.state(waiting), room.taken()) == ("ended", 0)
    assert not ChosenActivity.objects.filter(ended_at=None).exists()


def test_a_child_that_left_is_passed_over_and_ended_in_the_night(room):
    second = room.joins("王小红")
    row, other = room.asks(hours=2), room.asks(second, hours=1)
    Pupil.objects.filter(pk=room.family.pupil.pk).update(left_date=timezone.localdate() - timedelta(days=1))
    room.approves(other)
    assert room.state(other) == "placed"
    with pytest.raises(refusals.NotOnRoll):
        room.says(row, Side.SCHOOL)
    actions.end_leavers(now=stage.now())
    assert room.state(row) == "ended"


# --- who, when, twice ------------------------------------------------------------------------------------------------


def test_only_who_may_sign_for_the_child_asks_and_withdraws(room):
    """S1: not the school, not another family, not an adult who only collects."""
    grandma = makers.a_user("guardian")
    makers.a_tie(makers.a_guardian(user=grandma), room.family.pupil, may_sign=False)
    others = (room.sides[0], makers.a_user("clerk"), stage.a_family("王小红").user, grandma)
    for by in others:
        with pytest.raises(refusals.OnlyGuardians):
            room.asks(by=by)
    row = room.asks()
    for by in others:
        with pytest.raises(refusals.OnlyGuardians):
            room.withdraws(row, by=by)
    mother = parent(room.family.pupil, name="王梅")
    room.withdraws(row, by=mother.user)
    assert room.state(row) == "withdrawn"


def test_twice_it_is_the_first_one(room):
    row = room.asks()
    with pytest.raises(refusals.AlreadyChosen) as refused:
        room.asks()
    assert refused.value.supplement_id == row.pk
    room.approves(row)
    with pytest.raises(refusals.AlreadyChosen):
        room.asks()
    with pytest.raises(refusals.AlreadyChosen) as refused:
        room.asks(activity=room.homework)
    assert refused.value.supplement_id is None
    assert Supplement.objects.count() == 1


def test_what_can_not_be_asked_for(room):
    """Another plan's activity, another grade's, one at the time of what the child has or waits for."""
    with pytest.raises(refusals.WrongGrade):
        room.asks(activity=makers.an_activity(room.plan, title="合唱", weekday=3, grade_from=4))
    with pytest.raises(refusals.TimeTaken):
        room.asks(activity=makers.an_activity(room.plan, title="围棋", weekday=1))
    room.asks()
    with pytest.raises(refusals.TimeTaken):  # at the time of the supplement that stands
        room.asks(activity=makers.an_activity(room.plan, title="书法", weekday=2))
    strange = makers.an_activity(stage.a_running_plan(term_code="2034-2035-1"), title="足球", weekday=4)
    with pytest.raises(refusals.UnknownActivity):
        room.asks(activity=strange)
    titles = [each.activity.title for each in further.choosable(room.agreement(), stage.now())]
    assert titles == []


@pytest.mark.parametrize("change", ["ended", "plan over", "plan ended", "left"])
def test_late_nothing_is_asked_for_or_approved(room, change):
    """After an exit, after the last day, after the plan ended early, after the child left."""
    row, old = room.asks(), room.agreement()
    yesterday = timezone.localdate() - timedelta(days=1)
    football = makers.an_activity(room.plan, title="足球", weekday=4)
    expected, approving = refusals.NotRunning, refusals.AlreadyDecided
    if change == "ended":
        room.leaves()
    elif change == "plan over":
        Plan.objects.update(last_date=yesterday)
        Agreement.objects.update(from_date=yesterday, until_date=yesterday)
        approving = refusals.Closed
    elif change == "plan ended":
        Plan.objects.update(state=PlanState.ENDED)
        expected = approving = refusals.Closed
    else:
        Pupil.objects.update(left_date=yesterday)
        expected = approving = refusals.NotOnRoll
    with pytest.raises(expected):
        room.asks(activity=football, agreement=old)
    with pytest.raises(approving):
        room.says(row, Side.SCHOOL)
    assert further.choosable(room.agreement(), stage.now()) == []


def test_what_was_read_is_what_is_signed(room):
    with pytest.raises(refusals.TextChanged):
        room.asks(read_sha256="0" * 64)
    Activity.objects.filter(pk=room.robots.pk).update(title="机器人编程")
    with pytest.raises(refusals.TextChanged):
        room.asks()  # with the old object in hand


def test_reviews_are_those_of_two_sides_and_never_of_the_own_child(room):
    """S14: two persons, once each, with their right, a refusal with its reason."""
    row = room.asks()
    principal, chair = room.sides
    with pytest.raises(refusals.NotYourReview):
        room.says(row, Side.COMMITTEE, by=principal)
    with pytest.raises(refusals.NotYourReview):
        room.says(row, Side.SCHOOL, by=makers.a_user("care_staff"))
    with pytest.raises(refusals.NoReason):
        room.says(row, Side.SCHOOL, yes=False, reason=" ")
    makers.a_guardian(room.family.pupil, name="周主任", user=chair)
    for yes in (True, False):
        with pytest.raises(refusals.OwnChild):
            room.says(row, Side.COMMITTEE, yes=yes, reason="不")
    Tie.objects.filter(guardian__user=chair).delete()
    chair.guardian.delete()
    room.says(row, Side.SCHOOL)
    with pytest.raises(refusals.AlreadyReviewed):
        room.says(row, Side.SCHOOL)
    room.says(row, Side.COMMITTEE)
    with pytest.raises(refusals.AlreadyReviewed):
        room.says(row, Side.COMMITTEE)
    assert Review.objects.filter(supplement=row).count() == 2
    assert Review.objects.filter(supplement=None).count() == 2  # the application's own


def test_the_same_person_does_not_speak_for_both_sides(room):
    """S14."""
    principal, _chair = room.sides
    principal.assignments.create(role="committee_chair", **makers.days_of("committee_chair"))
    principal.forget_rights()
    row = room.asks()
    room.says(row, Side.SCHOOL)
    with pytest.raises(refusals.SamePerson):
        room.says(row, Side.COMMITTEE, by=principal)


def test_it_is_withdrawn_before_a_place_and_not_after(room):
    row = room.asks()
    room.approves(row)
    with pytest.raises(refusals.HasPlace):
        room.withdraws(row)
    assert (room.state(row), room.taken()) == ("placed", 1)
    football = room.asks(activity=makers.an_activity(room.plan, title="足球", weekday=4))
    room.withdraws(football)
    with pytest.raises(refusals.NotWithdrawable):
        room.withdraws(football)
    with pytest.raises(refusals.AlreadyDecided):
        room.says(football, Side.SCHOOL)


def test_what_waited_under_the_application_and_was_given_up_may_be_asked_for_again(room):
    """By a supplement, with a new time."""
    club = makers.an_activity(room.plan, title="足球", weekday=3, capacity=1)
    room.joins("王小红", club)
    family = stage.a_family("孙小宇")
    row = stage.applied(room.school, family, room.homework, club, placing=Placing.EACH)
    stage.approved(row, room.sides)
    with pytest.raises(refusals.AlreadyChosen):
        room.asks(family, club)
    actions.stop_waiting(application=row, by=family.user, now=stage.now())
    again = room.approves(room.asks(family, club))
    assert room.state(again) == "waiting"
    with pytest.raises(refusals.NothingWaits):  # that is the supplement's, not the application's
        actions.stop_waiting(application=row, by=family.user, now=stage.now())
    assert queries.queue_places(Application.objects.get(pk=row.pk)) == []


def test_what_a_lost_signer_signed_is_not_approved_and_the_others_hear_it(room):
    """S13, S24."""
    mother = parent(room.family.pupil, name="王梅")
    second = room.joins("王小红")
    row, other = room.asks(hours=2), room.asks(second, hours=1)
    adult_actions.deny(
        tie=Tie.objects.get(guardian=room.family.guardian), reason="法院裁定 12 号", by=makers.a_user("clerk"),
        now=stage.now(),
    )  # fmt: skip
    with pytest.raises(refusals.SignerGone):
        room.says(row, Side.SCHOOL)
    told = Delivery.objects.filter(guardian=mother, notice__title__contains="重新签字").get()
    assert row.number in told.notice.body
    assert room.state(room.approves(other)) == "placed"  # it keeps nobody away
    room.withdraws(row, by=mother.user)
    assert signers.WAITS == [ApplicationState.SUBMITTED, ApplicationState.WAITING]


# --- what the database holds -----------------------------------------------------------------------------------------


def test_the_database_holds_what_the_deeds_do(room):
    row = room.asks()
    rows = Supplement.objects.filter(pk=row.pk)
    for wrong in (
        lambda: rows.update(state="lost"),
        lambda: rows.update(signature=""),
        lambda: rows.update(signature="<script>"),
        lambda: rows.update(state="waiting"),
        lambda: rows.update(state="placed"),
        lambda: rows.update(state="refused"),
        lambda: rows.update(decided_at=stage.now()),
        lambda: ChosenActivity.objects.create(
            application=row.application, supplement=row, activity=room.robots
        ),
        lambda: ChosenActivity.objects.create(application=row.application, activity=room.homework),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()
    room.says(row, Side.SCHOOL)
    given = Review.objects.get(supplement=row)
    for supplement in (row, None):
        with pytest.raises(IntegrityError), transaction.atomic():
            Review.objects.create(
                application=row.application, supplement=supplement, side=given.side, is_approval=True, by=given.by,
                at=given.at,
            )  # fmt: skip


# --- everybody who reads choices -------------------------------------------------------------------------------------


def test_class_hours_are_charged_from_the_place_given_on(room):
    """S27: the timetable that bills are made of, without a word of supplements in it; what came after a charge is not
    in that charge."""
    today = timezone.localdate()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        makers.a_session(room.robots, day=day, planned_units=2)
    agreement, before = room.agreement(), stage.now()
    month = (agreement.from_date - timedelta(days=30), agreement.until_date)
    days = Period(*month)
    assert timetable(room.plan).hours(agreement, days, today).planned == 0
    room.approves(room.asks())
    table = timetable(room.plan)
    assert table.hours(agreement, days, today).planned == 4
    assert table.hours(agreement, days, today, charged_at=before).planned == 0


@pytest.mark.parametrize("unit", FeeUnit)
def test_the_text_says_what_it_costs_and_how_it_is_left(room, unit):
    Plan.objects.update(fee_unit=unit)
    words = {
        "month": "按月收费的标准不因",
        "term": "按学期收费的标准不因",
        "class_hour": "从有名额之日起计课时",
    }
    text = room.asks().text
    assert words[unit] in text
    assert "随协议退出" in text
    assert "先来先得" in text


def test_the_gate_expects_the_child_and_figures_count_it(room):
    contract = makers.a_contract(user=makers.a_user("care_staff"))
    today = timezone.localdate()
    makers.a_session(room.robots, day=today, contract=contract)
    assert at_the_gate.whereabouts(room.family.pupil, today) == []
    second = room.joins("王小红")
    row, _other = room.approves(room.asks(hours=2)), room.approves(room.asks(second, hours=1))
    assert room.state(row) == "placed"
    found = at_the_gate.whereabouts(room.family.pupil, today)
    assert [each.session.activity.title for each in found] == ["机器人"]
    counted = facts.of_term(room.plan.term_code)
    assert (counted["participants"], counted["waiting"]) == (2, 1)
    (robots,) = [each for each in queries.choosable(room.plan, 1) if each.activity.title == "机器人"]
    assert (robots.free, robots.waiting) == (0, 1)


def test_the_agreement_on_paper_names_what_was_added(room):
    row = room.approves(room.asks())
    today = timezone.localdate()
    assert documents._supplements(row.application) == [
        f"补充申请 {row.number}：星期二 16:00—17:20 机器人　{today:%Y-%m-%d} 起"
    ]
    assert documents.of_supplement(row, room.school).content.startswith(b"%PDF")
    assert documents.of_agreement(room.agreement(), room.school).content.startswith(b"%PDF")


# --- who hears -------------------------------------------------------------------------------------------------------


def told(user):
    return [each.news.title for each in news.of(user) if "机器人" in each.news.title]


def test_all_signing_adults_hear_each_step(room):
    """S1, S14: asked for, one word, waiting, the place; also the adult who did not sign."""
    room.joins("王小红", room.robots)
    mother = parent(room.family.pupil, name="王梅")
    row = room.asks()
    both = (room.family.user, mother.user)
    assert [told(each) for each in both] == [["补充申请已提交：增加“机器人”"]] * 2
    lines = next(each.news.lines() for each in news.of(mother.user) if "机器人" in each.news.title)
    assert "李强" in lines[0]
    room.says(row, Side.SCHOOL)
    assert [told(each) for each in both] == [["学校已同意增加“机器人”"]] * 2
    room.says(row, Side.COMMITTEE)
    assert [told(each) for each in both] == [["增加“机器人”的申请已通过审核，正在候补"]] * 2
    Activity.objects.filter(pk=room.robots.pk).update(capacity=2)
    with transaction.atomic():
        places.move_up(Plan.objects.get(), by=None, now=stage.now())
    assert [told(each) for each in both] == [["有了“机器人”的名额"]] * 2
    room.leaves()
    assert [told(each) for each in both] == [[], []]
    assert news.of(mother.user)[0].news.title.endswith("已终止")


def test_a_refusal_with_its_reason_and_a_withdrawal_are_told_too(room):
    mother = parent(room.family.pupil, name="王梅")
    room.says(room.asks(), Side.SCHOOL, yes=False, reason="器材还没有到")
    assert told(mother.user) == ["增加“机器人”的申请没有通过"]
    assert "学校：器材还没有到" in [
        line for each in news.of(mother.user) if "机器人" in each.news.title for line in each.news.lines()
    ]
    room.withdraws(room.asks())
    assert told(mother.user)[0] == "增加“机器人”的申请已撤回"


def test_who_may_not_sign_hears_nothing(room):
    grandma = makers.a_user("guardian")
    makers.a_tie(makers.a_guardian(user=grandma), room.family.pupil, may_sign=False)
    room.asks()
    assert told(grandma) == []


def test_an_agreement_that_begins_tomorrow_lets_nothing_begin_today(room):
    tomorrow = timezone.localdate() + timedelta(days=1)
    Agreement.objects.update(from_date=tomorrow)
    row = room.approves(room.asks())
    assert row.choices.get().placed_from == tomorrow
    assert SupplementState(row.state) == SupplementState.PLACED
    room.leaves()
    assert room.agreement().state == AgreementState.VOID
    assert room.state(row) == "ended"
