"""A school with people for page tests: Alice signs, Bob collects, Charlie is denied, Dora belongs to another child."""

from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client

from afterbell.accounts.models import Assignment, User
from afterbell.accounts.roles import Role
from schools.people import lifting_actions, staff_actions
from schools.people.models import Guardian, Pupil, Tie
from tenants.context import in_school
from tests import makers
from tests.city import NOON

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def client_of(school: Any, user: User | None = None) -> Client:
    """A browser at the school's host, logged in."""
    client = Client(SERVER_NAME=f"s{school.code}.localhost")
    if user is not None:
        with in_school(school):
            session = SessionStore()
            session.update(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: BACKEND,
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                }
            )
            session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def staff(school: Any, role: str, **more: Any) -> tuple[User, Client]:
    with in_school(school):
        user = makers.a_user(role, **more)
    return user, client_of(school, user)


def parent(*pupils: Pupil, name: str = "李强", **more: Any) -> Guardian:
    """A guardian who can log in. Call it inside the school."""
    user = makers.a_user("guardian", name=name)
    guardian = makers.a_guardian(*pupils, name=name, user=user, **more)
    User.objects.filter(pk=user.pk).update(phone=guardian.phone)
    user.phone = guardian.phone
    return guardian


def lifted(tie: Tie, *, by: User, yes: User) -> None:
    """The denial ends by two; `yes` is a guardian's who signs, or the school's."""
    asked = lifting_actions.ask_to_lift(tie=tie, reason="法院撤销 3 号", by=by, now=NOON)
    staff_actions.answer(question=asked, is_yes=True, by=yes, reason="已核对原件", now=NOON)


def class_teacher(school_class: Any) -> User:
    """Of this class only."""
    user = makers.a_user()
    Assignment.objects.create(user=user, role=Role.CLASS_TEACHER, scope=str(school_class.pk))
    return user
