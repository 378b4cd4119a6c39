"""Nobody is led to a closed door: every link and every button that a page shows leads somewhere for who reads it.

Everybody of a small school in the middle of its term walks from the home page, along what the pages offer. A link must
open, and a button without a field to fill must do something: a step that would only refuse is not offered.
"""

from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Final
from urllib.parse import urljoin, urlsplit

import pytest
from django.db import transaction
from django.test import Client, override_settings
from django.urls import Resolver404, resolve
from django.utils import timezone

from tenants import context
from tests.properties import deeds_of_money, school_of_deeds
from tests.properties.school_of_deeds import NOW, World
from tests.schools.care.stage import logged_in

PEOPLE: Final = (
    "principal", "clerk", "treasurer", "committee_chair", "teacher", "child_parent", "waiting_child_parent",
    "further_child_parent",
)  # fmt: skip
EACH: Final = 3
"""Pages of one kind that somebody opens."""
MOST: Final = 400
LOGS_OUT: Final = ("/accounts/logout", "/logout", "/accounts/sessions")
SHUT: Final = frozenset({403, 404, 405, 409, 500})


@dataclass(frozen=True)
class Button:
    """A form that is sent by pressing alone, with what it brings along."""

    address: str
    fields: tuple[tuple[str, str], ...]


class Page(HTMLParser):
    """What one page offers: its links, and its buttons."""

    def __init__(self, address: str, text: str) -> None:
        super().__init__()
        self.address, self.links, self.buttons = address, list[str](), list[Button]()
        self._action, self._fields, self._asks = "", list[tuple[str, str]](), False
        self._presses = list[tuple[str, str] | None]()
        self._is_open = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {key: value or "" for key, value in attrs}
        if tag == "a" and said.get("href", "").startswith(("/", "?")):
            self.links.append(urljoin(self.address, said["href"]))
        elif tag == "form" and said.get("method", "").lower() == "post":
            self._action = urljoin(self.address, said.get("action") or self.address)
            self._fields, self._presses, self._asks, self._is_open = [], [], False, True
        elif self._is_open and tag in ("select", "textarea"):
            self._asks = True
        elif self._is_open and (tag == "button" or said.get("type") == "submit"):
            self._presses.append((said["name"], said.get("value", "")) if said.get("name") else None)
        elif self._is_open and tag == "input":
            if said.get("type") == "hidden":
                self._fields.append((said.get("name", ""), said.get("value", "")))
            else:
                self._asks = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._is_open:
            self._is_open = False
            for named in self._presses if not self._asks else ():
                self.buttons.append(Button(self._action, (*self._fields, *([named] if named else ()))))


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[World]:
    with (
        django_db_blocker.unblock(),
        school_of_deeds.own_database() as school,
        override_settings(SECOND_FACTOR="optional"),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(timezone, "now", lambda: NOW)
        made = school_of_deeds.build(school)
        deeds_of_money.build(made)
        yield made


@pytest.mark.parametrize("who", PEOPLE)
def test_everything_that_is_offered_leads_somewhere(world, who):
    with context.in_school(world.school):
        client = logged_in(world.school, world.the(who))
    assert "\n".join(sorted(closed_doors(client))) == ""


def closed_doors(client: Client) -> Iterator[str]:
    seen, kinds, waiting = set[str](), Counter[str](), deque([("", "/")])
    pressed = set[str]()
    while waiting and len(seen) < MOST:
        source, address = waiting.popleft()
        if address in seen or not _is_ours(address) or not _is_new_kind(address, kinds):
            continue
        seen.add(address)
        answer = client.get(address, follow=True)
        if answer.status_code in SHUT:
            yield f"{source} → {address}: {answer.status_code}"
            continue
        if "text/html" not in answer.headers.get("Content-Type", ""):
            continue
        at = answer.request["PATH_INFO"]
        page = Page(at, answer.content.decode())
        waiting.extend((at, link.split("#")[0]) for link in page.links)
        for button in page.buttons:
            kind = _kind(button.address) + "".join(key for key, _value in button.fields)
            if button.address.startswith(LOGS_OUT) or kind in pressed:
                continue
            pressed.add(kind)
            yield from _pressed(client, at, button)


def _pressed(client: Client, at: str, button: Button) -> Iterator[str]:
    """As somebody presses it; whatever it does is undone."""
    with transaction.atomic():
        answer = client.post(button.address, dict(button.fields))
        transaction.set_rollback(True)
    if answer.status_code in SHUT:
        yield f"{at} [{button.address}]: {answer.status_code}"


def _is_ours(address: str) -> bool:
    return not address.startswith((*LOGS_OUT, "/static/", "/api/"))


def _is_new_kind(address: str, kinds: Counter[str]) -> bool:
    kind = _kind(address)
    kinds[kind] += 1
    return kinds[kind] <= EACH


def _kind(address: str) -> str:
    try:
        return resolve(urlsplit(address).path, urlconf="afterbell.urls_school").view_name
    except Resolver404:
        return address
