"""Makes people for tests: users with roles, browsers at a host, one-time passwords."""

import itertools
import time
from datetime import date
from typing import Any

from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from afterbell.accounts import actions
from afterbell.accounts.models import User
from afterbell.accounts.roles import BY_SEAT, Role
from afterbell.kernel.dates import Period
from tests.city import NOON

PASSWORD = "tian-qing-1962"
CITY = "city.localhost"
_numbers = itertools.count(1)


def a_user(
    *,
    role: Role | None = None,
    login: str = "",
    name: str = "王芳",
    phone: str | None = None,
    password: str | None = PASSWORD,
    scope: str = "",
    by: User | None = None,
) -> User:
    """A user of the schema that the test stands in; with a password, and with one role if named."""
    login = login or f"{role or 'nobody'}-{next(_numbers)}"
    user = actions.create_user(login=login, name=name, phone=phone, password=password, by=by, now=NOON)
    if role in BY_SEAT:
        days = Period(date(2000, 1, 1), date(2100, 1, 1))
        actions.follow_seat(user=user, role=role, days=days, now=NOON)
    elif role is not None:
        actions.assign_role(user=user, role=role, scope=scope, by=by, now=NOON)
    return user


def host_of(school: Any) -> str:
    return f"s{school.code}.localhost"


def browser(host: str, **more: Any) -> Client:
    """A browser at this host."""
    return Client(SERVER_NAME=host, **more)


def logged_in(host: str, login: str, password: str = PASSWORD) -> Client:
    """A browser in which this user has logged in by password."""
    client = browser(host)
    answer = client.post("/accounts/login/", {"login": login, "password": password})
    assert answer.status_code == 302, answer.content.decode()
    return client


def session_of(user: User) -> str:
    """The key of a session in which this user has logged in, kept where the test stands."""
    session = SessionStore()
    session.update(
        {
            SESSION_KEY: str(user.pk),
            BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
            HASH_SESSION_KEY: user.get_session_auth_hash(),
        }
    )
    session.save()
    return str(session.session_key)


def with_second_factor(user: User) -> str:
    """Set one up; returns the secret."""
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    RecoveryCodes.activate(user)
    user.forget_rights()
    return secret


def one_time_password(secret: str, *, steps: int = 0) -> str:
    """What the app shows now, or some steps of 30 s from now."""
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))
