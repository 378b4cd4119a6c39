"""Refunds: computed, bounded by what was paid, issued by another person, and back when the bank fails (S37)."""

from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, transaction

from afterbell.kernel.states import MoveNotAllowed, StateMoved
from schools.care.models import RollEntry, Session
from schools.care.states import RollState, SessionState
from schools.finance import actions, ledger, promises
from schools.finance.actions import calculations, closed, reversals
from schools.finance.models import Account, Calculation, Refund, Transfer
from schools.finance.states import RefundState
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

EXIT = datetime(2026, 9, 18, 8, 0, tzinfo=UTC)
"""After 10 of 20 days of service."""


def wuhan(north):
    stage.the_term("wuhan")
    return in_school(north)


def a_month(them, *, paid=13000, days=20):
    plan = stage.monthly_plan()
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 7), days)
    family = stage.a_family(plan, activity)
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    if paid:
        stage.pays(family, paid)
    return family


def leaves(family, at=EXIT):
    family.state, family.ended_at, family.until_date = "ended", at, at.date()
    family.save()
    return family


def balance(family):
    return Account.objects.get(agreement=family).balance_fen


def test_wuhan_the_rest_by_the_day_on_written_exit(north):
    """130.00, September has 18 days of service in the timetable from the 7th on; 10 are over: 8 ÷ 18 = 57.78."""
    with wuhan(north):
        them = stage.people()
        family = leaves(a_month(them))
        found = actions.refund_exit(agreement=family, by=them.treasurer, now=EXIT)
        assert found.refund.amount_fen == found.credit == 5778
        assert "剩余 8 天（共 18 天）" in found.refund.explanation
        assert balance(family) == -5778
        with pytest.raises(calculations.AlreadyComputed):
            actions.refund_exit(agreement=family, by=them.treasurer, now=EXIT)
        assert promises.broken_promise() is None


def test_an_exit_refund_follows_a_written_exit(north):
    with wuhan(north):
        them = stage.people()
        with pytest.raises(calculations.AgreementRuns):
            actions.refund_exit(agreement=a_month(them), by=them.treasurer, now=EXIT)


@pytest.mark.parametrize(("paid", "back"), [(0, None), (5000, None), (7222, None), (7223, 1), (10000, 2778)])
def test_never_more_than_paid_and_what_is_owed_is_set_off_first(north, paid, back):
    """57.78 come off the fee of 130.00: 72.22 are due."""
    with wuhan(north):
        them = stage.people()
        family = leaves(a_month(them, paid=paid))
        found = actions.refund_exit(agreement=family, by=them.treasurer, now=EXIT)
        assert (found.refund.amount_fen if found.refund else None) == back
        assert balance(family) == 13000 - 5778 - paid
        with pytest.raises(calculations.AlreadyComputed):
            actions.refund_exit(agreement=family, by=them.treasurer, now=EXIT)


def a_refund(north_them):
    them = north_them
    family = leaves(a_month(them))
    return actions.refund_exit(agreement=family, by=them.clerk, now=EXIT).refund


def test_the_money_leaves_at_issue_and_by_another_person(north):
    """S37: the two-person rule, in code and in the database."""
    with wuhan(north):
        them = stage.people()
        refund = a_refund(them)
        with pytest.raises(closed.SamePerson):
            actions.issue_refund(refund=refund, by=them.clerk, now=EXIT)
        actions.issue_refund(refund=refund, by=them.principal, now=EXIT)
        assert Account.objects.get(code="cash").balance_fen == 13000 - 5778
        assert balance(refund.agreement) == 0
        actions.confirm_refund(refund=refund, by=them.principal, now=EXIT)
        assert refund.state == RefundState.CONFIRMED
        assert promises.broken_promise() is None
        with pytest.raises(IntegrityError, match="refund_needs_two_persons"), transaction.atomic():
            Refund.objects.update(issued_by=them.clerk)


def test_a_failed_refund_comes_back_and_can_be_issued_again(north):
    with wuhan(north):
        them = stage.people()
        refund = a_refund(them)
        for _ in range(2):
            actions.issue_refund(refund=refund, by=them.principal, now=EXIT)
            actions.fail_refund(refund=refund, by=them.principal, now=EXIT)
            assert Account.objects.get(code="cash").balance_fen == 13000
            assert balance(refund.agreement) == -5778
            assert promises.broken_promise() is None
        actions.issue_refund(refund=refund, by=them.principal, now=EXIT)
        keys = Transfer.objects.filter(key__startswith=f"refund:{refund.pk}").order_by("position")
        assert [row.key.rpartition(":")[2] for row in keys] == ["1", "2", "3"]


def test_a_payment_that_went_back_is_not_reversed(north):
    """Otherwise the family would have got back more than it paid. A draft is no money yet: it goes with the payment
    (test_undone_beside_refunds)."""
    with wuhan(north):
        them = stage.people()
        refund = a_refund(them)
        actions.issue_refund(refund=refund, by=them.principal, now=EXIT)
        stage.pays(stage.a_family(refund.agreement.plan), 50000)
        booked = Transfer.objects.get(key=f"payment:{refund.agreement.payments.get().pk}")
        with pytest.raises(reversals.WentBack):
            actions.reverse_transfer(transfer=booked, reason="bounced", by=them.principal, now=EXIT)


def test_a_refund_is_issued_once(north):
    """Double submit, back button: the second reads the row as it was."""
    with wuhan(north):
        them = stage.people()
        refund = a_refund(them)
        stale = Refund.objects.get(pk=refund.pk)
        actions.issue_refund(refund=refund, by=them.principal, now=EXIT)
        with pytest.raises(StateMoved, match="又发放过：现在是“发放中”，共发放 1 次"):
            actions.issue_refund(refund=stale, by=them.principal, now=EXIT)
        stale.refresh_from_db()
        actions.confirm_refund(refund=refund, by=them.principal, now=EXIT)
        with pytest.raises(StateMoved, match="现在是“已到账”，不再是“发放中”"):
            actions.fail_refund(refund=stale, by=them.principal, now=EXIT)
        with pytest.raises(MoveNotAllowed):
            actions.issue_refund(refund=refund, by=them.principal, now=EXIT)
        assert Transfer.objects.filter(key__startswith=f"refund:{refund.pk}").count() == 1


def test_money_that_was_spent_can_not_be_returned(north):
    with wuhan(north):
        them = stage.people()
        family = a_month(them)
        stage.spends(13000, them)
        refund = actions.refund_exit(agreement=leaves(family), by=them.treasurer, now=EXIT).refund
        with pytest.raises(ledger.NotEnoughCash):
            actions.issue_refund(refund=refund, by=them.principal, now=EXIT)
        refund.refresh_from_db()
        assert refund.state == RefundState.DRAFT


def test_ezhou_missed_days_of_a_month_that_is_over(north):
    """3.36 a missed day: three days, 10.08."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(7000)
        activity = makers.an_activity(plan)
        held = stage.sessions(activity, date(2026, 9, 7), 10, state="closed")
        away, came = stage.a_family(plan, activity), stage.a_family(plan, activity)
        for session in held[:3]:
            RollEntry.objects.create(
                session=session, agreement=away, pupil=away.pupil, state=RollState.ABSENT
            )
        actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
        for family in (away, came):
            stage.pays(family, 7000)
        with pytest.raises(calculations.PeriodNotOver):
            actions.refund_absences(plan=plan, period="2026-09", by=them.treasurer, now=NOON)
        (found,) = actions.refund_absences(plan=plan, period="2026-09", by=them.treasurer, now=stage.NEXT)
        assert (found.refund.agreement, found.refund.amount_fen) == (away, 1008)
        assert actions.refund_absences(plan=plan, period="2026-09", by=them.treasurer, now=stage.NEXT) == []
        assert promises.broken_promise() is None


def cancels(*sessions):
    for session in sessions:
        Session.objects.filter(pk=session.pk).update(
            state=SessionState.CANCELLED, cancel_reason="台风", closed_at=None
        )


@pytest.mark.parametrize("refund", [{}, {"refund": {"kind": "class_hours"}}, {"refund": {"kind": "none"}}])
def test_hours_cancelled_before_the_charge_were_not_charged_and_do_not_come_back(north, refund):
    """Haikou, 3.00 an hour: 4 of 20 lessons cancelled, 32 hours charged 96.00; one cancelled later is 6.00."""
    stage.the_term("haikou", **refund)
    with in_school(north):
        them = stage.people()
        plan = makers.a_plan(fee_fen=300)
        activity = makers.an_activity(plan)
        held = stage.sessions(activity, date(2026, 9, 7), 20, state="closed")
        cancels(*held[:4])
        left, came = stage.a_family(plan, activity), stage.a_family(plan, activity)
        actions.charge_period(plan=plan, period=makers.TERM, by=them.clerk, now=NOON)
        for family in (left, came):
            stage.pays(family, 9600)
        leaves(left, stage.OVER)
        assert actions.refund_exit(agreement=left, by=them.treasurer, now=stage.OVER).credit == 0
        given = {"plan": plan, "period": makers.TERM, "by": them.treasurer, "now": stage.OVER}
        assert sum(found.credit for found in actions.refund_absences(**given)) == 0
        Calculation.objects.all().delete()
        cancels(held[10])
        (found,) = actions.refund_absences(**given)
        assert (found.credit, found.refund.amount_fen) == (600, 600)
        assert promises.broken_promise() is None


def test_a_cap_that_still_binds_leaves_nothing_to_give_back(north):
    """Longling: 170 hours charged 400.00, 160 held are 400.00; 150 held are 375.00."""
    stage.the_term("longling")
    with in_school(north):
        them = stage.people()
        plan = makers.a_plan(fee_fen=250)
        activity = makers.an_activity(plan)
        held = stage.sessions(activity, date(2026, 9, 7), 17, state="closed", units=10)
        stage.pays(family := stage.a_family(plan, activity), 40000)
        actions.charge_period(plan=plan, period=makers.TERM, by=them.clerk, now=NOON)
        given = {"plan": plan, "period": makers.TERM, "by": them.treasurer, "now": stage.OVER}
        cancels(held[0])
        assert actions.refund_absences(**given) == []
        cancels(held[1])
        (found,) = actions.refund_absences(**given)
        assert (found.calculation.agreement, found.credit) == (family, 2500)
        assert "400.00 − ¥375.00 = ¥25.00" in found.calculation.text
        assert promises.broken_promise() is None


def test_absences_wait_until_each_lesson_is_held_or_cancelled(north):
    """Ezhou: a lesson that is cancelled after the calculation came back to those alone who were never away."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(7000)
        activity = makers.an_activity(plan, title="足球")
        held = stage.sessions(activity, date(2026, 9, 7), 10, state="closed")
        Session.objects.filter(pk=held[1].pk).update(state=SessionState.PLANNED, closed_at=None)
        stage.sessions(activity, date(2026, 10, 8), 1)
        away, came = stage.a_family(plan, activity), stage.a_family(plan, activity)
        RollEntry.objects.create(session=held[0], agreement=away, pupil=away.pupil, state=RollState.ABSENT)
        actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
        for family in (away, came):
            stage.pays(family, 7000)
        given = {"plan": plan, "period": "2026-09", "by": them.treasurer, "now": stage.NEXT}
        with pytest.raises(calculations.LessonsOpen, match=r"1 节课.*2026-09-08 至 2026-09-08，足球"):
            actions.refund_absences(**given)
        assert not Calculation.objects.exists()
        cancels(held[1])
        found = {each.calculation.agreement: each.credit for each in actions.refund_absences(**given)}
        assert found == {away: 336 + 700, came: 700}
        assert actions.refund_absences(**given) == []
        assert promises.broken_promise() is None


def test_an_exit_computes_its_refund_in_the_same_transaction(north):
    """settings.AFTER_EXIT; a family without charges just leaves."""
    with wuhan(north):
        them = stage.people()
        family = leaves(a_month(them))
        actions.after_exit(agreement=family, by=None, now=EXIT)
        assert Refund.objects.get().amount_fen == 5778
        free = leaves(stage.a_family(family.plan))
        actions.after_exit(agreement=free, by=None, now=EXIT)
        assert Refund.objects.count() == 1
