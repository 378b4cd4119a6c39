"""A second agreement that was charged for what the first one left of its days: those lessons come back, no others (S27)."""

from datetime import date

import pytest

from schools.care.models import Session
from schools.finance import families, promises
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
