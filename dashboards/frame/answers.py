"""Answers a dashboard's request: the page, or one of its tables as a file with the same filters and the same numbers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from afterbell.pages import sheets
from afterbell.pages.figures import Chart
from afterbell.pages.sheets import Cell, Sheet
from afterbell.pages.tables import Table
from dashboards.frame.cards import Card
from dashboards.frame.look import Look

FORMS: Final = ("csv", "xlsx")
Text = str | Promise
Row = Mapping[str, Cell]


@dataclass(frozen=True)
class Page:
    """What a dashboard has to say about one look."""

    name: str
    """In files' names: participation-2026-2027-1.csv."""
    title: Text
    lede: Text
    """One sentence that says what the data say."""
    cards: Sequence[Card]
    main: Callable[[], Sheet] | None = None
    """The page's main table, for ?format= without chart=; without one it is the first card's."""


@dataclass(frozen=True)
class Content:
    """What a look has to say, without the request that asked: it may answer others with the same rights (kept.py)."""

    page: Page
    charts: Mapping[str, Chart]
    rows: Sequence[Row] = ()
    """Of the page's long table; sorted and cut for each request."""
    more: Mapping[str, Any] = field(default_factory=dict)


def content(look: Look, page: Page, *, rows: Sequence[Row] = (), **more: Any) -> Content:
    return Content(page, {card.id: card.chart(look) for card in page.cards}, rows, more)


def answer(
    request: HttpRequest, look: Look, found: Content, *, template: str, table: Table | None = None
) -> HttpResponse:
    """The page, or a file. With a filter that can't be there is no file: the page says which, as bad input (400)."""
    page = found.page
    form, chart = request.GET.get("format", ""), request.GET.get("chart", "")
    status = 200
    if form:
        sheet = _sheet(look, page, chart)
        if form not in FORMS:
            look.form.add_error(None, _("只能下载 csv 或 xlsx 文件。"))
        elif sheet is None:
            look.form.add_error(None, _("本页没有这张图表，无法下载。"))
        elif not look.form.errors:
            name = "-".join(filter(None, (page.name, chart, look.selection.term, look.selection.district)))
            return sheets.download(sheet, form=form, name=name)
        status = 400
    context = {
        "look": look,
        "page": page,
        "charts": found.charts,
        "table": table,
        "csv_url": "",
        "xlsx_url": "",
    }
    if page.main is not None:
        context |= {"csv_url": look.url(also="format=csv"), "xlsx_url": look.url(also="format=xlsx")}
    return render(request, template, context | dict(found.more), status=status)


def _sheet(look: Look, page: Page, chart: str) -> Sheet | None:
    if chart:
        return next((card.sheet(look) for card in page.cards if card.id == chart), None)
    if page.main is not None:
        return page.main()
    return page.cards[0].sheet(look) if page.cards else None
