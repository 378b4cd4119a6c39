"""Whoever's duty changes hears of it at once: who comes, who goes, who leads there; one letter a person (S21)."""

from datetime import timedelta

import pytest

from afterbell.kernel import waiting
from schools.care import actions, duty_actions
from schools.care.models import Duty, DutyRole
from schools.notices.models import Delivery, Notice
from schools.planning.models import Plan
from tenants.context import in_school
from tests import makers
from tests.schools.care.stage import FOUR, a_gate
from tests.schools.care.test_onward import a_leader

pytestmark = pytest.mark.usefixtures("at_four")
TOMORROW = FOUR.date() + timedelta(days=1)
NOBODY: list[str] = []


@pytest.fixture
def scene(north):
    """A session of tomorrow with teacher and duty leader, a free teacher, and the office."""
    with in_school(north):
        gate = a_gate(1, day=TOMORROW)
        gate.leader, contract = a_leader()
        makers.a_duty(gate.session, contract, role="leader")
        gate.other, gate.free = a_leader("李四")
        gate.clerk = makers.a_user("clerk")
        return gate


def told(user):
    return list(Delivery.objects.filter(user=user).values_list("notice__title", flat=True))


def body(user):
    return Delivery.objects.filter(user=user).latest("sent_at", "pk").notice.body


def duty(gate, role=DutyRole.RESPONSIBLE):
    return Duty.objects.get(session=gate.session, role=role)


def test_a_substitute_the_one_who_is_free_and_the_leader_hear(north, scene):
    with in_school(north):
        duty_actions.substitute(
            session=scene.session, contract=scene.free, role=DutyRole.RESPONSIBLE, by=scene.clerk, now=FOUR
        )
        for user in (scene.teacher, scene.other, scene.leader):
            assert len(told(user)) == 1
            assert any("未读" in str(line.title) for line in waiting.everything(user, FOUR))
        title = scene.session.activity.title
        for word in ("2026-09-08", "16:00", title, scene.session.room.name, "由您担任"):
            assert word in body(scene.other)
        assert "不再" in body(scene.teacher)
        assert "李四" in body(scene.leader)
        assert not Delivery.objects.filter(guardian__isnull=False).exists()


def test_somebody_who_is_put_on_hears_and_so_does_the_leader(north, scene):
    with in_school(north):
        duty(scene).delete()
        duty_actions.assign(
            session=scene.session, contract=scene.free, role=DutyRole.RESPONSIBLE, by=scene.clerk, now=FOUR
        )
        assert (len(told(scene.other)), len(told(scene.leader)), told(scene.teacher)) == (1, 1, NOBODY)


def test_who_is_taken_off_hears_and_so_does_the_leader(north, scene):
    with in_school(north):
        duty_actions.take_off(duty=duty(scene), by=scene.clerk, now=FOUR)
        assert "不再" in body(scene.teacher)
        assert len(told(scene.leader)) == 1


def test_the_leaders_own_change_is_told_to_the_teacher(north, scene):
    with in_school(north):
        duty_actions.take_off(duty=duty(scene, DutyRole.LEADER), by=scene.clerk, now=FOUR)
        assert (len(told(scene.leader)), len(told(scene.teacher))) == (1, 1)


def test_a_swap_is_one_letter_a_person_with_both_sessions(north, scene):
    with in_school(north):
        activity = makers.an_activity(Plan.objects.filter(state="published").first(), title="足球")
        there = makers.a_session(activity, day=TOMORROW + timedelta(days=1), contract=scene.free)
        second = Duty.objects.get(session=there)
        duty_actions.swap(first=duty(scene), second=second, by=scene.clerk, now=FOUR)
        for user in (scene.teacher, scene.other):
            assert len(told(user)) == 1
            assert "2026-09-08" in body(user)
            assert "2026-09-09" in body(user)
        assert len(told(scene.leader)) == 1


def test_a_whole_series_is_one_letter_that_names_its_days(north, scene):
    with in_school(north):
        for week in range(1, 13):
            makers.a_session(scene.session.activity, day=TOMORROW + timedelta(days=7 * week))
        duty_actions.assign_series(
            activity=scene.session.activity, contract=scene.free, role=DutyRole.RESPONSIBLE, first_date=TOMORROW,
            by=scene.clerk, now=FOUR,
        )  # fmt: skip
        assert len(told(scene.other)) == 1
        for word in ("2026-09-15", "2026-12-01", "12"):
            assert word in body(scene.other)


def test_a_series_for_which_nothing_is_free_tells_nobody(north, scene):
    with in_school(north):
        duty_actions.assign_series(
            activity=scene.session.activity, contract=scene.free, role=DutyRole.RESPONSIBLE, first_date=TOMORROW,
            by=scene.clerk, now=FOUR,
        )  # fmt: skip
        assert not Notice.objects.exists()


def test_who_leads_the_sessions_of_somebody_who_left_hears_once(north, scene):
    with in_school(north):
        for week in range(1, 4):
            session = makers.a_session(
                scene.session.activity, day=TOMORROW + timedelta(days=7 * week), contract=scene.contract
            )
            makers.a_duty(session, duty(scene, DutyRole.LEADER).clearance.contract, role="leader")
        duty_actions.release(
            clearance_id=duty(scene).clearance_id, after=FOUR.date(), by=scene.clerk, now=FOUR
        )
        assert len(told(scene.leader)) == 1
        assert "2026-09-29" in body(scene.leader)
        assert len(told(scene.teacher)) == 1


def test_a_cancelled_session_is_told_to_who_was_on_duty(north, scene):
    with in_school(north):
        assert actions.cancel_session(session=scene.session, reason="停电", by=scene.clerk, now=FOUR) == 1
        for user in (scene.teacher, scene.leader):
            assert len(told(user)) == 1
            assert "停电" in body(user)


def test_sessions_after_the_end_of_the_service_are_one_letter_to_who_was_on_duty(north, scene):
    with in_school(north):
        for week in range(1, 4):
            makers.a_session(
                scene.session.activity, day=TOMORROW + timedelta(days=7 * week), contract=scene.contract
            )
        plan = scene.session.activity.plan
        actions.cancel_after(plan=plan, after=FOUR.date(), reason="服务结束", by=scene.clerk, now=FOUR)
        assert len(told(scene.teacher)) == 1
        assert "服务结束" in body(scene.teacher)
        assert "2026-09-29" in body(scene.teacher)


def test_what_was_not_held_is_told_to_who_was_on_duty(north, scene):
    with in_school(north):
        head = makers.a_user("principal")
        actions.say_not_held(session=scene.session, reason="停电", by=head, now=FOUR + timedelta(days=2))
        assert len(told(scene.teacher)) == 1
