"""Reload, back or a bookmark of an address that only takes a form: a page with a sentence and a way back."""

import re
from importlib import import_module
from uuid import UUID

import pytest
from django.urls import resolve

from afterbell.accounts.roles import Role
from tenants.context import in_city, in_school
from tests.accounts import makers as accounts
from tests.accounts.walk import addresses
from tests.schools.finance import stage
from tests.schools.people.stage import parent

ANY = {"uuid": str(UUID(int=7)), "int": "1", "str": "x", "slug": "x"}
SAID = "这个地址只接收提交的表单"
HREF = re.compile(r'<li><a href="([^"]+)" data-back>')


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR = "optional"


def takes(view):
    """The methods that a view's own decorators let through; None where they say nothing."""
    while view is not None:
        for name, cell in zip(view.__code__.co_freevars, view.__closure__ or (), strict=True):
            if name == "request_method_list":
                return set(cell.cell_contents)
        view = getattr(view, "__wrapped__", None)
    return None


def post_only(urlconf):
    found = []
    for address, view in addresses(import_module(urlconf).urlpatterns):
        methods = takes(view) if hasattr(view, "__code__") else None
        if methods is not None and "GET" not in methods and not address.startswith("/api/"):
            found.append(re.sub(r"<(?:(\w+):)?\w+>", lambda part: ANY[part[1] or "str"], address))
    return found


def refuse_blank(client, urlconf, address):
    for answer in (client.get(address), client.head(address)):
        assert answer.status_code in {302, 403, 405}, address
        assert answer.status_code != 405 or "POST" in answer["Allow"]
    page = client.get(address)
    if page.status_code != 405:
        return
    said = page.content.decode()
    assert SAID in said, address
    (back,) = HREF.findall(said) or ["/"]
    assert address.startswith(back)
    methods = takes(resolve(back, urlconf).func)
    assert methods is None or "GET" in methods, (address, back)


def test_of_a_school(north):
    with in_school(north):
        principal = stage.people().principal
    client = stage.logged_in(north, principal)
    found = post_only("afterbell.urls_school")
    assert "/finance/settlement/preview/" in found
    assert len(found) > 30
    for address in found:
        refuse_blank(client, "afterbell.urls_school", address)


def test_the_way_back_keeps_what_was_asked_for(north):
    """The page of that term, not of the one that has begun last."""
    with in_school(north):
        principal = stage.people().principal
    page = stage.logged_in(north, principal).get("/finance/settlement/preview/?term=2025-2026-2&round=1")
    assert HREF.findall(page.content.decode()) == ["/finance/settlement/?term=2025-2026-2&amp;round=1"]


def test_of_the_city(db):
    with in_city():
        officer = accounts.a_user(role=Role.BUREAU_SUPERVISOR)
    city_client = accounts.logged_in(accounts.CITY, officer.login)
    found = post_only("afterbell.urls_city")
    assert len(found) > 5
    for address in found:
        refuse_blank(city_client, "afterbell.urls_city", address)


def test_the_settlements_preview_leads_to_the_settlement(north):
    with in_school(north):
        principal = stage.people().principal
    page = stage.logged_in(north, principal).get("/finance/settlement/preview/")
    assert HREF.findall(page.content.decode()) == ["/finance/settlement/"]


def test_the_way_back_leads_only_where_the_person_may_go(north):
    """A parent who opens a step of the books, and one who posts to a page of the desk, are sent to no closed door."""
    with in_school(north):
        mother = parent()
    client = stage.logged_in(north, mother.user)
    found = post_only("afterbell.urls_school")
    answers = {address: client.get(address) for address in found}
    closed = {address: page for address, page in answers.items() if page.status_code == 405}
    assert "/finance/settlement/preview/" in closed
    for address, page in closed.items():
        for back in HREF.findall(page.content.decode()):
            assert client.get(back).status_code != 403, (address, back)
    assert HREF.findall(client.post("/desk/pupils/").content.decode()) == []
