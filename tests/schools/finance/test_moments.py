"""Deeds that waited for another of the books are dated before it: what asks "since when" must not lose them (S27, S37)."""

from datetime import date, timedelta

import pytest

from schools.care.models import RollEntry
from schools.committee.models import Subject
from schools.finance import actions, gathering, promises
from schools.finance.actions import charges as charge_actions
from schools.finance.models import Refund
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected_beside import at, charges, owes
from tests.schools.finance.test_exit_waits_for_run import SECOND, leaves


@pytest.mark.parametrize("waited", [False, True])
def test_a_run_is_not_taken_back_under_an_exit_that_waited_for_it(north, waited):
    """Wuhan, 130.00: the exit gave back by the days left of the run's charge, so it holds the run."""
    stage.the_term("wuhan")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan()
        activity = makers.an_activity(plan, taken=1)
        stage.sessions(activity, date(2026, 9, 1), 10, state="closed")
        stage.sessions(activity, date(2026, 9, 15), 10)
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        run_at = at(9, 14)
        run = charges(plan, "2026-09", them, run_at)
        leaves(family, run_at - SECOND if waited else run_at + SECOND)
        with pytest.raises(charge_actions.MoneyCame):
            actions.take_back(run=run, reason="点错了", by=them.clerk, now=run_at + timedelta(minutes=1))
        assert promises.broken_promise() is None


@pytest.mark.parametrize("waited", [False, True])
def test_a_refund_of_an_exit_that_waited_for_the_waiver_goes_with_it(north, waited):
    """Half the fee was waived on a false proof while the exit's request waited: its draft has the waived half in it."""
    stage.the_term("wuhan")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan()
        activity = makers.an_activity(plan, taken=1)
        stage.sessions(activity, date(2026, 9, 1), 10, state="closed")
        stage.sessions(activity, date(2026, 9, 15), 10)
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        charges(plan, "2026-09", them, at(9, 1))
        stage.pays(family, 13000, at=at(9, 2))
        granted_at = at(9, 14)
        granted = stage.waives(family.charges.get(), them, fen=6500, now=granted_at)
        leaves(family, granted_at - SECOND if waited else granted_at + SECOND)
        actions.withdraw_waiver(
            waiver=granted, reason="证明是另一名学生的", by=makers.a_user("deputy"), now=at(9, 15)
        )
        standing = gathering.standings(makers.TERM, family.pk)[family.pk]
        waits = sum(Refund.objects.exclude(state="void").values_list("amount_fen", flat=True))
        assert (waits, standing.net_paid - standing.due) == (6500, 0)
        assert promises.broken_promise() is None


def test_a_waiver_is_taken_back_once_what_went_back_too_much_is_paid(north):
    """Wuzhou: 60.00 of September's 120.00 was waived, 60.00 paid, 30.00 went back for a month away; October is not paid yet.
    On a false proof 30.00 went back that nobody owed; the family pays them again, as it is told, and the waiver goes."""
    stage.the_term("wuzhou")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(12000)
        activity = makers.an_activity(plan, taken=1)
        days = stage.sessions(activity, date(2026, 9, 1), 20, state="closed")
        stage.sessions(activity, date(2026, 10, 9), 10)
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        for n, session in enumerate(days):
            there = (
                {"state": "absent"}
                if n < 12
                else {"state": "left", "arrived_at": session.starts_at, "left_at": session.ends_at}
            )
            RollEntry.objects.create(session=session, agreement=family, pupil=family.pupil, **there)
        charges(plan, "2026-09", them, at(9, 1))
        granted = stage.waives(family.charges.get(), them, fen=6000, now=at(9, 2))
        stage.pays(family, 6000, at=at(9, 3))
        actions.refund_absences(plan=plan, period="2026-09", by=them.clerk, now=at(10, 2))
        actions.issue_refund(refund=Refund.objects.get(), by=them.principal, now=at(10, 3))
        assert Refund.objects.get().amount_fen == 3000
        charges(plan, "2026-10", them, at(10, 4))
        deputy = makers.a_user("deputy")
        with pytest.raises(Exception, match="把多退的部分补缴并登记，再撤回减免"):
            actions.withdraw_waiver(waiver=granted, reason="证明是另一名学生的", by=deputy, now=at(10, 5))
        stage.pays(family, 3000, at=at(10, 6))
        actions.withdraw_waiver(waiver=granted, reason="证明是另一名学生的", by=deputy, now=at(10, 7))
        assert owes(family) == 6000 + 12000 - 6000
        assert promises.broken_promise() is None


@pytest.mark.parametrize("waited", [False, True])
def test_absences_that_waited_for_a_late_run_are_given_once(north, waited):
    """Ezhou, September charged on 2 October while the absences' request waited: 6 days away, 2 of 20 lessons cancelled."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(7000)
        activity = makers.an_activity(plan, taken=1)
        days = stage.sessions(activity, date(2026, 9, 1), 18, state="closed")
        stage.sessions(activity, date(2026, 9, 25), 2, state="cancelled")
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        for n, session in enumerate(days):
            there = {"state": "absent"} if n < 6 else {
                "state": "left", "arrived_at": session.starts_at, "left_at": session.ends_at
            }  # fmt: skip
            RollEntry.objects.create(session=session, agreement=family, pupil=family.pupil, **there)
        run_at = at(10, 2)
        charges(plan, "2026-09", them, run_at)
        given = {"plan": plan, "period": "2026-09", "by": them.clerk}
        actions.refund_absences(**given, now=run_at - SECOND if waited else run_at + SECOND)
        assert owes(family) == 7000 - 6 * 336 - 700
        actions.refund_absences(**given, now=run_at + timedelta(hours=1))
        assert owes(family) == 7000 - 6 * 336 - 700
        stage.pays(family, 5000, at=at(10, 3))
        stage.closes_the_term(them)
        row = actions.preview_settlement(term_code=makers.TERM, by=them.clerk, now=stage.OVER)
        assert row.shares.get().credit_fen == 0
        assert promises.broken_promise() is None


@pytest.mark.parametrize("waited", [False, True])
def test_a_settlement_that_waited_for_a_refund_breaks_no_promise(north, waited):
    """The preview's request began before January's absences were calculated, and reads them: clean books stay clean."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(7000)
        activity = makers.an_activity(plan, taken=1)
        days = stage.sessions(activity, date(2026, 9, 1), 10, state="closed")
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        RollEntry.objects.create(session=days[0], agreement=family, pupil=family.pupil, state="absent")
        charges(plan, "2026-09", them, at(9, 1))
        stage.pays(family, 7000, at=at(9, 2))
        stage.closes_the_term(them)
        given = {"plan": plan, "period": "2026-09", "by": them.clerk}
        actions.refund_absences(**given, now=stage.OVER)
        previewed = stage.OVER + (-SECOND if waited else SECOND)
        row = actions.preview_settlement(
            term_code=makers.TERM, by=them.clerk, now=previewed, pay_note="余下报酬由财政承担"
        )
        makers.a_passed_resolution(Subject.SETTLEMENT, object_id=row.pk)
        actions.batch_settlement(settlement=row, by=them.principal, now=stage.OVER + timedelta(minutes=1))
        assert list(promises.broken_promises()) == []
