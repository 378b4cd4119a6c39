"""Stage of the dashboards: supervisors and a price officer before a browser, and cities of facts of two sizes."""

from collections.abc import Callable

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from afterbell.accounts.models import Assignment, User
from afterbell.accounts.roles import Role
from tenants.context import in_city
from tests.dashboards import makers

LAKE, HILLS = "330102", "330106"


@pytest.fixture
def at_the_city(db, settings, monkeypatch) -> Callable[..., Client]:
    """A browser in which somebody with this role has logged in; a district narrows the role."""
    settings.SECOND_FACTOR = "optional"
    monkeypatch.setattr("django.utils.timezone.now", lambda: makers.NOW)

    def log_in(role: Role = Role.BUREAU_SUPERVISOR, *, district: str = "") -> Client:
        with in_city():
            user = User.objects.create(login=f"u-{role}-{district or 'all'}".replace("_", "-"), name="李敏")
            Assignment.objects.create(user=user, role=role, scope=district)
            session = SessionStore()
            session.update(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                }
            )
            session.save()
        browser = Client(HTTP_HOST=settings.CITY_HOST)
        browser.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        return browser

    return log_in


@pytest.fixture
def a_city(db) -> Callable[[int], list]:
    """Schools with two terms of facts, rolled up; the last one never reported."""

    def build(count: int = 8, *, districts: int = 3) -> list:
        with in_city():
            makers.the_terms()
            schools = makers.many_schools(count, districts=districts)
            makers.a_city_of_facts(schools)
        return schools

    return build
