"""Stage of the school's own view: a school among others, and its people before a browser."""

from collections.abc import Callable

import pytest
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from afterbell.accounts.models import Assignment, User
from afterbell.accounts.roles import Role
from tenants.context import in_city, in_school
from tests.dashboards import makers
from tests.makers import days_of


@pytest.fixture
def at_the_school(db, settings, monkeypatch) -> Callable[..., Client]:
    """A browser at a school's host in which somebody with this role has logged in."""
    settings.SECOND_FACTOR = "optional"
    monkeypatch.setattr("django.utils.timezone.now", lambda: makers.NOW)

    def log_in(school, role: Role = Role.PRINCIPAL) -> Client:
        with in_school(school):
            user = User.objects.create(login=f"u-{role}".replace("_", "-"), name="周琳")
            Assignment.objects.create(user=user, role=role, **days_of(role))
            session = SessionStore()
            session.update(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                }
            )
            session.save()
        browser = Client(HTTP_HOST=f"s{school.code}.localhost")
        browser.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
        return browser

    return log_in


@pytest.fixture
def among_others(north, south) -> Callable[..., list]:
    """North and south with facts of their own, among so many schools of the register."""

    def build(count: int = 72) -> list:
        with in_city():
            makers.the_terms()
            schools = [north, south, *makers.many_schools(count, districts=3)]
            makers.a_city_of_facts(schools)
        return schools

    return build
