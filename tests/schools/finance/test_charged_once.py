"""Nobody is charged twice: not under another label, not by a second agreement, not below the application (S27, S36)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.care.models import RollEntry
from schools.finance import accounts, actions, charging, facts, gathering, ledger, promises, runs
from schools.finance.actions import charges
from schools.finance.ledger import Posting
from schools.finance.models import Account, Charge, ChargeRun, Refund, Transfer, TransferKind
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

OCTOBER = "2026-10"


@pytest.fixture
def school(north):
    stage.the_term("seed", collector="school")
    with in_school(north):
        yield north


@pytest.fixture
def them(school):
    return stage.people()


def charge(plan, them, period, **more):
    return actions.charge_period(plan=plan, period=period, by=them.clerk, now=NOON, **more)


def leaves(family, last):
    """As enrolment ends an agreement, with finance's hook."""
    family.state, family.ended_at, family.until_date = "ended", NOON, last
    family.save()
    family.application.state = "withdrawn"
    family.application.save()
    actions.after_exit(agreement=family, by=None, now=NOON)
    return family


def test_a_month_of_a_term_that_is_charged_is_refused(them):
    """417 families got October on top of the term."""
    plan = stage.monthly_plan()
    families = [stage.a_family(plan) for _ in range(2)]
    charge(plan, them, makers.TERM)
    with pytest.raises(charges.AlreadyCharged, match="2 户都已收过费"):
        charge(plan, them, OCTOBER)
    assert Account.objects.get(agreement=families[0]).balance_fen == 5 * 13000
    assert promises.broken_promise() is None


def test_a_term_of_which_a_month_is_charged_is_refused_with_what_stands(them):
    plan = stage.monthly_plan()
    stage.a_family(plan)
    charge(plan, them, OCTOBER)
    with pytest.raises(runs.PartlyCharged, match="已经按“2026-10”收过费"):
        charge(plan, them, makers.TERM)
    assert charge(plan, them, "2026-11").families == 1


def test_who_is_charged_is_left_out_and_who_joined_late_is_not(them):
    plan = stage.monthly_plan()
    stage.a_family(plan)
    charge(plan, them, makers.TERM)
    late = stage.a_family(plan, from_date=date(2026, 10, 12))
    shown = runs.draft(plan, OCTOBER)
    assert (len(shown.lines), shown.charged_before, shown.total) == (1, 1, 13000)
    assert (shown.more_families, shown.more_fen) == (0, 13000 - 65000)
    run = charge(plan, them, OCTOBER, shown=shown.digest)
    assert [row.agreement_id for row in run.charges.all()] == [late.pk]


def test_a_preview_that_moved_charges_nobody(them):
    plan = stage.monthly_plan()
    stage.a_family(plan)
    shown = runs.draft(plan, OCTOBER)
    stage.a_family(plan)
    with pytest.raises(charges.PreviewMoved):
        charge(plan, them, OCTOBER, shown=shown.digest)
    assert not Charge.objects.exists()


def test_the_database_itself_refuses_a_day_charged_twice(them):
    """Below the application: another label, another agreement of the child."""
    plan = stage.monthly_plan()
    family = stage.a_family(plan)
    charge(plan, them, makers.TERM)
    week = Period(date(2026, 10, 5), date(2026, 10, 9))
    with pytest.raises(IntegrityError, match="no_day_of_a_child_charged_twice"), transaction.atomic():
        Charge.objects.create(
            agreement=family, term_code=makers.TERM, period=OCTOBER, units=1, gross_fen=1, collector="school",
            first_date=week.first, last_date=week.last, covers=charging.covers(family.pupil_id, week), created_at=NOON,
        )  # fmt: skip


@pytest.mark.parametrize("period", [OCTOBER, "2026-13", "2026 10", "十月十月十月十"])
def test_verify_and_the_citys_fact_name_a_doubled_charge_that_was_planted(them, period):
    """A row that claims to cover nothing, with its transfer: chain, sums and balances are right, the child is not.

    A label that is no month stands for the whole term.
    """
    plan = stage.monthly_plan()
    family = stage.a_family(plan)
    charge(plan, them, makers.TERM)
    assert facts.of_term(makers.TERM)["children_charged_twice"] == 0
    planted = Charge.objects.create(
        agreement=family, term_code=makers.TERM, period=period, units=1, gross_fen=100, collector="school",
        created_at=NOON,
    )  # fmt: skip
    owed = Posting(
        TransferKind.CHARGE, f"charge:{planted.pk}", accounts.family(family.pk), accounts.FEES, Fen(100)
    )
    ledger.post(owed, term_code=makers.TERM, by=them.clerk, now=NOON)
    assert "stand for the same days of one child" in promises.broken_promise()
    assert facts.of_term(makers.TERM)["children_charged_twice"] == 1


# --- a run is taken back -----------------------------------------------------------------------------------------


def test_a_run_is_taken_back_as_a_whole_and_its_days_can_be_charged_again(them):
    plan = stage.monthly_plan()
    families = [stage.a_family(plan) for _ in range(3)]
    run = charge(plan, them, OCTOBER)
    actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=NOON)
    assert set(Account.objects.filter(agreement__isnull=False).values_list("balance_fen", flat=True)) == {0}
    assert gathering.fees(makers.TERM) == (0, 0)
    assert promises.broken_promise() is None
    with pytest.raises(charges.AlreadyTakenBack):
        actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=NOON)
    again = charge(plan, them, makers.TERM)
    assert again.families == len(families)
    assert promises.broken_promise() is None


def test_once_money_came_for_it_a_run_stays(them):
    plan = stage.monthly_plan()
    paid, _unpaid = stage.a_family(plan), stage.a_family(plan)
    run = charge(plan, them, OCTOBER)
    stage.pays(paid, 1)
    with pytest.raises(charges.MoneyCame, match="1 户"):
        actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=NOON)


def test_money_for_another_month_does_not_hold_a_run(them):
    """September is paid after October was charged: October can still be taken back."""
    plan = stage.monthly_plan()
    family = stage.a_family(plan)
    charge(plan, them, "2026-09")
    run = charge(plan, them, OCTOBER)
    stage.pays(family, 13000)
    actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=NOON)
    assert Account.objects.get(agreement=family).balance_fen == 0
    assert promises.broken_promise() is None


def test_a_run_needs_a_reason_to_be_taken_back_and_an_exit_that_was_computed_holds_it(them):
    """It left before the first lesson: the fee comes back. An exit that gives nothing holds nothing (test_runs_undone)."""
    plan = stage.monthly_plan()
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 14), 12)
    family = stage.a_family(plan, activity)
    run = charge(plan, them, "2026-09")
    with pytest.raises(charges.NoReason):
        actions.take_back(run=run, reason="  ", by=them.clerk, now=NOON)
    leaves(family, date(2026, 9, 10))
    assert family.charges.get().credited_fen > 0
    with pytest.raises(charges.MoneyCame):
        actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=NOON)
    assert ChargeRun.objects.get().taken_back_at is None
    assert not Transfer.objects.filter(kind="reversal").exists()


# --- the cap is the child's --------------------------------------------------------------------------------------


def a_second_agreement(family, first):
    return stage.a_family(
        family.plan, pupil=family.pupil, guardian=family.application.guardian, from_date=first
    )


def test_an_exit_and_a_second_application_stay_under_the_childs_cap(north):
    """Longling: at most 400.00 a term; 800.00 were charged."""
    stage.the_term("longling")
    with in_school(north):
        them = stage.people()
        plan = makers.a_plan(fee_fen=250)
        activity = makers.an_activity(plan)
        stage.sessions(activity, date(2026, 9, 7), 18, units=10)
        stage.sessions(activity, date(2026, 10, 12), 60, units=10)
        family = stage.a_family(plan, activity)
        charge(plan, them, makers.TERM)
        leaves(family, date(2026, 9, 30))
        credited = family.charges.get().credited_fen
        again = a_second_agreement(family, date(2026, 10, 12))
        makers.a_place(again, activity)
        charge(plan, them, makers.TERM)
        second = again.charges.get()
        assert second.gross_fen == credited
        assert 40000 - credited + second.gross_fen <= 40000
        assert promises.broken_promise() is None


def test_a_child_that_left_and_came_back_twice_pays_each_month_once(them):
    """Bad input: a family that left and came back twice."""
    plan = stage.monthly_plan()
    first = stage.a_family(plan)
    charge(plan, them, "2026-09")
    leaves(first, date(2026, 9, 4))
    second = a_second_agreement(first, date(2026, 9, 7))
    charge(plan, them, "2026-09")
    leaves(second, date(2026, 9, 11))
    third = a_second_agreement(first, date(2026, 9, 14))
    charge(plan, them, "2026-09")
    rows = [family.charges.get() for family in (first, second, third)]
    assert sum(row.gross_fen - row.credited_fen for row in rows) <= 13000
    assert promises.broken_promise() is None


def test_what_was_paid_ahead_is_no_absence(north):
    """Ezhou: one missed day is worth 3.36; four months paid ahead gave 213.36 back."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(7000)
        activity = makers.an_activity(plan)
        held = stage.sessions(activity, date(2026, 9, 7), 10, state="closed")
        family = stage.a_family(plan, activity)
        RollEntry.objects.create(session=held[0], agreement=family, pupil=family.pupil, state="absent")
        charge(plan, them, "2026-09")
        stage.pays(family, 4 * 7000)
        (found,) = actions.refund_absences(plan=plan, period="2026-09", by=them.clerk, now=stage.NEXT)
        assert (found.credit, found.refund.amount_fen) == (336, 336)
        family.refresh_from_db()
        family.state, family.ended_at, family.until_date = "ended", stage.NEXT, stage.NEXT.date()
        family.save()
        actions.after_exit(agreement=family, by=None, now=stage.NEXT + timedelta(hours=1))
        assert Refund.objects.get(cause="exit").amount_fen == 3 * 7000
        assert Fen(7000 - 336) == family.charges.get().gross_fen - family.charges.get().credited_fen
        assert promises.broken_promise() is None


def test_an_agreement_that_never_began_gives_everything_back_and_frees_its_days(them):
    """An exit before the first day: nothing was used."""
    plan = stage.monthly_plan()
    family = stage.a_family(plan)
    charge(plan, them, makers.TERM)
    stage.pays(family, 65000)
    family.state, family.ended_at = "void", NOON
    family.save()
    family.application.state = "withdrawn"
    family.application.save()
    actions.after_exit(agreement=family, by=None, now=NOON)
    assert Refund.objects.get(cause="exit").amount_fen == 65000
    again = a_second_agreement(family, date(2026, 9, 1))
    assert charge(plan, them, makers.TERM).charges.get().agreement_id == again.pk
    assert promises.broken_promise() is None
