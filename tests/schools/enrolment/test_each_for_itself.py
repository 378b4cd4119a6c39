"""Each activity for itself where the family says so (S13): what has a place begins, the rest waits in its own turn."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from afterbell.audit.models import Entry
from schools.care import families as at_the_gate
from schools.care import telling
from schools.care.models import RollEntry
from schools.enrolment import actions, documents, facts, holders, queries, refusals, wording
from schools.enrolment.models import Agreement, Application, ChosenActivity, Placing
from schools.enrolment.states import ApplicationState
from schools.notices import news
from schools.people.models import Pupil
from schools.planning.models import Activity, FeeUnit, Plan
from schools.planning.states import PlanState
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage

HOURS = timedelta(hours=1)


@pytest.fixture
def term(north, settings):
    """Homework has one place, football twenty."""
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        plan = stage.a_running_plan()
        homework = makers.an_activity(plan, title="作业辅导", weekday=1, capacity=1)
        football = makers.an_activity(plan, title="足球", weekday=2, capacity=20)
        yield homework, football, stage.reviewers()


def joins(north, term, name, *activities, placing=Placing.EACH, hours=5):
    """Applied some hours ago, and approved by both sides."""
    family = stage.a_family(name)
    at = stage.now() - hours * HOURS
    made = stage.applied(north, family, *activities, at=at, placing=placing)
    return family, stage.approved(made, term[2])


def places_of(application):
    rows = ChosenActivity.objects.filter(application=application).select_related("activity")
    return {row.activity.title: row.placed_from for row in rows}


def leaves(family):
    agreement = Agreement.objects.get(pupil=family.pupil)
    return actions.exit_agreement(agreement=agreement, reason="", by=family.user, now=stage.now())


@pytest.fixture
def half(north, term):
    """Li has the only place in homework; Wang plays football and waits for homework."""
    homework, football, _sides = term
    first, _row = joins(north, term, "李小明", homework, hours=6)
    second, row = joins(north, term, "王小红", homework, football)
    return first, second, row


def test_a_club_with_twenty_free_places_takes_the_child(north, half):
    """S13: what has a place begins today, the agreement is concluded for it, the other one waits."""
    today = timezone.localdate()
    _first, second, row = half
    assert row.state == ApplicationState.APPROVED
    assert places_of(row) == {"作业辅导": None, "足球": today}
    assert Agreement.objects.get(pupil=second.pupil).from_date == today
    assert {each.title: each.taken for each in Activity.objects.all()} == {"作业辅导": 1, "足球": 1}


def test_all_or_nothing_is_what_a_family_gets_that_says_nothing_else(north, term):
    """It signed for all of it: nothing begins in part."""
    homework, football, _sides = term
    joins(north, term, "李小明", homework, hours=6)
    _family, row = joins(north, term, "王小红", homework, football, placing=Placing.ALL)
    assert row.state == ApplicationState.WAITING
    assert places_of(row) == {"作业辅导": None, "足球": None}


def test_a_place_that_comes_free_later_is_taken_from_tomorrow_on(half):
    """Under the agreement that runs: its dates and its text are as they were signed."""
    first, second, row = half
    before = Agreement.objects.get(pupil=second.pupil)
    leaves(first)
    tomorrow = timezone.localdate() + timedelta(days=1)
    assert places_of(row) == {"作业辅导": tomorrow, "足球": timezone.localdate()}
    after = Agreement.objects.get(pupil=second.pupil)
    assert (after.pk, after.text, after.from_date) == (before.pk, before.text, before.from_date)
    found = Entry.objects.get(verb="enrolment.agreement.place")
    assert found.details["from"] == tomorrow.isoformat()
    assert queries.agreement_in_force(second.pupil, tomorrow) == after


def test_who_waits_in_part_waits_in_the_order_of_the_applications_time(north, term):
    """S13: an earlier family that has football already comes before a later one that has nothing yet."""
    homework, football, _sides = term
    first, _row = joins(north, term, "李小明", homework, hours=6)
    _later, last = joins(north, term, "赵小天", homework, hours=2)
    second, row = joins(north, term, "王小红", homework, football, hours=4)
    assert last.state == ApplicationState.WAITING
    assert [each.before for each in queries.queue_places(last)] == [1]
    leaves(first)
    assert places_of(row)["作业辅导"] is not None
    assert Application.objects.get(pk=last.pk).state == ApplicationState.WAITING
    leaves(second)
    assert Application.objects.get(pk=last.pk).state == ApplicationState.APPROVED


def test_the_waiting_part_is_withdrawn_and_the_rest_stays(north, term, half):
    first, second, row = half
    _third, last = joins(north, term, "赵小天", term[0], hours=1)
    actions.stop_waiting(application=row, by=second.user, now=stage.now())
    assert Application.objects.get(pk=row.pk).state == ApplicationState.APPROVED
    assert ChosenActivity.objects.get(application=row, activity=term[1]).holds_place is True
    assert queries.queue_places(row) == []
    assert [each.before for each in queries.queue_places(last)] == [0]
    leaves(first)
    assert places_of(row)["作业辅导"] is None
    assert Application.objects.get(pk=last.pk).state == ApplicationState.APPROVED


def test_withdrawing_the_waiting_part_lets_whom_it_kept_away_move_up(north, term, half):
    """All-or-nothing families count for a place in each activity: one that stands no more keeps nobody away."""
    homework, _football, _sides = term
    _first, second, row = half
    chess = makers.an_activity(homework.plan, title="围棋", weekday=3, capacity=1)
    _blocks, waits = joins(north, term, "赵小天", homework, chess, placing=Placing.ALL, hours=3)
    _last, last = joins(north, term, "孙小宇", chess, hours=2)
    assert (waits.state, last.state) == ("waiting", "waiting")
    Activity.objects.filter(pk=homework.pk).update(capacity=2)
    actions.stop_waiting(application=row, by=second.user, now=stage.now())
    assert Application.objects.get(pk=waits.pk).state == ApplicationState.APPROVED


def test_twice_late_and_by_others_nothing_is_withdrawn(half):
    """Twice, the old page after a move up, another family, staff, an application that waits as a whole."""
    first, second, row = half
    for other in (first.user, makers.a_user("principal")):
        with pytest.raises(refusals.OnlyGuardians):
            actions.stop_waiting(application=row, by=other, now=stage.now())
    actions.stop_waiting(application=row, by=second.user, now=stage.now())
    for _again in range(2):
        with pytest.raises(refusals.NothingWaits):
            actions.stop_waiting(application=row, by=second.user, now=stage.now())


def test_after_a_move_up_the_old_page_withdraws_nothing(half):
    first, second, row = half
    leaves(first)
    with pytest.raises(refusals.NothingWaits):
        actions.stop_waiting(application=row, by=second.user, now=stage.now())
    assert ChosenActivity.objects.filter(application=row, holds_place=True).count() == 2


def test_who_waits_for_everything_withdraws_the_application(north, term):
    homework, _football, _sides = term
    joins(north, term, "李小明", homework, hours=6)
    family, row = joins(north, term, "王小红", homework)
    with pytest.raises(refusals.NothingWaits):
        actions.stop_waiting(application=row, by=family.user, now=stage.now())


def test_an_exit_gives_back_what_it_held_and_waits_for_nothing(half):
    """What the child had stays on record for the days that are past."""
    first, second, row = half
    leaves(second)
    assert not holders.waits_for(row.pk).exists()
    assert ChosenActivity.objects.filter(application=row, holds_place=True).count() == 0
    assert places_of(row) == {"作业辅导": None, "足球": timezone.localdate()}
    leaves(first)
    assert places_of(row)["作业辅导"] is None


def test_a_child_that_has_left_the_school_is_passed_over(north, term, half):
    first, second, row = half
    _third, last = joins(north, term, "赵小天", term[0], hours=1)
    Pupil.objects.filter(pk=second.pupil.pk).update(left_date=timezone.localdate())
    leaves(first)
    assert places_of(row)["作业辅导"] is None
    assert Application.objects.get(pk=last.pk).state == ApplicationState.APPROVED


def test_nobody_moves_up_once_the_service_has_ended(half):
    """The plan ended before its last day: what an exit frees then is nobody's any more."""
    first, _second, row = half
    Plan.objects.update(state=PlanState.ENDED)
    leaves(first)
    assert places_of(row)["作业辅导"] is None


def test_the_database_keeps_a_place_and_its_first_day_together(half):
    _first, _second, row = half
    held = ChosenActivity.objects.filter(application=row, holds_place=True)
    waits = ChosenActivity.objects.filter(application=row, holds_place=False)
    today, now = timezone.localdate(), stage.now()
    for wrong in (
        lambda: held.update(placed_from=None, placed_at=None),
        lambda: held.update(placed_at=None),
        lambda: held.update(ended_at=now),
        lambda: held.update(holds_place=False),
        lambda: waits.update(holds_place=True),
        lambda: waits.update(placed_from=today, placed_at=now),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            wrong()


# --- who hears, and what was signed ---------------------------------------------------------------------------------


def told(family):
    return [each.news.title for each in news.of(family.user)]


def lines(family):
    return "\n".join(news.of(family.user)[0].news.lines())


def test_the_family_hears_what_it_has_and_what_it_waits_for(half):
    """At the approval and at every move up (S14)."""
    first, second, _row = half
    assert "已有名额：足球" in lines(second)
    assert "还在候补：作业辅导" in lines(second)
    leaves(first)
    assert told(second)[0] == "候补到了“作业辅导”的名额"
    assert "所选活动都已有名额" in lines(second)
    assert len(told(second)) == 2


def test_nothing_is_said_of_parts_where_there_are_none(half):
    first, _second, _row = half
    assert "候补" not in lines(first)


def test_what_was_signed_says_how_places_are_given(north, half):
    """S15: it names what is wanted; what was given is beside it, on record."""
    _first, second, row = half
    agreement = Agreement.objects.get(pupil=second.pupil)
    assert "名额安排：各项活动分别安排" in row.text
    assert "各项活动分别安排名额" in agreement.text
    assert "上列至少一项活动有名额时，本协议生效" in agreement.text
    assert wording.digest(agreement.text) == agreement.text_sha256
    given = documents._places(agreement.application)
    assert given == [
        "名额：星期一 16:00—17:20 作业辅导　候补中",
        f"名额：星期二 16:00—17:20 足球　{timezone.localdate():%Y-%m-%d} 起",
    ]
    found = Entry.objects.filter(verb="enrolment.agreement.conclude").order_by("-position").first()
    assert found.details["activities"] == [str(row.choices.get(holds_place=True).activity_id)]


@pytest.mark.parametrize("unit", FeeUnit)
def test_the_text_says_what_a_part_costs(north, term, unit):
    """By the month and by the term the same; by the class hour for what the child has."""
    Plan.objects.update(fee_unit=unit)
    family = stage.a_family()
    made = stage.applied(north, family, *Activity.objects.order_by("weekday"), placing=Placing.EACH)
    words = {
        "month": "按月收费的标准不因",
        "term": "按学期收费的标准不因",
        "class_hour": "课时只计有名额的活动",
    }
    assert words[unit] in made.agreement_text


def test_who_signs_for_all_or_nothing_reads_so(north, term):
    homework, football, _sides = term
    made = stage.applied(north, stage.a_family(), homework, football)
    assert "名额安排：所选活动都有名额才参加" in made.text
    assert "并且上列活动都有名额时，本协议生效" in made.agreement_text
    assert "分别安排" not in made.agreement_text


# --- everybody who reads choices ------------------------------------------------------------------------------------


def test_a_session_expects_only_who_has_a_place_on_its_day(half):
    """S15: at the gate, on the family's page and in its letters."""
    first, second, _row = half
    homework, football = Activity.objects.order_by("weekday")
    contract = makers.a_contract(user=makers.a_user("care_staff"))
    today = timezone.localdate()
    tomorrow = today + timedelta(days=1)
    days = {
        (activity.title, day): makers.a_session(activity, day=day, contract=contract)
        for activity in (homework, football)
        for day in (today, tomorrow)
    }
    pupil = second.pupil
    assert [each.session.activity.title for each in at_the_gate.whereabouts(pupil, today)] == ["足球"]
    later = days["作业辅导", tomorrow]
    said = {"title": "停课", "body": "停课", "by": makers.a_user("principal"), "now": stage.now()}
    assert telling.concerned([later], **said) == 1
    leaves(first)
    assert [each.session.activity.title for each in at_the_gate.whereabouts(pupil, today)] == ["足球"]
    both = [each.session.activity.title for each in at_the_gate.whereabouts(pupil, tomorrow)]
    assert sorted(both) == ["作业辅导", "足球"]
    assert telling.concerned([later], **said) == 1  # now the other family
    assert not RollEntry.objects.exists()


def test_figures_count_the_days_that_a_child_really_has(north, term):
    """Participation: it takes part, it waits, and it has not the whole week before it has."""
    homework, football, _sides = term
    first, _row = joins(north, term, "李小明", homework, hours=6)
    more = [makers.an_activity(homework.plan, title=f"社团{day}", weekday=day) for day in (3, 4, 5)]
    joins(north, term, "王小红", homework, football, *more)
    before = facts.of_term(homework.plan.term_code)
    assert (before["participants"], before["waiting"], before["five_day_participants"]) == (2, 1, 0)
    leaves(first)
    after = facts.of_term(homework.plan.term_code)
    assert (after["participants"], after["waiting"], after["five_day_participants"]) == (2, 0, 1)


def test_lists_show_what_still_waits(half):
    _first, second, row = half
    principal = makers.a_user("principal")
    assert list(queries.waiting_list(principal)) == [row]
    homework, football = queries.choosable(Plan.objects.get(), 1)
    assert (homework.free, homework.waiting) == (0, 1)
    assert (football.free, football.waiting) == (19, 0)
    actions.stop_waiting(application=row, by=second.user, now=stage.now())
    assert list(queries.waiting_list(principal)) == []


# --- pages and API --------------------------------------------------------------------------------------------------


def test_the_family_sees_and_withdraws_the_waiting_part_on_its_page(north, half):
    _first, second, row = half
    client = stage.browser(north, second.user)
    address = f"/family/applications/{row.pk}/"
    page = stage.text(client.get(address))
    assert "下面的活动还在候补" in page
    assert "撤回候补的活动" in page
    assert "名额安排" in page
    asked = stage.text(client.get(f"{address}stop-waiting/"))
    assert "已有名额的活动不变" in asked
    assert client.post(f"{address}stop-waiting/").status_code == 302
    page = stage.text(client.get(address))
    assert "不再候补" in page
    assert "撤回候补的活动" not in page
    again = client.post(f"{address}stop-waiting/")
    assert "没有候补中的活动" in stage.text(again)


def test_another_family_does_not_find_the_page(north, half):
    first, _second, row = half
    client = stage.browser(north, first.user)
    assert client.post(f"/family/applications/{row.pk}/stop-waiting/").status_code == 404
    assert client.post(f"/api/v1/family/applications/{row.pk}/stop-waiting/").status_code == 404


def test_the_api_says_and_withdraws_the_same(north, half):
    _first, second, row = half
    client = stage.browser(north, second.user)
    address = f"/api/v1/family/applications/{row.pk}/"
    found = client.get(address).json()
    assert found["placing"] == "each"
    assert sorted((each["holds_place"], each["waits"]) for each in found["places"]) == [
        (False, True),
        (True, False),
    ]
    after = client.post(f"{address}stop-waiting/").json()
    assert [each["waits"] for each in after["places"]] == [False, False]
    again = client.post(f"{address}stop-waiting/")
    assert (again.status_code, again.json()["code"]) == (409, "enrolment.nothing_waits")


def test_the_office_sees_what_became_of_each_activity(north, half):
    _first, _second, row = half
    client = stage.browser(north, makers.a_user("principal"))
    page = stage.text(client.get(f"/desk/applications/{row.pk}/"))
    assert "候补中" in page
    assert "有名额" in page
    listed = stage.text(client.get("/desk/applications/waiting/"))
    assert "作业辅导" in listed
    assert "足球" not in listed
