"""Stage of the token tests: an administrator, a supervisor, a price officer, and fresh limits for every test."""

import pytest
from django.core.cache import cache

from afterbell.accounts.roles import Role
from tenants.context import in_city
from tests.accounts.makers import a_user


@pytest.fixture(autouse=True)
def fresh_limits(settings):
    """Rate limits live in Redis, outside the test's transaction."""
    settings.SECOND_FACTOR = "optional"
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def city(db):
    """The test stands in the city."""
    with in_city():
        yield


@pytest.fixture
def admin(city):
    return a_user(role=Role.SYSTEM_ADMIN, login="root-wang", name="王管")


@pytest.fixture
def supervisor(city):
    return a_user(role=Role.BUREAU_SUPERVISOR, login="zhao", name="赵局")


@pytest.fixture
def officer(city):
    return a_user(role=Role.PRICE_OFFICER, login="qian", name="钱处")
