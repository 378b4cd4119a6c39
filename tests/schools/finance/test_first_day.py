"""A place that comes when the day's lesson has begun is of tomorrow, also on a make-up day or once its roll is called."""

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest

from afterbell.kernel.errors import Refused
from schools.care.models import Session
from schools.enrolment.models import ChosenActivity
from schools.finance import actions, gathering
from tenants.context import in_school
from tests import makers
from tests.schools.enrolment import stage as enrolling
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


def test_on_the_last_evening_nobody_joins_for_a_lesson_that_has_begun(north):
    """130.00 a month; the plan's last lesson is at 16:00 on 22 January, the second yes comes at half past five."""
    stage.the_term("national-2024", caps=[])
    with in_school(north):
        them = stage.people()
        plan = stage.monthly_plan(13000)
        activity = makers.an_activity(plan, weekday=5)
        makers.a_session(
            activity, day=makers.LAST, state="closed", closed_at=datetime(2027, 1, 22, 9, 20, tzinfo=UTC)
        )
        family, evening = enrolling.a_family(), datetime(2027, 1, 22, 9, 30, tzinfo=UTC)
        row = enrolling.applied(north, family, activity, at=evening)
        with suppress(Refused):
            enrolling.approved(row, (them.principal, them.chair), at=evening)
        with suppress(Refused):
            actions.charge_period(plan=plan, period="2027-01", by=them.clerk, now=evening)
        assert sum(standing.due for standing in gathering.standings(makers.TERM).values()) == 0
