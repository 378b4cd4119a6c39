"""The duty roster: nobody unchecked, nobody in two places, substitutes and swaps."""

import threading
from datetime import date, time, timedelta
from time import sleep

import pytest
from django.db import IntegrityError, connections, transaction

from schools.care import duty_actions, duty_queries, queries
from schools.care.models import Duty, DutyRole, Session
from schools.staffing.models import Clearance
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.care.stage import opened


def assign(session, contract, role=DutyRole.RESPONSIBLE, now=NOON):
    return duty_actions.assign(
        session=session, contract=contract, role=role, by=makers.a_user("clerk"), now=now
    )


def test_a_cleared_person_is_put_on_a_session(north):
    """S21."""
    with in_school(north):
        session = makers.a_session()
        assign(session, makers.a_contract())
        assert Duty.objects.get().session == session


@pytest.mark.parametrize("why", ["too early", "too late", "no clearance", "contract ended"])
def test_nobody_without_valid_checks_and_contract_on_the_day_is_put_on_a_session(north, why):
    """S17, S18."""
    with in_school(north):
        session, contract = makers.a_session(), makers.a_contract()
        if why == "too early":
            Clearance.objects.update(from_date=date(2026, 9, 8))
        elif why == "too late":
            Clearance.objects.update(until_date=date(2026, 9, 6))
        elif why == "no clearance":
            Clearance.objects.all().delete()
        else:
            contract.state, contract.ended_date = "dismissed", makers.FIRST
            contract.save()
        with pytest.raises(duty_actions.NotCleared):
            assign(session, contract)
        assert not Duty.objects.exists()


def test_below_all_code_the_database_refuses_an_unchecked_person(north):
    """S17, S18: the constraint is the net under the sentence."""
    with in_school(north):
        session, contract = makers.a_session(), makers.a_contract(until_date=date(2026, 9, 4))
        with pytest.raises(IntegrityError, match="duty_within_clearance"), transaction.atomic():
            makers.a_duty(session, contract)


def test_the_net_is_told_as_a_refusal_too(north, monkeypatch):
    """Should the code once read wrongly."""
    with in_school(north):
        session, contract = makers.a_session(), makers.a_contract(until_date=date(2026, 9, 4))
        monkeypatch.setattr(duty_actions, "_covering", lambda clearance, _contract, _day: clearance)
        with pytest.raises(duty_actions.NotCleared):
            assign(session, contract)


def test_one_person_is_not_in_two_places_at_one_time(north):
    """S21: conflicts refused; one after the other is fine."""
    with in_school(north):
        plan, contract = makers.a_plan(), makers.a_contract()
        first = makers.a_session(makers.an_activity(plan))
        overlapping = makers.a_session(makers.an_activity(plan, starts=time(17, 0), ends=time(18, 0)))
        after = makers.a_session(makers.an_activity(plan, starts=time(17, 20), ends=time(18, 0)))
        assign(first, contract)
        with pytest.raises(duty_actions.Busy):
            assign(overlapping, contract)
        assign(after, contract)
        assert [c.pk for c in duty_queries.may_stand_in(overlapping)] == []


def test_a_leader_may_lead_several_sessions_at_once_but_not_the_own_one(north):
    with in_school(north):
        plan, leader = makers.a_plan(), makers.a_contract()
        one, two = (makers.a_session(makers.an_activity(plan)) for _ in range(2))
        assign(one, leader, DutyRole.LEADER)
        assign(two, leader, DutyRole.LEADER)
        with pytest.raises(duty_actions.BothRoles):
            assign(one, leader)


def test_a_place_is_taken_once_and_a_substitute_takes_over(north):
    """S21."""
    with in_school(north):
        session, ill, healthy = makers.a_session(), makers.a_contract(), makers.a_contract()
        clerk = makers.a_user("clerk")
        stand_in = {
            "session": session,
            "contract": healthy,
            "role": DutyRole.RESPONSIBLE,
            "by": clerk,
            "now": NOON,
        }
        with pytest.raises(duty_actions.NobodyOnDuty):
            duty_actions.substitute(**stand_in)
        assign(session, ill)
        with pytest.raises(duty_actions.PlaceTaken):
            assign(session, healthy)
        duty_actions.substitute(**stand_in)
        assert Duty.objects.get().clearance == healthy.clearance


def test_a_substitute_who_is_busy_leaves_the_first_one_in_place(north):
    """Nothing half done."""
    with in_school(north):
        plan, ill, busy = makers.a_plan(), makers.a_contract(), makers.a_contract()
        session, other = (makers.a_session(makers.an_activity(plan)) for _ in range(2))
        assign(session, ill)
        assign(other, busy)
        with pytest.raises(duty_actions.Busy):
            duty_actions.substitute(
                session=session, contract=busy, role=DutyRole.RESPONSIBLE, by=makers.a_user("clerk"), now=NOON
            )
        assert Duty.objects.get(session=session).clearance == ill.clearance


def test_two_people_change_places(north):
    """S21: also when both sessions are at the same time."""
    with in_school(north):
        plan, one, two = makers.a_plan(), makers.a_contract(), makers.a_contract()
        first, second = (makers.a_session(makers.an_activity(plan)) for _ in range(2))
        duties = [assign(first, one), assign(second, two)]
        duty_actions.swap(first=duties[0], second=duties[1], by=makers.a_user("clerk"), now=NOON)
        assert Duty.objects.get(session=first).clearance == two.clearance
        assert Duty.objects.get(session=second).clearance == one.clearance
        with pytest.raises(duty_actions.NobodyOnDuty):  # the back button: these duties are gone
            duty_actions.swap(first=duties[0], second=duties[1], by=makers.a_user("clerk"), now=NOON)


def test_a_series_takes_what_is_free_and_tells_what_is_not(north):
    """S21: a whole term by one click."""
    with in_school(north):
        activity = makers.an_activity()
        contract = makers.a_contract(until_date=date(2026, 9, 20))
        days = [date(2026, 9, day) for day in (7, 14, 21)]
        sessions = [makers.a_session(activity, day=day) for day in days]
        assign(sessions[1], makers.a_contract())
        made = duty_actions.assign_series(
            activity=activity, contract=contract, role=DutyRole.RESPONSIBLE, first_date=NOON.date(),
            by=makers.a_user("clerk"), now=NOON,
        )  # fmt: skip
        assert made.assigned == 1
        assert [(day, refusal.code) for day, refusal in made.left_out] == [
            (date(2026, 9, 21), "care.not_cleared")
        ]


def test_what_is_over_is_not_staffed_again(north):
    with in_school(north):
        contract = makers.a_contract()
        session = makers.a_session()
        with pytest.raises(duty_actions.SessionFixed):
            assign(session, contract, now=NOON + timedelta(days=30))
        Session.objects.update(state="cancelled", cancel_reason="台风")
        with pytest.raises(duty_actions.SessionFixed):
            assign(Session.objects.select_related("activity").get(), contract)


def test_somebody_taken_off_leaves_a_session_that_waits(north):
    """S19: listed for substitution."""
    with in_school(north):
        session, clerk = makers.a_session(), makers.a_user("clerk")
        duty = assign(session, makers.a_contract())
        waiting = queries.sessions().filter(queries.needs_teacher())
        assert not waiting.exists()
        duty_actions.take_off(duty=duty, by=clerk, now=NOON)
        assert waiting.all().get() == session


def test_an_open_session_keeps_its_record_when_its_teacher_changes(north):
    with in_school(north):
        gate = opened(1)
        other = makers.a_contract()
        duty_actions.substitute(
            session=gate.session, contract=other, role=DutyRole.RESPONSIBLE, by=makers.a_user("clerk"),
            now=NOON + timedelta(days=6, hours=5),
        )  # fmt: skip
        assert gate.session.roll.count() == 1


class TestTwoClerks:
    """Real connections and real commits."""

    def test_two_clerks_cannot_put_one_person_in_two_places(self, committed_school, monkeypatch):
        """S21: the person's clearance is locked; without it both would find the person free."""
        overlapping = duty_queries.overlapping

        def slowly(session, **more):
            found = overlapping(session, **more)
            sleep(0.3)
            return found

        monkeypatch.setattr(duty_queries, "overlapping", slowly)
        with in_school(committed_school):
            plan, contract = makers.a_plan(), makers.a_contract()
            sessions = [makers.a_session(makers.an_activity(plan)) for _ in range(2)]
            clerk = makers.a_user("clerk")
        results: list[str] = []
        begin = threading.Barrier(2)

        def clerk_at_desk(session) -> None:
            try:
                with in_school(committed_school):
                    begin.wait()
                    duty_actions.assign(
                        session=session, contract=contract, role=DutyRole.RESPONSIBLE, by=clerk, now=NOON
                    )
                    results.append("done")
            except duty_actions.Busy:
                results.append("busy")
            finally:
                connections.close_all()

        desks = [threading.Thread(target=clerk_at_desk, args=(session,)) for session in sessions]
        for desk in desks:
            desk.start()
        for desk in desks:
            desk.join()
        assert sorted(results) == ["busy", "done"]
