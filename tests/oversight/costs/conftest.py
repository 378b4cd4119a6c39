"""Stage of the cost tests: people log in without a second factor; two schools of one district report, one is silent."""

import pytest
from django.core.cache import cache

from tests import makers
from tests.oversight import makers as facts


@pytest.fixture(autouse=True)
def one_password_is_enough(settings):
    settings.SECOND_FACTOR = "optional"


@pytest.fixture
def fresh_limits():
    """Rate limits live in Redis, outside the test's transaction."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def city(north, south, island, fresh_limits):
    """North has closed its books, south runs, the island has sent nothing."""
    makers.a_term()
    makers.a_term(
        code="2025-2026-2", name="2025—2026学年第二学期", first_date="2026-02-23", last_date="2026-07-05"
    )
    facts.a_known_school(north, settled_at=facts.LATER, surplus_fen=1_900_000, surplus_returned_fen=0)
    facts.a_known_school(south)
    facts.a_month_fact(south, "2026-10", statement_published_at=None, complaints=3)
    facts.rolled()
    return north, south, island
