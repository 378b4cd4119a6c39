"""A place that came while the fee had been charged: each fee is for the places of its day (S13, S36, S37)."""

from datetime import date, timedelta

import pytest

from schools.finance import actions, families, gathering, promises, refunding, rules, runs
from schools.finance.timetable import timetable
from schools.planning.models import FeeUnit
from tenants.context import in_school
from tenants.policies.documents import SettlementKey
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_charged_once import charge, leaves
from tests.schools.finance.test_refunds import cancels

LATER = NOON + timedelta(hours=1)
OCTOBER_12 = date(2026, 10, 12)


@pytest.fixture
def them(north):
    stage.the_term("haikou", refund={"kind": "class_hours"})
    with in_school(north):
        yield stage.people()


@pytest.fixture
def hourly(them):
    """3.00 an hour: ten lessons of two hours in October, and as many in September, for which the family waits."""
    plan = makers.a_plan(fee_fen=300)
    early, late = makers.an_activity(plan, title="足球"), makers.an_activity(plan, title="阅读", weekday=2)
    stage.sessions(early, date(2026, 9, 7), 10, state="closed")
    lessons = stage.sessions(late, OCTOBER_12, 10, state="closed")
    return plan, early, lessons, stage.a_family(plan, late)


def test_a_place_that_comes_after_the_charge_is_not_in_its_hours(them, hourly):
    """20 hours charged 60.00. Who leaves before the first of them gets all of it back, whatever football it had."""
    plan, early, _lessons, family = hourly
    charge(plan, them, makers.TERM)
    makers.a_place(family, early, placed_from=date(2026, 9, 8), placed_at=LATER)
    assert family.charges.get().gross_fen == 6000
    reckoned = refunding.case_of(leaves(family, date(2026, 10, 9)))
    assert reckoned.case.returned(left_on=date(2026, 10, 9)).fen == 6000
    assert promises.broken_promise() is None


def test_a_charged_lesson_that_was_cancelled_comes_back_beside_a_later_place(them, hourly):
    """18 of the 20 hours were held: 54.00; the hours of the later place stand for none of them."""
    plan, early, lessons, family = hourly
    charge(plan, them, makers.TERM)
    makers.a_place(family, early, placed_from=date(2026, 9, 8), placed_at=LATER)
    cancels(lessons[0])
    standings = gathering.standings(makers.TERM)
    (end,) = families.ends(rules.term(makers.TERM), SettlementKey.PAID, stage.OVER.date(), standings)
    assert end.credit == 600
    (found,) = actions.refund_absences(plan=plan, period=makers.TERM, by=them.treasurer, now=stage.OVER)
    assert found.credit == 600


def test_the_next_charge_has_the_place_from_its_first_day_on(north):
    """By the month and the class hour: what came in between is charged from the month after, by its own days."""
    stage.the_term()
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(280, fee_unit=FeeUnit.CLASS_HOUR)
        reading, football = makers.an_activity(plan), makers.an_activity(plan, weekday=2)
        for activity in (reading, football):
            stage.sessions(activity, date(2026, 10, 5), 10)
        family = stage.a_family(plan, reading)
        makers.a_place(family, football, placed_from=OCTOBER_12, placed_at=NOON)
        assert [line.units for line in runs.draft(plan, "2026-10").lines] == [30]
        slots = timetable(plan).of(family, rules.billing("2026-10", rules.term(makers.TERM)).days)
        assert len(slots) == 15
        charge(plan, them, "2026-10")
        assert family.charges.get().gross_fen == 30 * 280


@pytest.mark.parametrize("unit", [FeeUnit.MONTH, FeeUnit.TERM])
def test_by_the_month_and_by_the_term_a_part_costs_the_same(north, unit):
    """The fee is for taking part, whatever number of activities the family has."""
    stage.the_term()
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(13000, fee_unit=unit)
        reading, football = makers.an_activity(plan), makers.an_activity(plan, weekday=2)
        whole, part = stage.a_family(plan, reading, football), stage.a_family(plan, reading)
        makers.a_place(part, football, holds_place=False, placed_from=None, placed_at=None)
        charge(plan, them, makers.TERM if unit == FeeUnit.TERM else "2026-09")
        assert whole.charges.get().gross_fen == part.charges.get().gross_fen
