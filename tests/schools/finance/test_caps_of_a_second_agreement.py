"""The cap is the child's: what comes off its first agreement leaves room for its second one, whenever it comes off (S27)."""

from datetime import date

import pytest

from schools.care.models import Session
from schools.finance import actions, families, promises
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_exit_corrected_beside import a_class, at, charges, joins_again, leaves, owes

CAP = 9000
END = date(2026, 11, 20)


@pytest.fixture
def twice(north):
    """By the class hour under a cap of the term: the child left on 9 October and came back on the 12th."""
    stage.the_term("national-2024", caps=[{"per": "term", "fen": CAP, "meaning": "most"}])
    with in_school(north):
        them = stage.people()
        plan, activity = a_class("class_hour", 100)
        first = stage.a_family(plan, activity, school_signed_by=them.principal)
        charges(plan, makers.TERM, them)
        leaves(first, date(2026, 10, 9))
        yield them, plan, first, joins_again(first, activity, date(2026, 10, 12))


def storm(last):
    """Fourteen days of September, while the first agreement ran; the next ones stay as they were."""
    gone = Session.objects.filter(date__lte=last)
    gone.update(state="cancelled", closed_at=None, cancel_reason="台风")


def test_lessons_of_the_first_one_that_are_cancelled_leave_the_second_one_room(twice):
    """88.00 of the cap of 90.00 were the first one's; 28.00 of it come off. The second one has 100 hours from November."""
    them, plan, first, second = twice
    assert owes(first) == 8800
    storm(date(2026, 9, 20))
    charges(plan, makers.TERM, them, at(11, 21))
    assert families.to_come(plan) == {first.pk: 2800}
    assert second.charges.get().gross_fen == 200 + 2800
    assert promises.broken_promise() is None


def test_after_an_early_end_the_child_pays_for_all_that_was_held_up_to_its_cap(twice):
    """90 hours: 60 of the first one's and 30 of the second one's, 90.00."""
    them, plan, first, second = twice
    storm(date(2026, 9, 20))
    Session.objects.filter(date__gt=END).update(state="planned", closed_at=None)
    actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=at(11, 20))
    plan.refresh_from_db()
    charges(plan, makers.TERM, them, at(11, 21))
    assert 2 * Session.objects.filter(state="closed").count() == 90
    assert second.charges.get().gross_fen == 3000
    assert owes(first, second) == CAP
    assert promises.broken_promise() is None
