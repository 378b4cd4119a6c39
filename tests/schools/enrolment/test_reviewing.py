"""Two reviews in either order, the agreement with its frozen text, the queue, leaving in writing."""

from datetime import timedelta

import pytest

from afterbell.audit.models import Entry
from afterbell.kernel.dates import ONE_DAY, local_date
from afterbell.kernel.errors import Refused
from schools.enrolment import actions, facts, gates, holders, places, queries, refusals
from schools.enrolment.models import Agreement, Application, ChosenActivity, Side
from schools.enrolment.places import digest
from schools.enrolment.states import AgreementState, ApplicationState
from schools.people import pupil_actions
from schools.planning.models import Activity
from schools.planning.queries import served_plan
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage

CALLED = []


def hook(**given):
    """What finance plugs in by settings.AFTER_EXIT."""
    CALLED.append(given)


@pytest.fixture
def term(north):
    """A running plan with one place in one activity, the two reviewers."""
    with in_school(north):
        plan = stage.a_running_plan()
        yield makers.an_activity(plan, capacity=1), stage.reviewers()


def say(application, side, by, *, yes=True, reason="", at=None):
    return actions.review(
        application=application, side=side, is_approval=yes, reason=reason, by=by, now=at or stage.now()
    )


@pytest.mark.parametrize("first", [Side.SCHOOL, Side.COMMITTEE])
def test_in_either_order_both_approvals_make_an_agreement(north, term, first):
    """S14, S15: two reviews, both signatures, the text that the guardian read, its hash."""
    activity, (principal, chair) = term
    family = stage.a_family()
    made = stage.applied(north, family, activity, alone=True)
    by = {Side.SCHOOL: principal, Side.COMMITTEE: chair}
    after = say(made, first, by[first])
    assert after.state == ApplicationState.SUBMITTED
    assert not Agreement.objects.exists()
    second = Side.COMMITTEE if first is Side.SCHOOL else Side.SCHOOL
    assert say(made, second, by[second]).state == ApplicationState.APPROVED
    agreement = Agreement.objects.get()
    assert agreement.text == made.agreement_text
    assert agreement.text_sha256 == digest(agreement.text)
    assert agreement.guardian_signed_at == made.submitted_at
    assert agreement.school_signed_by == principal
    assert agreement.goes_home_alone is True
    assert (agreement.from_date, agreement.until_date) == (local_date(stage.now()), activity.plan.last_date)
    activity.refresh_from_db()
    assert activity.taken == 1
    assert made.choices.get().holds_place is True
    assert Entry.objects.filter(verb="enrolment.agreement.conclude").count() == 1


def test_before_the_term_an_agreement_begins_with_the_plan(north, term):
    _activity, sides = term
    makers.Plan.objects.update(state="ended")
    coming = stage.a_running_plan(
        term_code="2026-2027-2", first_date=stage.timezone.localdate() + timedelta(days=9)
    )
    made = stage.applied(north, stage.a_family(), makers.an_activity(coming))
    stage.approved(made, sides)
    assert Agreement.objects.get().from_date == coming.first_date


def test_a_later_change_of_the_plan_does_not_change_the_agreement(north, term):
    """S15: an agreement is no tick box on whatever text is newest."""
    activity, sides = term
    made = stage.applied(north, stage.a_family(), activity)
    signed = made.agreement_text
    activity.title = "奥数"
    activity.save()
    stage.approved(made, sides)
    assert Agreement.objects.get().text == signed


def test_a_refusal_has_a_reason_that_the_parent_sees(north, term):
    """S14."""
    activity, (principal, _chair) = term
    family = stage.a_family()
    made = stage.applied(north, family, activity)
    with pytest.raises(refusals.NoReason):
        say(made, Side.SCHOOL, principal, yes=False, reason="  ")
    row = say(made, Side.SCHOOL, principal, yes=False, reason="已参加校队训练")
    assert row.state == ApplicationState.REFUSED
    page = stage.text(stage.browser(north, family.user).get(f"/family/applications/{made.pk}/"))
    assert "已参加校队训练" in page
    assert "学校" in page


@pytest.mark.parametrize("role", ["clerk", "class_teacher", "care_staff", "committee_member", "guardian"])
def test_only_the_two_sides_review(north, term, role):
    """S14."""
    activity, _sides = term
    made = stage.applied(north, stage.a_family(), activity)
    for side in Side:
        with pytest.raises(refusals.NotYourReview):
            say(made, side, makers.a_user(role))


def test_a_side_does_not_speak_for_the_other(north, term):
    """S14."""
    activity, (principal, chair) = term
    made = stage.applied(north, stage.a_family(), activity)
    with pytest.raises(refusals.NotYourReview):
        say(made, Side.COMMITTEE, principal)
    with pytest.raises(refusals.NotYourReview):
        say(made, Side.SCHOOL, chair)


def test_two_sides_are_two_persons(north, term):
    activity, (principal, _chair) = term
    principal.assignments.create(role="committee_chair", **makers.days_of("committee_chair"))
    principal.forget_rights()
    made = stage.applied(north, stage.a_family(), activity)
    say(made, Side.SCHOOL, principal)
    with pytest.raises(refusals.SamePerson):
        say(made, Side.COMMITTEE, principal)


def test_a_side_reviews_once_and_not_after_the_end(north, term):
    """Bad input: the back button, two reviewers at once."""
    activity, (principal, chair) = term
    family = stage.a_family()
    made = stage.applied(north, family, activity)
    say(made, Side.SCHOOL, principal)
    with pytest.raises(refusals.AlreadyReviewed):
        say(made, Side.SCHOOL, makers.a_user("deputy"), yes=False, reason="不行")
    actions.withdraw(application=made, by=family.user, now=stage.now())
    with pytest.raises(refusals.AlreadyDecided):
        say(made, Side.COMMITTEE, chair)


def test_nobody_is_let_in_after_the_term_or_after_leaving_the_school(north, term):
    """Bad input: a closed term."""
    activity, (principal, _chair) = term
    family = stage.a_family()
    made = stage.applied(north, family, activity)
    with pytest.raises(refusals.Closed):
        say(made, Side.SCHOOL, principal, at=stage.now() + timedelta(days=70))
    family.pupil.left_date = local_date(stage.now())
    family.pupil.save()
    with pytest.raises(refusals.NotOnRoll):
        say(made, Side.SCHOOL, principal)


def test_without_a_place_one_waits_and_moves_up_from_tomorrow_when_somebody_leaves(north, term):
    """The child who leaves is looked after until tonight; then the place is the next family's."""
    activity, sides = term
    first, second, third = (stage.a_family(name) for name in ("李一", "李二", "李三"))
    rows = [
        stage.approved(stage.applied(north, family, activity), sides) for family in (first, second, third)
    ]
    assert [row.state for row in rows] == ["approved", "waiting", "waiting"]
    since = [row.waiting_since for row in rows[1:]]
    agreement = Agreement.objects.get()
    actions.exit_agreement(agreement=agreement, reason="", by=first.user, now=stage.now())
    agreement.refresh_from_db()
    today = local_date(stage.now())
    assert (agreement.state, agreement.until_date, agreement.end_reason) == ("ended", today, actions.EXIT)
    states = [Application.objects.get(pk=row.pk).state for row in rows]
    assert states == ["withdrawn", "approved", "waiting"]
    taken_over = Agreement.objects.get(pupil=second.pupil)
    assert taken_over.from_date == today + ONE_DAY
    assert taken_over.school_signed_by == sides[0]
    activity.refresh_from_db()
    assert activity.taken == 1
    assert [Application.objects.get(pk=row.pk).waiting_since for row in rows[1:]] == since
    again = stage.applied(north, first, activity)
    assert stage.approved(again, sides).state == "waiting"


def test_all_chosen_activities_or_none(north, term):
    """Paid for two and got one: not here."""
    activity, sides = term
    other = makers.an_activity(activity.plan, weekday=2, capacity=5)
    stage.approved(stage.applied(north, stage.a_family(), activity), sides)
    row = stage.approved(stage.applied(north, stage.a_family("王小红"), activity, other), sides)
    assert row.state == ApplicationState.WAITING
    other.refresh_from_db()
    assert other.taken == 0


def test_nobody_is_passed_in_any_activity(north, term):
    """A later family does not get the free half of what an earlier one waits for."""
    activity, sides = term
    other = makers.an_activity(activity.plan, weekday=2, capacity=1)
    holder = stage.a_family("李一")
    stage.approved(stage.applied(north, holder, activity), sides)
    wants_both = stage.approved(stage.applied(north, stage.a_family("李二"), activity, other), sides)
    later = stage.approved(stage.applied(north, stage.a_family("李三"), other), sides)
    assert (wants_both.state, later.state) == ("waiting", "waiting")
    actions.exit_agreement(agreement=Agreement.objects.get(), reason="", by=holder.user, now=stage.now())
    assert Application.objects.get(pk=wants_both.pk).state == "approved"
    assert Application.objects.get(pk=later.pk).state == "waiting"


def test_who_withdraws_from_the_queue_no_longer_keeps_others_away(north, term):
    activity, sides = term
    other = makers.an_activity(activity.plan, weekday=2, capacity=1)
    stage.approved(stage.applied(north, stage.a_family("李一"), activity), sides)
    family = stage.a_family("李二")
    wants_both = stage.approved(stage.applied(north, family, activity, other), sides)
    later = stage.approved(stage.applied(north, stage.a_family("李三"), other), sides)
    actions.withdraw(application=wants_both, by=family.user, now=stage.now())
    assert Application.objects.get(pk=later.pk).state == "approved"


def test_a_bulk_approval_serves_those_first_who_applied_first(north, term):
    activity, (principal, chair) = term
    families = [stage.a_family(name) for name in ("李一", "李二", "李三")]
    start = stage.now() - timedelta(hours=3)
    rows = [
        stage.applied(north, family, activity, at=start + timedelta(hours=place))
        for place, family in enumerate(families)
    ]
    for side, by in ((Side.SCHOOL, principal), (Side.COMMITTEE, chair)):
        actions.approve_many(applications=rows[::-1], side=side, by=by, now=stage.now())
    assert [Application.objects.get(pk=row.pk).state for row in rows] == ["approved", "waiting", "waiting"]
    assert [row.pk for row in queries.waiting_list(principal)] == [rows[1].pk, rows[2].pk]


def test_a_bulk_approval_is_all_or_none(north, term):
    activity, (principal, _chair) = term
    good, bad = (stage.applied(north, stage.a_family(name), activity) for name in ("李一", "李二"))
    say(bad, Side.SCHOOL, principal)
    with pytest.raises(refusals.AlreadyReviewed, match=bad.number):
        actions.approve_many(applications=[good, bad], side=Side.SCHOOL, by=principal, now=stage.now())
    assert not good.reviews.exists()


def test_leaving_in_writing_is_the_guardians_own_and_happens_once(north, term, settings):
    """S1: consent can be taken back; finance hears of it in the same transaction."""
    settings.AFTER_EXIT = ["tests.schools.enrolment.test_reviewing.hook"]
    CALLED.clear()
    activity, sides = term
    family = stage.a_family()
    stage.approved(stage.applied(north, family, activity), sides)
    agreement = Agreement.objects.get()
    for other in (*sides, stage.a_family("王小红").user):
        with pytest.raises(refusals.OnlyGuardians):
            actions.exit_agreement(agreement=agreement, reason="", by=other, now=stage.now())
    actions.exit_agreement(agreement=agreement, reason="搬家", by=family.user, now=stage.now())
    assert [call["agreement"].end_reason for call in CALLED] == ["搬家"]
    with pytest.raises(refusals.AgreementOver):
        actions.exit_agreement(agreement=agreement, reason="", by=family.user, now=stage.now())


def test_when_finance_refuses_the_exit_has_not_happened(north, term, settings):
    """Nothing half done."""
    settings.AFTER_EXIT = ["tests.schools.enrolment.test_reviewing.refuse"]
    activity, sides = term
    family = stage.a_family()
    stage.approved(stage.applied(north, family, activity), sides)
    with pytest.raises(Refused):
        actions.exit_agreement(agreement=Agreement.objects.get(), reason="", by=family.user, now=stage.now())
    assert Agreement.objects.get().state == AgreementState.ACTIVE
    activity.refresh_from_db()
    assert activity.taken == 1


def refuse(**_given):
    raise Refused


def test_with_an_agreement_one_leaves_by_exit_and_not_by_withdrawing(north, term):
    activity, sides = term
    family = stage.a_family()
    row = stage.approved(stage.applied(north, family, activity), sides)
    with pytest.raises(refusals.HasAgreement):
        actions.withdraw(application=row, by=family.user, now=stage.now())


def test_an_exit_before_the_first_day_is_of_an_agreement_that_never_began(north, term):
    """No participant, no day of service; the dates stay as they were agreed."""
    _activity, sides = term
    makers.Plan.objects.update(state="ended")
    coming = stage.a_running_plan(
        term_code="2026-2027-2", first_date=stage.timezone.localdate() + timedelta(days=9)
    )
    family = stage.a_family()
    stage.approved(stage.applied(north, family, makers.an_activity(coming)), sides)
    actions.exit_agreement(agreement=Agreement.objects.get(), reason="", by=family.user, now=stage.now())
    void = Agreement.objects.get()
    assert (void.state, void.from_date, void.until_date) == ("void", coming.first_date, coming.last_date)
    assert void.ended_at is not None
    counts = facts.of_term("2026-2027-2")
    assert (counts["participants"], counts["five_day_participants"], counts["applications"]) == (0, 0, 0)
    assert facts.of_classes("2026-2027-2", burst_minutes=10) == {}
    assert queries.agreement_in_force(family.pupil, coming.first_date) is None


def test_a_week_of_which_nobody_took_part_is_no_five_day_week(north, term):
    _activity, sides = term
    makers.Plan.objects.update(state="ended")
    coming = stage.a_running_plan(
        term_code="2026-2027-2", first_date=stage.timezone.localdate() + timedelta(days=9)
    )
    family = stage.a_family()
    week = [makers.an_activity(coming, weekday=day) for day in range(1, 6)]
    stage.approved(stage.applied(north, family, *week), sides)
    assert facts.of_term("2026-2027-2")["five_day_participants"] == 1
    actions.exit_agreement(agreement=Agreement.objects.get(), reason="", by=family.user, now=stage.now())
    assert facts.of_term("2026-2027-2")["five_day_participants"] == 0


def test_a_leaver_who_is_recorded_late_leaves_on_the_day_on_which_it_left(north, term):
    """The last day at the school is the last day of service, not the night in which the machine hears of it."""
    activity, sides = term
    family = stage.a_family()
    began = stage.now() - timedelta(days=20)
    stage.approved(stage.applied(north, family, activity, at=began), sides, at=began)
    left = local_date(stage.now()) - timedelta(days=7)
    pupil_actions.leave(pupil=family.pupil, on=left, by=makers.a_user("clerk"), now=stage.now())
    assert actions.end_leavers(now=stage.now()) == 1
    ended = Agreement.objects.get()
    assert (ended.state, ended.until_date) == ("ended", left)
    assert actions.end_leavers(now=stage.now()) == 0
    assert facts.of_term(makers.TERM)["participants"] == 1


def test_a_leaver_who_left_before_the_first_day_took_part_in_nothing(north, term):
    activity, sides = term
    family = stage.a_family()
    stage.approved(stage.applied(north, family, activity), sides)
    left = local_date(stage.now()) - timedelta(days=2)
    pupil_actions.leave(pupil=family.pupil, on=left, by=makers.a_user("clerk"), now=stage.now())
    actions.end_leavers(now=stage.now())
    assert Agreement.objects.get().state == "void"
    assert facts.of_term(makers.TERM)["participants"] == 0


def test_a_written_exit_of_a_child_that_has_left_counts_to_the_day_on_which_it_left(north, term):
    activity, sides = term
    family = stage.a_family()
    began = stage.now() - timedelta(days=20)
    stage.approved(stage.applied(north, family, activity, at=began), sides, at=began)
    left = local_date(stage.now()) - timedelta(days=7)
    pupil_actions.leave(pupil=family.pupil, on=left, by=makers.a_user("clerk"), now=stage.now())
    actions.exit_agreement(agreement=Agreement.objects.get(), reason="", by=family.user, now=stage.now())
    assert Agreement.objects.get().until_date == left


def test_a_leaver_who_came_back_before_the_night_keeps_the_agreement(north, term):
    activity, sides = term
    family = stage.a_family()
    stage.approved(stage.applied(north, family, activity), sides)
    clerk, yesterday = makers.a_user("clerk"), local_date(stage.now()) - ONE_DAY
    pupil_actions.leave(pupil=family.pupil, on=yesterday, by=clerk, now=stage.now())
    pupil_actions.readmit(pupil=family.pupil, school_class=makers.a_class(), by=clerk, now=stage.now())
    assert actions.end_leavers(now=stage.now()) == 0
    assert Agreement.objects.get().state == "active"


def test_two_exits_with_the_same_object_read_before_are_one(north, term):
    """The second is refused by the row as it stands, whatever the object in its hand says."""
    activity, sides = term
    family = stage.a_family()
    stage.approved(stage.applied(north, family, activity), sides)
    first, second = Agreement.objects.get(), Agreement.objects.get()
    actions.exit_agreement(agreement=first, reason="", by=family.user, now=stage.now())
    with pytest.raises(actions.refusals.AgreementOver):
        actions.exit_agreement(agreement=second, reason="", by=family.user, now=stage.now())
    assert Activity.objects.get(pk=activity.pk).taken == 0


def test_what_an_ended_agreement_was_for_stays_known(north, term):
    """Refunds and the roll of the last day ask for it after the place has gone to the next family."""
    activity, sides = term
    family = stage.a_family()
    stage.approved(stage.applied(north, family, activity), sides)
    actions.exit_agreement(agreement=Agreement.objects.get(), reason="", by=family.user, now=stage.now())
    today = local_date(stage.now())
    assert queries.agreement_in_force(family.pupil, today) == Agreement.objects.get()
    assert queries.agreement_in_force(family.pupil, today + ONE_DAY) is None
    assert [row.activity for row in ChosenActivity.objects.filter(holders.on(today))] == [activity]


def test_children_who_left_the_school_hold_no_place_and_wait_for_none(north, term):
    activity, sides = term
    gone, waits = stage.a_family("李一"), stage.a_family("李二")
    stage.approved(stage.applied(north, gone, activity), sides)
    stage.approved(stage.applied(north, waits, activity), sides)
    gone.pupil.left_date = local_date(stage.now()) - ONE_DAY
    gone.pupil.save()
    assert actions.end_leavers(now=stage.now()) == 1
    assert Agreement.objects.get(pupil=gone.pupil).end_reason == actions.LEFT_SCHOOL
    assert Agreement.objects.get(pupil=waits.pupil).state == AgreementState.ACTIVE
    assert actions.end_leavers(now=stage.now()) == 0


def test_the_desk_sees_the_gates_that_this_room_keeps(north, term):
    """S38: applications, then reviews and agreement."""
    activity, sides = term

    def states():
        return [gate.state for gate in gates.gates(makers.TERM, served_plan(makers.TERM), stage.now())]

    assert states() == ["now", "blocked"]
    made = stage.applied(north, stage.a_family(), activity)
    assert states() == ["done", "now"]
    stage.approved(made, sides)
    assert states() == ["done", "done"]


def test_what_waits_is_told_to_the_side_that_has_to_review(north, term):
    activity, (principal, chair) = term
    made = stage.applied(north, stage.a_family(), activity)
    say(made, Side.SCHOOL, principal)
    assert queries.waiting_for(principal, stage.now()) == []
    assert [item.url for item in queries.waiting_for(chair, stage.now())] == [
        "/committee/applications/?todo=committee"
    ]
    assert queries.waiting_for(makers.a_user("clerk"), stage.now()) == []


def test_moving_up_twice_serves_and_writes_once(north, term):
    """Whoever asks the queue again finds it served: no second agreement, no second entry."""
    activity, (principal, chair) = term
    first, second = stage.a_family(), stage.a_family("王小红")
    for family in (first, second):
        made = stage.applied(north, family, activity)
        say(made, Side.SCHOOL, principal)
        say(made, Side.COMMITTEE, chair)
    leaving = Agreement.objects.get(pupil=first.pupil)
    actions.exit_agreement(agreement=leaving, reason="", by=first.user, now=stage.now())
    before = Entry.objects.count()
    assert places.move_up(activity.plan, by=principal, now=stage.now()) == []
    assert Agreement.objects.filter(pupil=second.pupil).count() == 1
    assert Entry.objects.count() == before
