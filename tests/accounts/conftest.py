"""Stage of the account tests: fresh limits for every test."""

import pytest
from django.core.cache import cache


@pytest.fixture(autouse=True)
def fresh_limits():
    """Rate limits live in Redis, outside the test's transaction."""
    cache.clear()
    yield
    cache.clear()
