"""Stage of the API tests: three schools in two districts with facts, and programs that read with a person's token."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from afterbell.accounts.roles import Role
from afterbell.tokens.models import READABLE
from tenants.context import in_city
from tests.accounts.makers import CITY, a_user
from tests.makers import a_term
from tests.oversight import makers
from tests.tokens.makers import a_token

LAKE, HILLS = "330102", "330106"
HERE = "/api/v1/"


@pytest.fixture(autouse=True)
def fresh_limits():
    """Rate limits live in Redis, outside the test's transaction."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def facts(db, north, south, island):
    """North and south known, with 400 and 600 pupils; of the island only four take part; and a term."""
    a_term()
    makers.a_known_school(north)
    makers.a_known_school(south, pupils_on_roll=600, participants=400, survey_answers=3, survey_high=3)
    makers.a_known_school(island, pupils_on_roll=40, participants=4, five_day_participants=4, fee_fen=16_000)
    makers.rolled()


@pytest.fixture
def program(db):
    """A program with the token of somebody: program(), program(district=…), program(Role.PRICE_OFFICER)."""

    def make(role=Role.BUREAU_SUPERVISOR, *, district="", days=365, now=None, allowed=READABLE):
        with in_city():
            user = a_user(role=role, scope=district)
            given = a_token(user, days=days, now=now, allowed=allowed)
        made = Client(SERVER_NAME=CITY, headers={"authorization": f"Token {given[1]}"})
        made.token, made.user = given[0], user
        return made

    return make


@pytest.fixture
def expired(program):
    return program(days=1, now=timezone.now() - timedelta(days=2))
