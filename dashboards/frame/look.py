"""One look at the city: who looks, at which part of it, how old it is. Every dashboard begins with `read`."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.kernel.dates import local_date
from dashboards.frame import places
from dashboards.frame.filters import TOP, Filters
from dashboards.frame.places import TermPlace
from oversight import scope as scopes
from oversight.indicators import ages
from oversight.indicators.ages import DataAge, SchoolLine
from oversight.scope import Scope
from oversight.selection import Selection
from tenants.models import Kind, Stage

NAME_MOST: Final = 80


@dataclass(frozen=True)
class Look:
    """What one request is about. `selection` holds values that exist; `form` says what did not."""

    path: str
    scope: Scope
    form: Filters
    selection: Selection
    places: places.Places
    age: DataAge
    now: datetime

    @property
    def term(self) -> TermPlace | None:
        return self.places.term(self.selection.term)

    @property
    def term_before(self) -> TermPlace | None:
        return self.places.before(self.selection.term)

    @property
    def before(self) -> Selection | None:
        """The same part of the city in the term before, whole: months have no counterpart."""
        earlier = self.term_before
        return replace(self.selection, term=earlier.code, first_month="", last_month="") if earlier else None

    @property
    def is_running(self) -> bool:
        """Whether the chosen term is still going on: it is compared with the same days of the one before."""
        return self.term is not None and local_date(self.now) < self.term.last_date

    @property
    def row_fields(self) -> list[str]:
        """Filters of the row under the title; the others stand in the top bar."""
        return [name for name in self.form.fields if name not in TOP]

    @property
    def where(self) -> str:
        """The part of the city in words: 湖滨区 · 小学, or 全市."""
        chosen = self.selection
        parts = [
            self.places.districts.get(chosen.district, ""),
            str(Stage(chosen.stage).label) if chosen.stage else "",
            str(Kind(chosen.kind).label) if chosen.kind else "",
            self.places.school if chosen.school else "",
        ]
        named = " · ".join(filter(None, parts))
        if named:
            return named
        return _("全市") if self.scope.districts is None else "、".join(self.places.districts.values())

    @property
    def period(self) -> str:
        """The time in words: the term, or some months of it."""
        chosen = self.selection
        if not self.term:
            return ""
        if not chosen.by_month:
            return self.term.name
        first, last = chosen.first_month or self.term.months[0], chosen.last_month or self.term.months[-1]
        return _("%(term)s %(first)s 至 %(last)s") % {"term": self.term.name, "first": first, "last": last}

    def url(self, path: str = "", *, anchor: str = "", also: str = "", **changes: str) -> str:
        """This look at another page, or with other filters: look.url("/complaints/", district="330102")."""
        query = "&".join(filter(None, (replace(self.selection, **changes).query(), also)))
        return f"{path or self.path}?{query}{'#' if anchor else ''}{anchor}"

    def school_url(self, code: str) -> str:
        """The page of one school with its peers."""
        return f"/schools/{code}/?term={self.selection.term}"

    @property
    def quiet(self) -> tuple[SchoolLine, ...]:
        """Schools of which nothing, or nothing lately, is known: for the count in the top bar."""
        return (*self.age.never, *self.age.silent)

    @property
    def silent_url(self) -> str:
        """Where the silent schools are named: on the overview."""
        return self.url("/", anchor="silent", kind="", school="", first_month="", last_month="")

    def district_url(self, code: str) -> str:
        """The page of one district."""
        return f"/districts/{code}/?term={self.selection.term}"


Text = str | Promise


def read(
    request: HttpRequest,
    *,
    now: datetime,
    fields: tuple[str, ...] = ("kind", "school", "first_month", "last_month"),
) -> Look:
    """Three statements: what can be chosen, and how old the figures are. `fields` are the filters besides the top bar's."""
    if not isinstance(request.user, User):
        raise TypeError("a look belongs to somebody who has logged in")
    scope = scopes.of_user(request.user)
    asked = request.GET.get("school", "") if "school" in fields else ""
    known = places.load(scope, school=asked.strip()[:NAME_MOST])
    form = Filters(request.GET, places=known, today=local_date(now), fields=fields)
    return Look(
        path=request.path,
        scope=scope,
        form=form,
        selection=form.selection(),
        places=known,
        age=ages.data_age(scope, now),
        now=now,
    )
