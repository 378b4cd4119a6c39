"""A place that comes when the day's lesson has begun is of tomorrow: also on a make-up day, and where the roll was called early."""

from datetime import UTC, date, datetime

import pytest

from schools.care.models import Session
from schools.enrolment.models import ChosenActivity
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_supplements_charged import Month


@pytest.fixture
def on(north):
    stage.the_term("national-2024", caps=[])
    with in_school(north):
        yield Month(north)


def given():
    return ChosenActivity.objects.get(supplement__isnull=False).placed_from


def test_a_make_up_saturday_runs_tuesdays_timetable(on):
    """10 October 2026 is a Saturday on which the country works; the city lets it run Tuesday's timetable. The lesson is from
    16:00; the place is given at half past five."""
    makers.a_session(on.football, day=date(2026, 10, 10), state="closed", closed_at=on.now)
    on.charge()
    on.now = datetime(2026, 10, 10, 9, 30, tzinfo=UTC)
    on.gets()
    assert given() > date(2026, 10, 10)
    assert on.charge().total_fen == 3 * 2 * 300  # the 13th, 20th and 27th


def test_a_roll_that_was_called_before_the_hour_knows_nobody_who_came_since(on):
    """The teacher opens the lesson of 16:00 at 15:50; the place is given at 15:55: the child stands on no roll that day."""
    Session.objects.filter(activity=on.football, date=date(2026, 10, 13)).update(
        state="open", closed_at=None, opened_at=datetime(2026, 10, 13, 7, 50, tzinfo=UTC)
    )
    on.charge()
    on.now = datetime(2026, 10, 13, 7, 55, tzinfo=UTC)
    on.gets()
    assert given() > date(2026, 10, 13)
