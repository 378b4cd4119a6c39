"""The summary as a list on a page: the contract's columns in words, money in yuan, a line of totals."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from operator import itemgetter
from typing import Any, Final

import django_tables2
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django_tables2.data import TableListData

from afterbell.pages import cells, values
from afterbell.pages.tables import NumberColumn, Table
from oversight.costs import columns, summary
from oversight.costs.children import Children
from oversight.costs.columns import Column, Kind
from oversight.costs.peers import Flag
from oversight.costs.report import FLAGS, STATES, why_empty
from oversight.costs.summary import Row, State
from tenants.models import Kind as Lies
from tenants.models import Stage

PER_PAGE: Final = 50
LOOKS: Final[Mapping[str, str]] = {
    State.FINAL: "good", State.ESTIMATE: "info", State.MISSING: "warn",
    Flag.HIGH: "warn", Flag.LOW: "warn", Flag.NONE: "quiet", Flag.TOO_FEW: "quiet", Flag.PART_PERIOD: "quiet",
    Flag.INCOMPLETE: "quiet",
}  # fmt: skip
TOTAL_END: Final = {"tf": {"class": "ab-number"}}
NOT_PRINTED: Final = frozenset(
    {
        "stage", "days_held", "fee_standard_fen", "cap_fen", "peer_n", "percentile", "complaints", "complaints_per_1000",
        "statement_months_on_time", "as_of",
    }
)  # fmt: skip
"""Beside sixteen others on a sheet nobody could read any of them; the PDF and the files have all."""
ON_SCREEN: Final = {part: {"class": "ab-on-screen"} for part in ("th", "td", "tf")}
ON_SCREEN_RIGHT: Final = {part: {"class": "ab-number ab-on-screen"} for part in ("th", "td", "tf")}
YUAN: Final = _("元")


class Rows(TableListData):  # type: ignore[misc]  # the library ships no types
    """Rows of the summary; unknown numbers come last whichever way the list is sorted, equal ones by school."""

    data: Sequence[Row]

    def order_by(self, aliases: Any) -> None:
        for alias in reversed(list(aliases)):
            place = Row._fields.index(alias.bare)
            known = [row for row in self.data if row[place] not in (None, "")]
            unknown = [row for row in self.data if row[place] in (None, "")]
            self.data = [*sorted(known, key=itemgetter(place), reverse=alias.is_descending), *unknown]


@dataclass(frozen=True)
class Look:
    """The attributes of a column's cells, where the house's template of tables looks for them."""

    attrs: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, bound: Any) -> "Look":
        return cls({"td": {"as_html": bound.attrs["td"].as_html()}})


@dataclass(frozen=True)
class Line:
    """A row as that template reads it."""

    items: Sequence[tuple[Look, str]]
    attrs: Mapping[str, str] = field(default_factory=lambda: {"as_html": ""})


class SummaryTable(Table):
    """One line a school."""

    stacks = False
    caption = _("成本汇总")
    empty_title = _("没有符合条件的学校")
    empty_text_long = _("请放宽筛选条件。每所在用学校在这里都有一行，没有数据的也在。")

    class Meta(Table.Meta):
        orderable = True

    def __init__(
        self, rows: Sequence[Row], *, districts: Mapping[str, str], children: Children, **options: Any
    ) -> None:
        self.districts, self.children = districts, children
        self.totals = summary.total(rows, children)
        self.badges = {
            code: cells.badge(LOOKS[code], str(word)) for code, word in (*STATES.items(), *FLAGS.items())
        }
        extra = [(column.code, self._made(column)) for column in columns.ALL if column.code not in BESIDE]
        super().__init__(Rows(list(rows)), extra_columns=extra, **options)

    @cached_property
    def paginated_rows(self) -> list[Line]:
        """The rows of the shown page, written here: the library asks each of 1,350 cells what it needs, anew."""
        shown = [(bound.column, Look.of(bound)) for bound in self.columns]
        return [
            Line([(look, column.written(row, self)) for column, look in shown])
            for row in self.page.object_list.data
        ]

    def _made(self, column: Column) -> django_tables2.Column:
        head = columns.HEADS.get(column.code, column.label)
        if column.kind in (Kind.TEXT, Kind.MOMENT):
            footer = _("合计") if column.code == "school_name" else None
            attrs = ON_SCREEN if column.code in NOT_PRINTED else {}
            return WordColumn(column, verbose_name=head, footer=footer, attrs=attrs)
        unit = YUAN if column.kind is Kind.FEN else column.unit
        ends = ON_SCREEN_RIGHT if column.code in NOT_PRINTED else TOTAL_END
        return FigureColumn(column, verbose_name=head, unit=unit, footer=_total, attrs=ends)


class FigureColumn(NumberColumn):
    """A number of the summary, or the symbol for why there is none."""

    def __init__(self, about: Column, **options: Any) -> None:
        super().__init__(**options)
        self.about = about

    def written(self, record: Row, table: SummaryTable) -> str:
        value = getattr(record, self.about.code)
        if value is None:
            return cells.symbol(why_empty(record, self.about.code, table.children))
        text = written(value, self.about)
        if self.about.code == "fee_standard_fen":
            return f"{UNITS.get(record.fee_unit, '')} {text}"
        if self.about.code == "statement_months_on_time":
            return f"{text}/{record.statement_months_due}"
        return text


class WordColumn(django_tables2.Column):  # type: ignore[misc]  # the library ships no types
    """A name, a word for a code, a state with its badge, a moment."""

    def __init__(self, about: Column, **options: Any) -> None:
        super().__init__(empty_values=(), **options)
        self.about = about

    def written(self, record: Row, table: SummaryTable) -> str:
        value = getattr(record, self.about.code)
        if isinstance(value, datetime):
            return f"{value:%Y-%m-%d %H:%M}"
        if not value:
            return cells.symbol(values.NOT_AVAILABLE)
        if self.about.code in ("state", "flag"):
            return table.badges[value]
        if self.about.code == "school_name":
            return format_html('{} <span class="ab-muted ab-small">{}</span>', value, record.school_code)
        if self.about.code == "stage":
            return f"{LEVELS[value]}·{PLACES[record.kind]}"
        return str(table.districts.get(value, value))


def written(value: int | Decimal, column: Column) -> str:
    """1,234, or 1,234.50 in yuan."""
    return cells.yuan(int(value)) if column.kind is Kind.FEN else f"{value:,}"


def _total(bound_column: Any, table: SummaryTable) -> str:
    """Of what is known; a column that does not add up has none."""
    code = bound_column.name
    if code not in table.totals:
        return ""
    total = table.totals[code]
    if total is None or isinstance(total, str):
        return cells.symbol(total or values.NOT_AVAILABLE)
    return written(total, columns.BY_CODE[code])


LEVELS: Final = dict(Stage.choices)
PLACES: Final = dict(Lies.choices)
UNITS: Final = {"month": _("每月"), "term": _("每学期"), "class_hour": _("每课时")}
BESIDE: Final = frozenset({"term", "school_code", "kind", "fee_unit", "statement_months_due"})
"""Stand in another column's cell, and the term in the filter above."""
