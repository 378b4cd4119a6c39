"""Lists: the base of every table, with sorting and pages in the address, and one template of ours."""

from typing import Any, Final

import django_tables2
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableQuerysetData

from afterbell.pages import cells

PER_PAGE: Final = 25
RIGHT: Final = {"th": {"class": "ab-number"}, "td": {"class": "ab-number"}}
LATEST_PAGE: Final = 100_000
WHOLE: Final = "all"
"""As a page's number: every row on one page, to print a list whole."""
MOST_WHOLE: Final = 2_000
"""Rows that are shown at once; a longer list is printed page by page, or from its export."""

Text = str | Promise


class StableRows(TableQuerysetData):  # type: ignore[misc]  # the library ships no types
    """Rows of a queryset; every order ends with the key, so that no row is on two pages or on none."""

    data: QuerySet[Any]

    def order_by(self, aliases: Any) -> None:
        super().order_by(aliases)
        already = self.data.query.order_by
        if already and not {"pk", "-pk", "id", "-id"} & set(already):
            self.data = self.data.order_by(*already, "pk")


class Table(django_tables2.Table):  # type: ignore[misc]  # the library ships no types
    """A table with a caption (for screen readers too) and a sentence for when it is empty."""

    caption: Text = ""
    empty_title: Text = _("这里还没有内容")
    empty_text_long: Text = ""
    stacks: bool = True
    """On a phone each row is a card with its columns below each other, so that nothing stands beyond the edge; not for
    tables whose figures are compared down a column."""

    class Meta:
        """Subclass it for `order_by` and `fields`."""

        template_name = "pages/parts/table.html"

    whole: str = ""
    """What the address says for all rows, where there are more pages and not too many rows; see `shown`."""

    def __init__(self, data: Any = None, **options: Any) -> None:
        super().__init__(StableRows(data) if isinstance(data, QuerySet) else data, **options)


class NumberColumn(django_tables2.Column):  # type: ignore[misc]  # the library ships no types
    """Right-aligned; the unit stands in the header: NumberColumn("人数", unit="人"). Write cells with pages.cells."""

    def __init__(self, verbose_name: Text = "", *, unit: Text = "", **options: Any) -> None:
        super().__init__(
            verbose_name=verbose_name, attrs=RIGHT | options.pop("attrs", {}), empty_values=(), **options
        )
        self.unit = unit


class YuanColumn(NumberColumn):
    """Fen, written as yuan."""

    def __init__(self, verbose_name: Text = "", **options: Any) -> None:
        super().__init__(verbose_name, unit=_("元"), **options)

    def render(self, value: int | None) -> str:
        return cells.yuan(value)


def shown(table: Table, request: HttpRequest, *, per_page: int = PER_PAGE) -> Table:
    """The table as the address asks for it: sorted (`sort`), on one page (`page`), or whole (`page=all`); nonsense shows
    the first page."""
    table.request = request
    wanted = request.GET.getlist(table.prefixed_order_by_field)
    if wanted:
        table.order_by = wanted[:3]
    page = request.GET.get(table.prefixed_page_field, "1")
    number = min(int(page), LATEST_PAGE) if page.isascii() and page.isdigit() and page != "0" else 1
    table.paginate(page=1, per_page=per_page)
    if per_page < table.paginator.count <= MOST_WHOLE:
        table.whole = WHOLE
        if page == WHOLE:
            table.paginate(page=1, per_page=MOST_WHOLE)
    table.page = table.paginator.page(min(max(number, 1), table.paginator.num_pages))
    return table
