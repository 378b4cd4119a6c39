"""Stage of the committee tests: as in planning, whose plans are voted on here."""

import pytest


@pytest.fixture(autouse=True)
def wired(settings):
    settings.PLAN_ROOMS = "tests.schools.planning.stage.rooms_in_use"
    settings.SECOND_FACTOR = "optional"
