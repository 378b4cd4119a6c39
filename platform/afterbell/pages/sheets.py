"""Tables that leave the page: the same cells as text to read, as CSV and as XLSX with notes. One writer for all pages.

A cell is a number, a text, a date, a Link, None (not known) or a Sign. Numbers are rounded here, once, half up; what
the page shows is what the file holds.
"""

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final, NamedTuple

import xlsxwriter
from django.http import HttpResponse
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.text import slugify
from django.utils.translation import gettext as _

from afterbell.pages import cells, values

Text = str | Promise
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
SHEET_NAME_MOST: Final = 31
FORBIDDEN_IN_NAMES: Final = str.maketrans("", "", "[]:*?/\\'")
WIDEST: Final = 48
XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Kind(StrEnum):
    """How the cells of a column are written."""

    TEXT = "text"
    WHOLE = "whole"
    TENTH = "tenth"
    HUNDREDTH = "hundredth"
    PERCENT = "percent"
    """In percent: 86.0 is 86.0%."""
    YUAN = "yuan"
    """Given in fen, shown in yuan."""
    DAY = "day"
    FIGURE = "figure"
    """A number that was written before, with its unit, where rows have different ones: stands at the right."""


PLACES: Final = {Kind.WHOLE: 0, Kind.TENTH: 1, Kind.PERCENT: 1, Kind.HUNDREDTH: 2, Kind.YUAN: 2}
NUMBER_FORMATS: Final = {
    Kind.WHOLE: "#,##0",
    Kind.TENTH: "#,##0.0",
    Kind.PERCENT: "0.0",
    Kind.HUNDREDTH: "#,##0.00",
    Kind.YUAN: "#,##0.00",
    Kind.DAY: "yyyy-mm-dd",
}


class Sign(StrEnum):
    """Why a number is not one (pages.values)."""

    HIDDEN = values.HIDDEN
    NOT_AVAILABLE = values.NOT_AVAILABLE
    NOT_APPLICABLE = values.NOT_APPLICABLE


class Link(NamedTuple):
    """A text that leads somewhere; files hold the text alone."""

    text: Text
    url: str


class Badge(NamedTuple):
    """A state: icon, word and colour on the page (good, warn, bad, info, quiet), the word in files."""

    state: str
    word: Text


Cell = str | int | float | Decimal | date | Promise | Link | Badge | Sign | None


@dataclass(frozen=True)
class Column:
    """A header, its unit, and how its cells are written."""

    label: Text
    kind: Kind = Kind.TEXT
    unit: Text = ""

    def __str__(self) -> str:
        return (
            _("%(label)s（%(unit)s）") % {"label": self.label, "unit": self.unit}
            if self.unit
            else str(self.label)
        )

    @property
    def is_text(self) -> bool:
        return self.kind in (Kind.TEXT, Kind.DAY)


@dataclass(frozen=True)
class Sheet:
    """A table with its title and notes."""

    title: Text
    columns: Sequence[Column]
    rows: Iterable[Sequence[Cell]]
    notes: Sequence[tuple[Text, Text]] = ()


def rounded(number: float | Decimal | None, places: int) -> Decimal | None:
    """Half up, once. A float is first read to nine places: 667 ÷ 2000 × 100 is 33.35, not 33.349999…"""
    if number is None or (isinstance(number, float) and not math.isfinite(number)):
        return None
    exact = number if isinstance(number, Decimal) else Decimal(f"{number:.9f}")
    return exact.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def plain(cell: Cell, column: Column) -> str | int | Decimal | date:
    """What a file holds: a rounded number, a date, a text, or the symbol for why there is none."""
    if isinstance(cell, Link | Badge):
        return str(cell[0] if isinstance(cell, Link) else cell.word)
    if isinstance(cell, Sign):
        return cell.value
    if column.kind is Kind.DAY:
        return cell if isinstance(cell, date) else values.NOT_APPLICABLE if cell is None else str(cell)
    if column.kind in (Kind.TEXT, Kind.FIGURE) or isinstance(cell, str | Promise | date):
        return values.NOT_AVAILABLE if cell is None else str(cell)
    number = rounded(cell if column.kind is not Kind.YUAN else _yuan(cell), PLACES[column.kind])
    if number is None:
        return values.NOT_AVAILABLE
    return int(number) if column.kind is Kind.WHOLE else number


def shown(cell: Cell, column: Column) -> str:
    """What the page shows: 1,234.5, 86.0%, a link, or a symbol."""
    if isinstance(cell, Link):
        return format_html('<a href="{}">{}</a>', cell.url, cell.text)
    if isinstance(cell, Badge):
        return cells.badge(cell.state, str(cell.word))
    found = plain(cell, column)
    if isinstance(found, datetime):
        return f"{found:%Y-%m-%d %H:%M}"
    if isinstance(found, int | Decimal):
        return f"{found:,}{'%' if column.kind is Kind.PERCENT else ''}"
    return str(found)


def csv_bytes(sheet: Sheet) -> bytes:
    """UTF-8 with BOM, RFC 4180; no text begins a formula. Notes are in the workbook: a CSV holds the table alone."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([harmless(str(column)) for column in sheet.columns])
    for row in sheet.rows:
        cells = (plain(cell, column) for cell, column in zip(row, sheet.columns, strict=True))
        writer.writerow([harmless(cell) if isinstance(cell, str) else cell for cell in cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def harmless(text: str) -> str:
    """A text that a spreadsheet would run as a formula gets an apostrophe before it."""
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def xlsx_bytes(sheet: Sheet) -> bytes:
    """Typed cells, a frozen header, widths, and a sheet of notes."""
    out = io.BytesIO()
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        head = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        formats = {kind: book.add_format({"num_format": number}) for kind, number in NUMBER_FORMATS.items()}
        symbol = book.add_format({"align": "right"})
        page = book.add_worksheet(_sheet_name(str(sheet.title)))
        page.freeze_panes(1, 1)
        for place, column in enumerate(sheet.columns):
            page.set_column(place, place, _width(column))
            page.write_string(0, place, str(column), head)
        for number, row in enumerate(sheet.rows, start=1):
            for place, (cell, column) in enumerate(zip(row, sheet.columns, strict=True)):
                found = plain(cell, column)
                if isinstance(found, int | Decimal):
                    page.write_number(number, place, float(found), formats.get(column.kind))
                elif isinstance(found, date):
                    page.write_datetime(number, place, _naive(found), formats[Kind.DAY])
                else:
                    page.write_string(number, place, found, None if column.is_text else symbol)
        _write_notes(
            book.add_worksheet(_("说明")), sheet, head, book.add_format({"text_wrap": True, "valign": "top"})
        )
    return out.getvalue()


def download(sheet: Sheet, *, form: str, name: str) -> HttpResponse:
    """A file of this form (csv or xlsx) with this name."""
    if form == "csv":
        answer = HttpResponse(csv_bytes(sheet), content_type="text/csv; charset=utf-8")
    else:
        answer = HttpResponse(xlsx_bytes(sheet), content_type=XLSX)
    answer.headers["Content-Disposition"] = f'attachment; filename="{slugify(name)}.{form}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _write_notes(page: xlsxwriter.worksheet.Worksheet, sheet: Sheet, bold: object, wrapped: object) -> None:
    page.set_column(0, 0, 14)
    page.set_column(1, 1, 90)
    page.write_string(0, 0, _("表"), bold)
    page.write_string(0, 1, str(sheet.title), wrapped)
    symbols = [(sign, word) for sign, word in values.LEGEND.items()]
    for number, (label, text) in enumerate([*sheet.notes, *symbols], start=1):
        page.write_string(number, 0, str(label), bold)
        page.write_string(number, 1, str(text), wrapped)


def _yuan(fen: object) -> Decimal | None:
    if fen is None or (isinstance(fen, float) and not math.isfinite(fen)):
        return None
    return Decimal(str(fen)) / 100


def _naive(day: date) -> date:
    return day.replace(tzinfo=None) if isinstance(day, datetime) else day


def _width(column: Column) -> int:
    """A Chinese sign is two wide."""
    return min(WIDEST, max(12 if column.kind is not Kind.TEXT else 18, 2 * len(str(column)) + 2))


def _sheet_name(title: str) -> str:
    return title.translate(FORBIDDEN_IN_NAMES)[:SHEET_NAME_MOST] or "1"
