"""Answers a dashboard's request: the page, or one of its tables as a file with the same filters and the same numbers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from afterbell.pages import sheets
from afterbell.pages.sheets import Sheet
from dashboards.frame.cards import Card
from dashboards.frame.look import Look

FORMS: Final = ("csv", "xlsx")
Text = str | Promise


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


def answer(request: HttpRequest, look: Look, page: Page, *, template: str, **more: Any) -> HttpResponse:
    """The page, or a file. With a filter that can't be there is no file: the page says which, as bad input (400)."""
    form, chart = request.GET.get("format", ""), request.GET.get("chart", "")
    status = 200
    if form:
        found = _sheet(look, page, chart)
        if form not in FORMS:
            look.form.add_error(None, _("只能下载 csv 或 xlsx 文件。"))
        elif found is None:
            look.form.add_error(None, _("本页没有这张图表，无法下载。"))
        elif not look.form.errors:
            name = "-".join(filter(None, (page.name, chart, look.selection.term, look.selection.district)))
            return sheets.download(found, form=form, name=name)
        status = 400
    charts = {card.id: card.chart(look) for card in page.cards}
    context = {"look": look, "page": page, "charts": charts, "csv_url": "", "xlsx_url": ""}
    if page.main is not None:
        context |= {"csv_url": look.url(also="format=csv"), "xlsx_url": look.url(also="format=xlsx")}
    return render(request, template, context | more, status=status)


def _sheet(look: Look, page: Page, chart: str) -> Sheet | None:
    if chart:
        return next((card.sheet(look) for card in page.cards if card.id == chart), None)
    if page.main is not None:
        return page.main()
    return page.cards[0].sheet(look) if page.cards else None
