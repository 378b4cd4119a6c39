"""A service that ended early leaves the days after it free: the next plan charges them, and no day twice (S27, S36)."""

from datetime import date, timedelta

import pytest

from schools.finance import actions, doubled, promises, queries, rules, uncharged
from schools.finance.models import Charge
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

SEPTEMBER, OCTOBER = "2026-09", "2026-10"
END = date(2026, 9, 18)
EARLY = NOON.replace(day=18)
AFTER = EARLY + timedelta(days=20)


@pytest.fixture
def them(north):
    stage.the_term()
    with in_school(north):
        yield stage.people()


def a_plan_with(lessons, **more):
    """Lessons of two class hours: (first day, number, state)."""
    plan = makers.a_plan(**more)
    activity = makers.an_activity(plan)
    for first, count, state in lessons:
        stage.sessions(activity, first, count, state=state)
    return plan, activity


def stops(plan, them):
    actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=EARLY)
    plan.refresh_from_db()


def goes_on(family, them, lessons, **more):
    """The same child under the next plan, charged for the term."""
    new, activity = a_plan_with(lessons, first_date=date(2026, 9, 21), name="第二份方案", version=2, **more)
    again = stage.a_family(new, activity, pupil=family.pupil, school_signed_by=them.principal)
    return new, again


def charges(plan, them, period=makers.TERM, now=AFTER):
    actions.charge_period(plan=plan, period=period, by=them.clerk, now=now)


def no_day_is_doubled():
    assert doubled.charges(rules.term(makers.TERM)) == []
    assert promises.broken_promise() is None


LATER = (date(2026, 10, 12), date(2026, 11, 9), date(2026, 12, 7), date(2027, 1, 11))
OLD = [(date(2026, 9, 7), 2, "closed"), *((day, 1, "planned") for day in LATER)]


def test_by_the_class_hour_the_next_plan_charges_its_own_lessons(them):
    """12 hours charged and 4 held; the next plan has 8."""
    plan, activity = a_plan_with(OLD, fee_unit="class_hour", fee_fen=280)
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    charges(plan, them, now=NOON)
    stops(plan, them)
    row = family.charges.get()
    assert (row.gross_fen, row.last_date) == (3360, END)
    new, again = goes_on(
        family, them, [(date(2026, 10, 12), 4, "planned")], fee_unit="class_hour", fee_fen=280
    )
    charges(new, them)
    assert again.charges.get().gross_fen == 2240
    assert [queries.owed_by(queries.agreement(each.pk)) for each in (family, again)] == [1120, 2240]
    no_day_is_doubled()


def test_a_month_charged_ahead_and_never_begun_is_charged_by_the_next_plan(them):
    plan, activity = a_plan_with(OLD, fee_unit="month", fee_fen=10000)
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    for month in (SEPTEMBER, OCTOBER):
        charges(plan, them, month, now=NOON)
    stops(plan, them)
    assert family.charges.get(period=OCTOBER).covers.isempty
    new, again = goes_on(family, them, [(date(2026, 10, 12), 4, "closed")], fee_unit="month", fee_fen=10000)
    assert uncharged.of_plan(new, date(2026, 10, 31)).days == 4
    charges(new, them, OCTOBER)
    assert again.charges.get().gross_fen == 10000
    assert [queries.owed_by(queries.agreement(each.pk)) for each in (family, again)] == [10000, 10000]
    no_day_is_doubled()


def test_of_a_fee_for_the_term_the_next_plan_charges_what_the_end_took_off(them):
    """60.00 for 2 held and 4 cancelled lessons: 20.00 stay, so 40.00 of the same fee are left."""
    plan, activity = a_plan_with(OLD, fee_unit="term", fee_fen=6000)
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    charges(plan, them, now=NOON)
    stops(plan, them)
    new, again = goes_on(family, them, [(date(2026, 10, 12), 4, "planned")], fee_unit="term", fee_fen=6000)
    charges(new, them)
    assert again.charges.get().gross_fen == 4000
    assert queries.owed_by(queries.agreement(family.pk)) == 2000
    no_day_is_doubled()


def test_what_is_charged_after_the_end_stands_for_days_up_to_it(them):
    """And who came to the ended plan later is charged beside those who were."""
    plan, activity = a_plan_with(OLD, fee_unit="month", fee_fen=10000)
    family = stage.a_family(plan, activity, school_signed_by=them.principal)
    stops(plan, them)
    charges(plan, them, SEPTEMBER)
    other = stage.a_family(plan, activity, school_signed_by=them.principal)
    stage.a_family(plan, activity, school_signed_by=them.principal, from_date=date(2026, 9, 25))
    charges(plan, them, SEPTEMBER)
    assert {row.agreement_id for row in Charge.objects.all()} == {family.pk, other.pk}
    assert {row.last_date for row in Charge.objects.all()} == {END}
    new, again = goes_on(family, them, [(date(2026, 9, 21), 4, "planned")], fee_unit="month", fee_fen=12000)
    charges(new, them, SEPTEMBER)
    assert again.charges.get().first_date == date(2026, 9, 21)
    no_day_is_doubled()
