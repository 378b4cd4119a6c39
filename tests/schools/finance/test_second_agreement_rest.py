"""A second agreement that was charged for what the first one left of its days: those lessons come back, no others (S27)."""

from datetime import date

import pytest

from schools.care.models import Session
from schools.finance import ending, families, promises, rules, uncharged
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected_beside import a_class, at, charges, joins_again, leaves, owes

DECEMBER = date(2026, 12, 1)


@pytest.fixture
def second(north):
    """No rule, by the class hour: the first one left on 9 October and keeps October; the second is charged from November."""
    stage.the_term("national-2024")
    with in_school(north):
        them = stage.people()
        plan, activity = a_class("class_hour", 100)
        first = stage.a_family(plan, activity, school_signed_by=them.principal)
        charges(plan, makers.TERM, them)
        leaves(first, date(2026, 10, 9))
        found = joins_again(first, activity, date(2026, 10, 12))
        charges(plan, makers.TERM, them, at(10, 12))
        assert found.charges.get().first_date == date(2026, 11, 1)
        yield found


def hours_from(day):
    return 2 * Session.objects.filter(date__gte=day).count()


def test_its_exit_gives_back_the_months_that_were_charged(second):
    """December and January at their whole price; they had been thinned by October, which it was not charged for."""
    before = owes(second)
    assert before == 100 * hours_from(date(2026, 11, 1))
    leaves(second, date(2026, 11, 30), at(11, 30))
    assert before - owes(second) == 100 * hours_from(DECEMBER)
    assert promises.broken_promise() is None


def test_lessons_of_it_that_are_cancelled_come_off(second):
    """Those of October, which the first one paid for, stood in for them."""
    Session.objects.filter(date__gte=DECEMBER).update(state="cancelled", closed_at=None, cancel_reason="台风")
    assert families.to_come(second.plan)[second.pk] == 100 * hours_from(DECEMBER)


def test_another_activity_on_days_that_the_first_agreement_has_paid_for_is_said(north):
    """No day of a child is charged twice: the days stay paid for, and whoever settles reads what was held for nothing."""
    stage.the_term("national-2024")
    with in_school(north):
        them = stage.people()
        plan = makers.a_plan(fee_unit="class_hour", fee_fen=280)
        reading = makers.an_activity(plan, title="阅读")
        football = makers.an_activity(plan, title="足球", weekday=2)
        for activity in (reading, football):
            stage.sessions(activity, date(2026, 10, 1), 20, state="closed")
        first = stage.a_family(plan, reading, school_signed_by=them.principal)
        charges(plan, "2026-10", them, at(9, 28))
        leaves(first, date(2026, 10, 9), at(10, 9))
        second = stage.a_family(
            plan, reading, pupil=first.pupil, guardian=first.application.guardian,
            school_signed_by=them.principal, from_date=date(2026, 10, 14),
        )  # fmt: skip
        end = date(2026, 10, 31)
        assert uncharged.of_plan(plan, end) == (0, 0, 0)
        makers.a_place(second, football, placed_from=date(2026, 10, 14), placed_at=at(10, 13))
        held = football.sessions.filter(date__range=("2026-10-14", "2026-10-31")).count()
        assert uncharged.of_plan(plan, end) == (1, held, 2 * held)
        (said,) = ending.said_before(rules.term(makers.TERM), date(2027, 1, 23))
        assert f"1 户已经上过的 {held} 天、{2 * held} 课时没有收费" in said
