"""A ranking of schools: sortable, on pages of 25, and whole as a file; from the same rows."""

from collections.abc import Mapping, Sequence
from typing import Any

import django_tables2
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from afterbell.pages.sheets import Cell, Column, shown
from afterbell.pages.tables import RIGHT, Table
from afterbell.pages.tables import shown as on_page

Text = str | Promise
Row = Mapping[str, Cell]


class CellColumn(django_tables2.Column):  # type: ignore[misc]  # the library ships no types
    """Writes cells as charts and files do; unknown ones are symbols and sort apart from numbers."""

    def __init__(self, column: Column, **more: Any) -> None:
        attrs = {} if column.is_text else RIGHT
        super().__init__(verbose_name=column.label, empty_values=(), attrs=attrs, **more)
        self.cell_column = column
        self.unit = column.unit

    def render(self, value: Cell) -> str:
        return shown(value, self.cell_column)


class RankingTable(Table):
    """Rows are mappings; the columns come with the data."""

    stacks = False
    empty_title = _("没有符合条件的学校")
    empty_text_long = _("所选学期或范围内没有学校。请放宽筛选条件。")

    def __init__(self, rows: Sequence[Row], *, columns: Mapping[str, Column], caption: Text) -> None:
        self.caption = caption
        super().__init__(
            list(rows), extra_columns=[(name, CellColumn(each)) for name, each in columns.items()]
        )


def table(
    request: HttpRequest,
    rows: Sequence[Row],
    *,
    columns: Mapping[str, Column],
    caption: Text,
    per_page: int = 25,
) -> RankingTable:
    """The page of the table that the address asks for (sort, page)."""
    made: RankingTable = on_page(
        RankingTable(rows, columns=columns, caption=caption), request, per_page=per_page
    )
    return made


def plain_rows(rows: Sequence[Row], columns: Mapping[str, Column]) -> list[list[Cell]]:
    """All rows for a file, in the order of the columns."""
    return [[row[name] for name in columns] for row in rows]
