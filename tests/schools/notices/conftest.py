"""Stage of the notices' tests: staff who need no second factor."""

import pytest


@pytest.fixture(autouse=True)
def one_factor(settings):
    """These tests are about notices, not about login."""
    settings.SECOND_FACTOR = "optional"
