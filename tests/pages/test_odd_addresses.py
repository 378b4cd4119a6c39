"""Every address of both hosts is asked with what no browser sends: NUL, broken UTF-8, endless numbers. None is a 500."""

import re
from importlib import import_module
from uuid import uuid4

import pytest
from django.conf import settings

from afterbell.accounts.models import Assignment, User
from afterbell.accounts.roles import Role
from tenants.context import in_city, in_school
from tests import makers
from tests.accounts import walk
from tests.accounts.makers import CITY, browser
from tests.breadth import todays
from tests.schools.finance import stage

NAMES = (
    "term",
    "month",
    "state",
    "q",
    "page",
    "kind",
    "search",
    "school",
    "day",
    "sort",
    "format",
    "school_class",
)
ODD = {
    "broken utf-8": "%ff",
    "half a character": "%ed%a0%80",
    "endless number": "9" * 20,
    "below zero": "-1",
    "long": "x" * 5000,
    "no date": "0000-00-00",
    "last day": "9999-12-31",
}


def filled(address, text="x"):
    """The address with something in place of its arguments; None for patterns that we can't fill."""
    known = re.sub(r"<uuid:\w+>", str(uuid4()), re.sub(r"<int:\w+>", "1", address))
    whole = re.sub(r"<(?:str|slug|path):\w+>", text, known)
    return None if re.search(r"[<>^$\\(\[]", whole) else whole


def addresses(urlconf, text="x"):
    found = (filled(address, text) for address, _view in walk.addresses(import_module(urlconf).urlpatterns))
    return sorted({address for address in found if address and "logout" not in address})


def everybody(schema):
    """Somebody who may see every page of the host."""
    with schema:
        user = makers.a_user(name="郑校长")
        roles = [
            role for role in Role if role not in (Role.SECURITY_ADMIN, Role.AUDIT_ADMIN)
        ]  # one of the three
        Assignment.objects.bulk_create(
            Assignment(user=user, role=role, **makers.days_of(role)) for role in roles
        )
        return user


@pytest.fixture(params=["city", "school"])
def host(request, north, settings):
    """Its addresses, and a browser in which everything is allowed."""
    settings.SECOND_FACTOR = "optional"
    makers.a_term()
    if request.param == "school":
        client = stage.logged_in(north, everybody(in_school(north)))
        client.raise_request_exception = False
        return "afterbell.urls_school", client
    client = at_the_city(everybody(in_city()))
    return "afterbell.urls_city", client


def at_the_city(user: User):
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.sessions.backends.db import SessionStore

    client = browser(CITY, raise_request_exception=False)
    with in_city():
        session = SessionStore()
        session[SESSION_KEY] = str(user.pk)
        session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def answers(client, paths, query):
    """Status of each, the usual ones left out by the caller."""
    return {path: client.get(f"{path}?{query}").status_code for path in paths}


def test_nul_in_the_query_is_bad_input_at_every_address(host):
    urlconf, client = host
    found = answers(client, addresses(urlconf), "&".join(f"{name}=%00" for name in NAMES))
    assert len(found) > 30
    assert {path: status for path, status in found.items() if status != 400} == {}


def test_what_says_so_is_a_page_of_ours_with_a_sentence(host):
    """Not a bare line of text; the API has its own form."""
    urlconf, client = host
    bare = []
    for path in addresses(urlconf)[::5]:
        answer = client.get(f"{path}?term=%00")
        is_data = answer.headers["Content-Type"] == "application/problem+json"
        said = answer.json()["detail"] if is_data else answer.content.decode().partition("ab-error-page")[2]
        if "不能保存的字符" not in said:
            bare.append(path)
    assert bare == []


def test_nul_in_the_name_of_a_parameter_too(host):
    urlconf, client = host
    found = answers(client, addresses(urlconf)[::7], "te%00rm=1")
    assert {path: status for path, status in found.items() if status != 400} == {}


@pytest.mark.parametrize("odd", ODD)
def test_nothing_odd_in_the_query_is_an_error_of_ours(host, odd):
    urlconf, client = host
    own = todays(addresses(urlconf), parts=3, shift=[*ODD].index(odd))
    found = answers(client, own, "&".join(f"{name}={ODD[odd]}" for name in NAMES))
    assert {path: status for path, status in found.items() if status >= 500} == {}


@pytest.mark.parametrize("odd", ["%00", "x%00.txt", *ODD.values()])
def test_nothing_odd_in_the_path_is_an_error_of_ours(host, odd):
    urlconf, client = host
    plain = set(addresses(urlconf))
    with_text = [path for path in addresses(urlconf, odd) if path not in plain or "%00" in path]
    found = answers(client, with_text, "") | answers(client, [f"/{odd}/", f"/static/{odd}.css"], "")
    assert {path: status for path, status in found.items() if status >= 500} == {}
    assert {path for path, status in found.items() if "%00" in path and status not in (400, 404)} == set()
