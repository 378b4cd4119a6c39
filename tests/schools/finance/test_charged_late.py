"""Who left, whose school stopped, or who came back is charged for its days, once (S27, S36)."""

from datetime import date, timedelta

import pytest

from schools.finance import actions, promises, runs
from schools.finance.actions import charges
from schools.finance.models import Calculation, Charge
from schools.planning.models import FeeUnit
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_charged_once import a_second_agreement, charge, leaves

MONTHS = ("2026-09", "2026-10", "2026-11", "2026-12", "2027-01")
SEPTEMBER, OCTOBER, *_later = MONTHS
LATER = NOON + timedelta(days=30)


@pytest.fixture
def them(north):
    stage.the_term(refund={"kind": "none"})
    with in_school(north):
        yield stage.people()


def charged_later(plan, them, period):
    return actions.charge_period(plan=plan, period=period, by=them.clerk, now=LATER)


# --- left before the run -----------------------------------------------------------------------------------------


def test_who_left_before_the_run_is_charged_for_the_days_until_the_last(them):
    plan = stage.monthly_plan(10000)
    family = leaves(stage.a_family(plan), date(2026, 9, 29))
    assert [line.agreement.pk for line in runs.draft(plan, SEPTEMBER, only=[family.pk]).lines] == [family.pk]
    run = charged_later(plan, them, SEPTEMBER)
    row = run.charges.get()
    assert (row.gross_fen, row.last_date) == (10000, date(2026, 9, 29))
    with pytest.raises(runs.NoAgreement):
        runs.draft(plan, OCTOBER, only=[family.pk])
    assert promises.broken_promise() is None


def test_a_term_charged_after_the_exit_has_only_the_months_until_it(them):
    plan = stage.monthly_plan(10000)
    leaves(stage.a_family(plan), date(2026, 10, 12))
    assert charged_later(plan, them, makers.TERM).total_fen == 20000


def test_an_agreement_that_never_began_owes_nothing(them):
    plan = stage.monthly_plan(10000)
    family = stage.a_family(plan)
    family.state, family.ended_at = "void", NOON
    family.save()
    assert runs.draft(plan, SEPTEMBER).lines == []


@pytest.mark.parametrize("profile", ["ezhou", "wuzhou", "wuhan", "national-2024"])
def test_charged_before_the_exit_or_after_it_a_month_costs_the_same(north, profile):
    """The rule for leavers gives back at once, also where the exit was looked at before."""
    stage.the_term(profile)
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(7000)
        activity = makers.an_activity(plan)
        stage.sessions(activity, date(2026, 9, 1), 40, state="closed")
        before, after = stage.a_family(plan, activity), stage.a_family(plan, activity)
        for month in (SEPTEMBER, OCTOBER):
            charge(plan, them, month, agreements=[before.pk])
        charge(plan, them, SEPTEMBER, agreements=[after.pk])
        for family in (before, after):
            leaves(family, date(2026, 10, 9))
        charged_later(plan, them, OCTOBER)
        paid = [sum(c.gross_fen - c.credited_fen for c in family.charges.all()) for family in (before, after)]
        assert paid[0] == paid[1]
        assert Calculation.objects.filter(agreement=after).count() == 2
        assert promises.broken_promise() is None


def test_hours_charged_after_the_exit_are_those_until_it_and_nothing_of_them_goes_back(north):
    stage.the_term(refund={"kind": "class_hours"})
    with in_school(north):
        them = stage.people()
        plan = makers.a_plan(fee_fen=300)
        activity = makers.an_activity(plan)
        held = stage.sessions(activity, date(2026, 9, 7), 20, units=2)
        family = leaves(stage.a_family(plan, activity), held[4].date)
        charged_later(plan, them, makers.TERM)
        row = family.charges.get()
        assert (row.units, row.gross_fen, row.credited_fen) == (10, 3000, 0)


# --- the service ended early -------------------------------------------------------------------------------------


def test_after_an_early_end_what_was_held_can_be_charged_and_no_later_month(them):
    plan = stage.monthly_plan(10000)
    family = stage.a_family(plan)
    actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=NOON.replace(day=18))
    plan.refresh_from_db()
    assert charged_later(plan, them, SEPTEMBER).charges.get().agreement_id == family.pk
    with pytest.raises(runs.ServiceOver, match="提前结束"):
        runs.draft(plan, OCTOBER)


def test_a_plan_that_was_never_published_charges_nothing(them):
    plan = stage.monthly_plan(10000, state="accepted")
    with pytest.raises(runs.NoFeeNotice):
        runs.draft(plan, SEPTEMBER)


# --- came back ---------------------------------------------------------------------------------------------------


def test_a_return_on_the_last_day_stops_nobody(them):
    plan = stage.monthly_plan(10000)
    family = stage.a_family(plan)
    charge(plan, them, SEPTEMBER)
    leaves(family, date(2026, 9, 10))
    again = a_second_agreement(family, date(2026, 9, 10))
    late = stage.a_family(plan, from_date=date(2026, 9, 14))
    run = charge(plan, them, SEPTEMBER)
    first_days = dict(run.charges.values_list("agreement_id", "first_date"))
    assert first_days == {again.pk: date(2026, 9, 11), late.pk: date(2026, 9, 14)}
    assert promises.broken_promise() is None


def test_a_day_that_two_agreements_share_is_not_named_as_charged_twice(north):
    stage.the_term(refund={"kind": "month_divided", "divisor": "20.83"})
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(10000)
        activity = makers.an_activity(plan)
        stage.sessions(activity, date(2026, 9, 1), 20)
        family = stage.a_family(plan, activity)
        charge(plan, them, SEPTEMBER)
        leaves(family, date(2026, 9, 10))
        a_second_agreement(family, date(2026, 9, 10))
        assert charge(plan, them, SEPTEMBER).total_fen > 0
        assert promises.broken_promise() is None


def test_two_agreements_of_a_child_in_one_run_share_no_day_and_no_fee(them):
    plan = stage.monthly_plan(10000)
    family = leaves(stage.a_family(plan), date(2026, 9, 10))
    a_second_agreement(family, date(2026, 9, 10))
    run = charged_later(plan, them, SEPTEMBER)
    assert (run.families, run.total_fen) == (2, 10000)
    assert promises.broken_promise() is None


def test_what_was_paid_for_later_months_counts_when_the_child_comes_back(them):
    """900.00 of 500.00 were charged."""
    plan = stage.monthly_plan(10000)
    family = stage.a_family(plan)
    charge(plan, them, makers.TERM)
    leaves(family, date(2026, 9, 10))
    a_second_agreement(family, date(2026, 9, 21))
    for month in MONTHS:
        charge(plan, them, month)
    rows = Charge.objects.filter(agreement__pupil=family.pupil)
    assert sum(row.gross_fen - row.credited_fen for row in rows) == 50000
    assert promises.broken_promise() is None


def test_who_was_charged_for_no_hour_does_not_stop_the_settlement(them):
    """A child that came after the last lesson: the whole school's settlement broke on its bill of no hours (S37)."""
    plan = makers.a_plan()
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 7), 2, state="closed")
    family, late = stage.a_family(plan, activity), stage.a_family(plan, activity, from_date=date(2026, 12, 1))
    run = charge(plan, them, makers.TERM)
    assert dict(run.charges.values_list("agreement", "units")) == {family.pk: 4, late.pk: 0}
    stage.pays(family, 1500)
    stage.closes_the_term(them)
    made = actions.preview_settlement(term_code=makers.TERM, by=them.clerk, now=stage.OVER)
    assert dict(made.shares.values_list("agreement", "amount_fen")) == {family.pk: 1500}


def test_lessons_that_the_exit_gave_nothing_back_for_are_not_charged_again(them):
    """Left on the 27th, back on the 28th: 30 November was paid for already (S27)."""
    plan = stage.monthly_plan(280, fee_unit=FeeUnit.CLASS_HOUR)
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 11, 2), 29)
    family = stage.a_family(plan, activity)
    charge(plan, them, "2026-11")
    charge(plan, them, "2026-12")
    leaves(family, date(2026, 11, 27))
    kept = dict(family.charges.values_list("period", "last_date"))
    assert kept["2026-11"] == date(2026, 11, 30)
    again = a_second_agreement(family, date(2026, 11, 28))
    makers.a_place(again, activity)
    with pytest.raises(charges.AlreadyCharged):
        charge(plan, them, "2026-11")
    charge(plan, them, "2026-12")
    assert again.charges.get().first_date == date(2026, 12, 1)
    assert promises.broken_promise() is None
