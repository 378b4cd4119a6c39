"""Side navigation: each subject plugs in its entries by a dotted name in NAVIGATION_CITY or NAVIGATION_SCHOOL.

    NAVIGATION_CITY = ["oversight.cases.navigation.ENTRIES", …]     # lists of Entry (or of plain tuples)

An entry is shown when its address exists on this host and the user holds its permission. Who holds what is asked of
the function named by NAVIGATION_RIGHT (user, permission) → bool; without one, entries with a permission stay hidden.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.strings import dotted


class Group(StrEnum):
    """The five headings of the side navigation, in their order."""

    LOOK = "look"
    ACT = "act"
    PRICE = "price"
    OPEN = "open"
    SETTINGS = "settings"


HEADINGS: dict[Group, str | Promise] = {
    Group.LOOK: _("看"),
    Group.ACT: _("办"),
    Group.PRICE: _("价"),
    Group.OPEN: _("公开"),
    Group.SETTINGS: _("设置"),
}


class Entry(NamedTuple):
    """One line of the navigation."""

    group: Group | str
    label: str | Promise
    url_name: str
    permission: object | None = None
    icon: str = ""


@dataclass(frozen=True)
class Link:
    """An entry that this user may follow from this page."""

    label: str | Promise
    url: str
    icon: str
    current: bool


@dataclass(frozen=True)
class Section:
    """A heading and its links."""

    heading: str | Promise
    links: tuple[Link, ...]


def for_request(request: HttpRequest) -> tuple[Section, ...]:
    """The sections of the host that the request came to."""
    at_school = getattr(request, "school", None) is not None
    names = getattr(settings, "NAVIGATION_SCHOOL" if at_school else "NAVIGATION_CITY", ())
    entries = [Entry(*entry) for name in names for entry in dotted(name)]
    return sections(entries, request)


def sections(entries: Iterable[Entry], request: HttpRequest) -> tuple[Section, ...]:
    """Entries as links under their headings; empty headings are left out."""
    shown = [(entry, url) for entry in entries if (url := _url(entry, request)) and _allowed(entry, request)]
    here = _closest([url for _entry, url in shown], request.path)
    found: dict[Group, list[Link]] = {group: [] for group in Group}
    for entry, url in shown:
        found[Group(entry.group)].append(
            Link(label=entry.label, url=url, icon=entry.icon or "point", current=url == here)
        )
    return tuple(Section(HEADINGS[group], tuple(links)) for group, links in found.items() if links)


def _url(entry: Entry, request: HttpRequest) -> str | None:
    try:
        return reverse(entry.url_name, urlconf=getattr(request, "urlconf", None))
    except NoReverseMatch:
        return None


def _allowed(entry: Entry, request: HttpRequest) -> bool:
    if entry.permission is None:
        return True
    right = getattr(settings, "NAVIGATION_RIGHT", "")
    user = getattr(request, "user", None)
    return bool(right and user is not None and dotted(right)(user, entry.permission))


def _closest(urls: Iterable[str], path: str) -> str | None:
    """The longest address that the page lies below: /desk/pupils/ and not /desk/ for a pupil's page."""
    above = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(above, key=len, default=None)
