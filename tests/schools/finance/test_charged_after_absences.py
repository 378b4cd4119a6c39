"""Absences are calculated for whom their period was charged: a charge after it waits again, a run takes them with it."""

from datetime import date, timedelta

import pytest

from schools.care.models import RollEntry
from schools.finance import absences, actions, promises, queries
from schools.finance.actions import charges, run_holders
from schools.finance.actions.settlement import TermNotOver
from schools.finance.models import Calculation
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_refunds import cancels

MONTHS = {"kind": "continuous_months", "month": "calendar", "half_month_returns_half": False}
FULL = {**MONTHS, "half_month_returns_half": True}
SEPTEMBER = "2026-09"


def away(family, lessons):
    for lesson in lessons:
        RollEntry.objects.create(session=lesson, agreement=family, pupil=family.pupil, state="absent")


def calculates(plan, them, period=SEPTEMBER, now=stage.OVER):
    found = actions.refund_absences(plan=plan, period=period, by=them.clerk, now=now)
    return {each.calculation.agreement_id: each.credit for each in found}


def owed(family):
    return queries.owed_by(queries.agreement(family.pk))


@pytest.mark.parametrize("first", ["absences", "charge"])
@pytest.mark.parametrize(
    ("profile", "refund", "due"),
    [("haikou", None, 6600), ("national-2024", MONTHS, 0), ("wuhan", FULL, 4444)],
)
def test_who_is_charged_after_the_absences_of_its_period_gets_the_same(north, first, profile, refund, due):
    """Haikou: away over a month, 240.00 less 174.00; a calendar month wholly missed; half of a month cancelled."""
    stage.the_term(profile, **({"refund": refund} if refund else {}))
    with in_school(north):
        them = stage.people()
        hourly = profile == "haikou"
        label = makers.TERM if hourly else SEPTEMBER
        unit, fee = ("class_hour", 300) if hourly else ("month", 10000 if due else 6500)
        plan = makers.a_plan(fee_unit=unit, fee_fen=fee, last_date=date(2026, 12, 31))
        activity = makers.an_activity(plan)
        held = stage.sessions(activity, date(2026, 9, 7), 40 if hourly else 18, state="closed")
        if due == 4444:
            cancels(*held[5:15])
        early = stage.a_family(plan, activity, school_signed_by=them.principal)
        now = stage.OVER - timedelta(days=5)
        actions.charge_period(plan=plan, period=label, by=them.clerk, now=NOON)
        late = stage.a_family(plan, activity, school_signed_by=them.principal)
        if due != 4444:
            away(late, [each for each in held if each.date <= date(2026, 10, 20)])
        if first == "absences":
            assert late.pk not in calculates(plan, them, label, now)
        actions.charge_period(plan=plan, period=label, by=them.clerk, now=now)
        waits = due != 4444  # the settlement looks at cancelled lessons by itself
        assert absences.periods_waiting(makers.TERM) == ([label] if waits else [])
        if waits:
            with pytest.raises(TermNotOver):
                actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=stage.OVER)
        assert (early.pk in calculates(plan, them, label, now)) == (first == "charge")
        assert owed(late) == due
        assert absences.periods_waiting(makers.TERM) == []
        assert calculates(plan, them, label, now) == {}
        assert promises.broken_promise() is None


def test_a_wrong_run_is_taken_back_whatever_other_months_gave(north):
    """Ezhou: December was charged by mistake, then September's day away was calculated."""
    stage.the_term("ezhou")
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(7000)
        activity = makers.an_activity(plan)
        held = stage.sessions(activity, date(2026, 9, 7), 10, state="closed")
        family = stage.a_family(plan, activity)
        away(family, held[:1])
        actions.charge_period(plan=plan, period=SEPTEMBER, by=them.clerk, now=NOON)
        wrong = actions.charge_period(plan=plan, period="2026-12", by=them.clerk, now=NOON)
        assert calculates(plan, them, now=stage.NEXT) == {family.pk: 336}
        stage.pays(family, 6664, at=stage.NEXT)
        assert run_holders.holders(wrong).count == 0
        actions.take_back(run=wrong, reason="月份选错了", by=them.clerk, now=stage.NEXT)
        assert owed(family) == 0
        assert promises.broken_promise() is None


@pytest.mark.parametrize("paid_ahead", [0, 7000])
@pytest.mark.parametrize(("refund", "gone"), [(None, 336), (MONTHS, 0)])
def test_what_was_calculated_for_a_run_is_undone_with_it_and_calculated_again(
    north, refund, gone, paid_ahead
):
    """One of ten days away, 3.36 of 70.00; under calendar months nothing. Charged again, it waits and gives it again."""
    stage.the_term("ezhou", **({"refund": refund} if refund else {}))
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(7000)
        activity = makers.an_activity(plan)
        held = stage.sessions(activity, date(2026, 9, 7), 10, state="closed")
        family = stage.a_family(plan, activity)
        away(family, held[:1])
        if paid_ahead:
            stage.pays(family, paid_ahead, at=NOON - timedelta(days=1))
        run = actions.charge_period(plan=plan, period=SEPTEMBER, by=them.clerk, now=NOON)
        assert calculates(plan, them, now=stage.NEXT) == {family.pk: gone}
        before = owed(family)
        actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=stage.NEXT)
        assert promises.broken_promise() is None
        assert list(Calculation.objects.values_list("undone_at", flat=True)) == [stage.NEXT]
        assert absences.periods_waiting(makers.TERM) == []
        actions.charge_period(plan=plan, period=SEPTEMBER, by=them.clerk, now=stage.NEXT)
        assert absences.periods_waiting(makers.TERM) == ([SEPTEMBER] if gone else [])
        assert calculates(plan, them, now=stage.NEXT) == {family.pk: gone}
        assert owed(family) == before
        assert calculates(plan, them, now=stage.NEXT) == {}
        assert promises.broken_promise() is None


def test_an_absence_over_two_bills_holds_both_of_their_runs(north):
    """Away from 21 September to 26 October, by the month: October's calculation gives of September's bill as well."""
    stage.the_term("national-2024", refund={**FULL, "month": "any_day"})
    with in_school(north):
        them = stage.people()
        plan = makers.a_plan(fee_unit="class_hour", fee_fen=300)
        activity = makers.an_activity(plan)
        held = stage.sessions(activity, date(2026, 9, 7), 40, state="closed")
        family = stage.a_family(plan, activity)
        runs = [
            actions.charge_period(plan=plan, period=label, by=them.clerk, now=NOON)
            for label in (SEPTEMBER, "2026-10")
        ]
        away(family, [each for each in held if date(2026, 9, 21) <= each.date < date(2026, 10, 1)])
        before = calculates(plan, them, now=stage.NEXT)
        away(family, [each for each in held if date(2026, 10, 1) <= each.date <= date(2026, 10, 26)])
        calculates(plan, them, "2026-10")
        assert family.charges.get(period=SEPTEMBER).credited_fen > before[family.pk]
        for run in runs:
            with pytest.raises(charges.MoneyCame, match="缺勤或退出退费 1 户"):
                actions.take_back(run=run, reason="月份选错了", by=them.clerk, now=stage.OVER)
