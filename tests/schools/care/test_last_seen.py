"""A child that the roll still has there has not left before (S24, S36)."""

from datetime import timedelta

import pytest

from schools.care.models import RollEntry
from schools.people import pupil_actions, refusals
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

TODAY = NOON.date()
DAYS_AGO = (TODAY - timedelta(days=20), TODAY - timedelta(days=6))


@pytest.fixture
def child(north):
    stage.the_term()
    with in_school(north):
        activity = makers.an_activity(stage.monthly_plan())
        yield stage.a_family(activity.plan, activity, pupil=makers.a_pupil(joined_date=DAYS_AGO[0])), activity


def was(child, day, state):
    agreement, activity = child
    held = makers.a_session(activity, day=day, state="closed", closed_at=NOON)
    times = {"present": {"arrived_at": NOON}, "left": {"arrived_at": NOON, "left_at": NOON}}.get(state, {})
    RollEntry.objects.create(session=held, agreement=agreement, pupil=agreement.pupil, state=state, **times)


def leaves(child, day):
    pupil_actions.leave(pupil=child[0].pupil, on=day, by=makers.a_user("clerk"), now=NOON)


@pytest.mark.parametrize("state", ["present", "left"])
def test_nobody_leaves_before_a_day_on_which_the_roll_has_it(child, state):
    was(child, DAYS_AGO[1], state)
    with pytest.raises(refusals.SeenLater, match=f"{DAYS_AGO[1]}"):
        leaves(child, DAYS_AGO[1] - timedelta(days=1))
    child[0].pupil.refresh_from_db()
    assert child[0].pupil.left_date is None
    leaves(child, DAYS_AGO[1])


@pytest.mark.parametrize("state", ["absent", "excused"])
def test_a_day_on_which_it_was_away_stops_nobody(child, state):
    was(child, DAYS_AGO[1], state)
    leaves(child, DAYS_AGO[1] - timedelta(days=1))
    child[0].pupil.refresh_from_db()
    assert child[0].pupil.left_date == DAYS_AGO[1] - timedelta(days=1)
