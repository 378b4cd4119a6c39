"""Roll and handover: what may follow what, and that the count of children is always right."""

import contextlib
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from afterbell.audit.models import Entry
from afterbell.kernel.errors import Refused
from afterbell.outbox.models import Mark
from schools.care import families, refusals, roll_actions, telling
from schools.care.models import Handover, RollEntry, Session
from schools.care.roll import Deed, Kind
from schools.care.states import SessionState
from schools.enrolment.models import Agreement, ChosenActivity
from schools.people import pupil_actions
from schools.people.models import Tie
from schools.staffing import clearance_actions
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import FOUR, a_gate, count_is_right, enrol, entry, minutes, opened, states


def test_the_roll_holds_children_with_an_agreement_and_a_place_and_nobody_else(north):
    """S15: no attendance without an agreement."""
    with in_school(north):
        gate = a_gate(2)
        ended = enrol(gate, state="ended", ended_at=FOUR, until_date=date(2026, 9, 4))
        later = enrol(gate, from_date=date(2026, 10, 1))
        waiting = enrol(gate)
        Agreement.objects.filter(pupil=waiting).delete()  # an application in the queue has none
        gone = enrol(gate)
        gone.left_date = date(2026, 9, 5)
        gone.save()
        makers.an_agreement()  # of another activity
        roll_actions.open_session(session=gate.session, by=gate.teacher, now=FOUR)
        on_roll = set(RollEntry.objects.values_list("pupil", flat=True))
        assert on_roll == {pupil.pk for pupil in gate.pupils[:2]}
        assert not on_roll & {ended.pk, later.pk, waiting.pk, gone.pk}
        assert Session.objects.get().unaccounted == 2


def test_a_child_whose_family_left_at_noon_is_still_looked_after_this_afternoon(north):
    """The exit gives the place away at once; its last day is today (enrolment), and today somebody stands at the gate."""
    with in_school(north):
        gate = a_gate(1)
        leaver = enrol(gate, state="ended", ended_at=FOUR, until_date=gate.session.date)
        ChosenActivity.objects.filter(application__pupil=leaver).update(holds_place=False, ended_at=FOUR)
        roll_actions.open_session(session=gate.session, by=gate.teacher, now=FOUR)
        assert RollEntry.objects.filter(pupil=leaver).exists()


def test_a_child_goes_from_expected_to_present_to_the_hand_of_its_parent(north):
    """S24."""
    with in_school(north):
        gate = opened()
        child, parent = gate.pupils[0], gate.guardians[0]
        roll_actions.mark_present(session=gate.session, pupil=child, by=gate.teacher, now=FOUR)
        left = FOUR + minutes(90)
        roll_actions.hand_over(session=gate.session, pupil=child, collector=parent, by=gate.teacher, now=left)
        row = entry(gate, child)
        assert (row.state, row.arrived_at, row.left_at) == ("left", FOUR, left)
        given_to = Handover.objects.get()
        assert (given_to.collector, given_to.at, given_to.by) == (parent, left, gate.teacher)
        assert count_is_right(gate.session)


def test_an_undone_handover_stays_on_record_and_the_child_is_back(north):
    with in_school(north):
        gate = opened(1)
        child, parent = gate.pupils[0], gate.guardians[0]
        steps = {"session": gate.session, "pupil": child, "by": gate.teacher}
        roll_actions.mark_present(**steps, now=FOUR)
        roll_actions.hand_over(**steps, collector=parent, now=FOUR)
        roll_actions.undo(**steps, now=FOUR + minutes(1))
        assert entry(gate, child).state == "present"
        assert Handover.objects.get().undone_at == FOUR + minutes(1)
        roll_actions.hand_over(**steps, collector=parent, now=FOUR + minutes(2))
        assert Handover.objects.count() == 2
        assert count_is_right(gate.session)


@pytest.mark.parametrize("first", ["present", "absent", "excused"])
def test_a_slip_of_the_finger_goes_back_to_expected(north, first):
    with in_school(north):
        gate = opened(1)
        steps = {"session": gate.session, "pupil": gate.pupils[0], "by": gate.teacher, "now": FOUR}
        getattr(roll_actions, f"mark_{first}")(**steps)
        roll_actions.undo(**steps)
        assert states(gate) == ["expected"]
        with pytest.raises(refusals.NothingToUndo):
            roll_actions.undo(**steps)
        assert count_is_right(gate.session)


def test_an_adult_of_the_deny_list_gets_no_child_and_the_try_is_on_record(north):
    """S24: refused, written down, and the day's facts are marked."""
    with in_school(north):
        gate = opened(1)
        child = gate.pupils[0]
        uncle = makers.a_guardian()
        makers.a_tie(uncle, child, is_denied=True, denied_reason="法院禁止")
        roll_actions.mark_present(session=gate.session, pupil=child, by=gate.teacher, now=FOUR)
        before = Mark.objects.count()
        with pytest.raises(refusals.DeniedAdult):
            roll_actions.hand_over(
                session=gate.session, pupil=child, collector=uncle, by=gate.teacher, now=FOUR
            )
        assert states(gate) == ["present"]
        said = Entry.objects.get(verb="care.handover.denied")
        assert said.details["adult_id"] == str(uncle.pk)
        assert Mark.objects.count() == before + 1


@pytest.mark.parametrize("rights", [{"may_collect": False}, {"ended_at": FOUR}, None])
def test_who_is_not_registered_as_collector_gets_no_child(north, rights):
    """S24: not a collector, no longer one, or a stranger."""
    with in_school(north):
        gate = opened(1)
        child, adult = gate.pupils[0], gate.guardians[0]
        if rights is None:
            adult = makers.a_guardian()
        else:
            Tie.objects.filter(guardian=adult).update(**rights)
        roll_actions.mark_present(session=gate.session, pupil=child, by=gate.teacher, now=FOUR)
        with pytest.raises(refusals.NotAuthorised):
            roll_actions.hand_over(
                session=gate.session, pupil=child, collector=adult, by=gate.teacher, now=FOUR
            )
        assert states(gate) == ["present"]


def test_a_child_goes_alone_only_by_its_agreement(north):
    """S24."""
    with in_school(north):
        gate = opened(1)
        steps = {"session": gate.session, "pupil": gate.pupils[0], "by": gate.teacher, "now": FOUR}
        roll_actions.mark_present(**steps)
        with pytest.raises(refusals.MayNotGoAlone):
            roll_actions.let_go_alone(**steps)
        Agreement.objects.update(goes_home_alone=True)
        roll_actions.let_go_alone(**steps)
        assert Handover.objects.get().way == "alone"


def test_a_session_closes_when_nobody_is_left_and_the_record_is_written(north):
    """S22, S24."""
    with in_school(north):
        gate = opened(2)
        close = {"session": gate.session, "by": gate.teacher, "now": FOUR + minutes(100)}
        here, away = gate.pupils
        roll_actions.mark_present(session=gate.session, pupil=here, by=gate.teacher, now=FOUR)
        roll_actions.mark_absent(session=gate.session, pupil=away, by=gate.teacher, now=FOUR)
        with pytest.raises(refusals.ChildrenLeft):
            roll_actions.close_session(**close, note="作业辅导")
        parent = gate.guardians[0]
        roll_actions.hand_over(session=gate.session, pupil=here, collector=parent, by=gate.teacher, now=FOUR)
        with pytest.raises(refusals.NoteMissing):
            roll_actions.close_session(**close, note="  ")
        roll_actions.close_session(**close, note="作业辅导，无异常")
        row = Session.objects.get()
        assert (row.state, row.note, row.closed_by) == (SessionState.CLOSED, "作业辅导，无异常", gate.teacher)
        with pytest.raises(refusals.NotOpen):
            roll_actions.undo(session=gate.session, pupil=here, by=gate.teacher, now=FOUR)


def test_the_database_itself_refuses_to_close_over_a_child(north):
    """S24: below all code."""
    with in_school(north):
        gate = opened(1)
        with pytest.raises(IntegrityError, match="closed_session_has_no_child_left"), transaction.atomic():
            Session.objects.filter(pk=gate.session.pk).update(state="closed", closed_at=FOUR)


def test_a_session_of_yesterday_can_neither_be_opened_nor_changed_by_its_teacher(north):
    """Bad input of issue 3: a session of yesterday. S22."""
    with in_school(north):
        gate, tuesday = opened(1), FOUR + timedelta(days=1)
        other = a_gate(1, activity=makers.an_activity(gate.session.activity.plan, title="篮球"))
        with pytest.raises(refusals.NotToday):
            roll_actions.open_session(session=other.session, by=other.teacher, now=tuesday)
        for act in (roll_actions.mark_present, roll_actions.mark_absent, roll_actions.undo):
            with pytest.raises(refusals.NotToday):
                act(session=gate.session, pupil=gate.pupils[0], by=gate.teacher, now=tuesday)
        with pytest.raises(refusals.NotToday):
            roll_actions.close_session(session=gate.session, note="补", by=gate.teacher, now=tuesday)
        assert states(gate) == ["expected"]


def test_a_leader_mends_the_record_of_a_past_day(north):
    """S22: with the hour of that day; the child must still be accounted for."""
    with in_school(north):
        gate, tuesday = opened(2), FOUR + timedelta(days=1)
        leader = makers.a_user("deputy", name="李校长")
        here, nobody_called = gate.pupils
        roll_actions.mark_present(session=gate.session, pupil=here, by=gate.teacher, now=FOUR)
        closing = Deed(Kind.CLOSE, gate.session.pk, gate.session.ends_at, note="补记")
        with pytest.raises(refusals.ChildrenLeft):
            roll_actions.mend(deeds=[closing], by=leader, now=tuesday)
        with pytest.raises(refusals.ImplausibleTime):
            wrong_day = Deed(Kind.ABSENT, gate.session.pk, tuesday, pupil_id=nobody_called.pk)
            roll_actions.mend(deeds=[wrong_day], by=leader, now=tuesday)
        for deed in (
            Deed(Kind.ABSENT, gate.session.pk, FOUR, pupil_id=nobody_called.pk),
            Deed(
                Kind.HANDOVER,
                gate.session.pk,
                FOUR + minutes(80),
                pupil_id=here.pk,
                collector_id=gate.guardians[0].pk,
            ),
            closing,
        ):
            roll_actions.mend(deeds=[deed], by=leader, now=tuesday)
        row = Session.objects.get()
        assert (row.state, row.closed_by) == (SessionState.CLOSED, leader)
        assert Mark.objects.filter(grain="day", bucket="2026-09-08").count() == 0


def test_a_dismissed_teacher_cannot_close_a_session(north):
    """Bad input of issue 3: a dismissed teacher. S19: even if the duty were left in place."""
    with in_school(north):
        gate = opened(1)
        roll_actions.mark_absent(session=gate.session, pupil=gate.pupils[0], by=gate.teacher, now=FOUR)
        chair = makers.a_user("committee_chair", name="赵主任")
        sessions = clearance_actions.dismiss(contract=gate.contract, reason="体罚", by=chair, now=FOUR)
        assert sessions == [gate.session.pk]
        with pytest.raises(refusals.NotYours):
            roll_actions.close_session(session=gate.session, note="完", by=gate.teacher, now=FOUR)


def test_a_duty_under_a_contract_that_ended_opens_nothing(north):
    """S18: the contract is asked, not the duty alone."""
    with in_school(north):
        gate = a_gate(1)
        gate.contract.state, gate.contract.ended_date = "ended", makers.MONDAY
        gate.contract.save()
        with pytest.raises(refusals.NotYours):
            roll_actions.open_session(session=gate.session, by=gate.teacher, now=FOUR)


def test_another_teacher_and_a_duty_leader_cannot_close(north):
    """S22: the responsible teacher of that session."""
    with in_school(north):
        gate = opened(0)
        stranger = makers.a_user("care_staff")
        makers.a_contract(user=stranger)
        with pytest.raises(refusals.NotYours):
            roll_actions.close_session(session=gate.session, note="完", by=stranger, now=FOUR)
        leader = makers.a_user("care_staff")
        makers.a_duty(gate.session, makers.a_contract(user=leader), role="leader")
        with pytest.raises(refusals.NotResponsible):
            roll_actions.close_session(session=gate.session, note="完", by=leader, now=FOUR)
        roll_actions.close_session(session=gate.session, note="完", by=gate.teacher, now=FOUR)


def test_a_child_who_is_not_on_the_roll_is_refused(north):
    """Bad input of issue 3: another school's child id."""
    with in_school(north):
        gate = opened(1)
        with pytest.raises(refusals.NotOnRoll):
            roll_actions.mark_present(session=gate.session, pupil=makers.a_pupil(), by=gate.teacher, now=FOUR)


ACTS = st.lists(
    st.tuples(
        st.sampled_from([kind for kind in Kind if kind is not Kind.OPEN]),
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    max_size=30,
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(acts=ACTS)
def test_whatever_is_done_in_whatever_order_the_count_is_the_number_of_children(north, acts):
    """S24: `unaccounted` equals the rows after any sequence of deeds, allowed and refused."""
    with in_school(north), transaction.atomic():
        gate = opened(4, goes_home_alone=True)
        for minute, (kind, child, adult) in enumerate(acts):
            deed = Deed(
                kind, gate.session.pk, FOUR + minutes(minute), pupil_id=gate.pupils[child].pk,
                collector_id=gate.guardians[adult].pk, note="完",
            )  # fmt: skip
            with contextlib.suppress(Refused):
                roll_actions.do(deed=deed, by=gate.teacher, now=FOUR + minutes(minute))
            assert count_is_right(gate.session)
        open_handovers = set(Handover.objects.filter(undone_at=None).values_list("entry__pupil", flat=True))
        left = set(RollEntry.objects.filter(state="left").values_list("pupil", flat=True))
        assert open_handovers == left
        transaction.set_rollback(True)


def test_a_child_is_looked_after_on_its_last_day_at_the_school(north):
    """`left_date` is the last day (pupil_actions.leave); the day after, nobody waits for the child."""
    with in_school(north):
        gate = a_gate(2)
        stays, gone = gate.pupils
        pupil_actions.leave(pupil=stays, on=makers.MONDAY, by=makers.a_user("clerk"), now=FOUR)
        pupil_actions.leave(
            pupil=gone, on=makers.MONDAY - minutes(24 * 60), by=makers.a_user("clerk"), now=FOUR
        )
        roll_actions.open_session(session=gate.session, by=gate.teacher, now=FOUR)
        assert set(RollEntry.objects.values_list("pupil", flat=True)) == {stays.pk}


def test_nobody_is_expected_by_an_agreement_that_never_began(north):
    with in_school(north):
        gate = a_gate(1, state="void", ended_at=FOUR)
        roll_actions.open_session(session=gate.session, by=gate.teacher, now=FOUR)
        assert not RollEntry.objects.exists()
        assert families.whereabouts(gate.pupils[0], makers.MONDAY) == []
        assert telling.concerned([gate.session], title="取消", body="取消", by=gate.teacher, now=FOUR) == 0
