"""Stage of the planning tests: rooms without the queries of schools.care, and no second factor."""

import pytest


@pytest.fixture(autouse=True)
def wired(settings):
    settings.PLAN_ROOMS = "tests.schools.planning.stage.rooms_in_use"
    settings.SECOND_FACTOR = "optional"
