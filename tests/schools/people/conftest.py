"""Stage of the people tests: sample rosters, and staff who need no second factor."""

import pytest

from infra.samples import rosters


@pytest.fixture(autouse=True)
def one_factor(settings):
    """These tests are about people, not about login."""
    settings.SECOND_FACTOR = "optional"


@pytest.fixture(scope="session")
def samples(tmp_path_factory):
    """good.xlsx, bad.xlsx and big.xlsx."""
    folder = tmp_path_factory.mktemp("rosters")
    assert rosters.main([str(folder)]) == 0
    return folder
