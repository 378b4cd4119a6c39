"""The .xls of before 2007 → sheets.

What the reader does not tell is read from the records themselves: which cells are formulas, and how large a sheet is
before it is in memory.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import xlrd
from xlrd import XLRDError
from xlrd.compdoc import CompDocError

from schools.people.roster import sheets
from schools.people.roster.archive import ENCRYPTED, OldFormat, PasswordProtected
from schools.people.roster.scanning import MOST_COLUMNS, MOST_ROWS, ZEROS, TooManyRows
from schools.people.roster.sheets import EMPTY, Cell, Place, Sheet

BOUNDSHEET: Final = 0x85
END: Final = 0x0A
FILEPASS: Final = 0x2F
FORMULA: Final = (0x06, 0x206, 0x406)
CELLS: Final = frozenset(
    {*FORMULA, 0x01, 0x02, 0x03, 0x04, 0x05, 0xD6, 0xFD, 0x201, 0x203, 0x204, 0x205, 0x27E}
)
RUNS: Final = frozenset({0xBD, 0xBE})
"""Several cells of one row in one record; the last two bytes are the last column."""
HEAD: Final = struct.Struct("<HH")
BROKEN: Final = (
    *(XLRDError, CompDocError, struct.error, AssertionError, ArithmeticError, AttributeError),
    *(LookupError, TypeError, ValueError, MemoryError),
)
"""What the reader raises for a file that lies about itself."""


@dataclass
class _Page:
    """One worksheet as the workbook's list names it."""

    at: int
    is_visible: bool
    formulas: set[Place] = field(default_factory=set)


def read(data: bytes) -> list[Sheet]:
    """Raises a BadWorkbook."""
    if ENCRYPTED in data:
        raise PasswordProtected
    try:
        with xlrd.open_workbook(
            file_contents=data, formatting_info=True, on_demand=True, ragged_rows=True, logfile=io.StringIO()
        ) as book:
            return list(_sheets(book))
    except BROKEN as error:
        is_locked = "encrypted" in str(error) or "password" in str(error).lower()
        raise (PasswordProtected if is_locked else OldFormat) from error


def _sheets(book: xlrd.Book) -> Iterator[Sheet]:
    names = book.sheet_names()
    pages = list(_pages(book))
    if not pages or len(pages) != len(names):
        raise OldFormat
    for place, (name, page) in enumerate(zip(names, pages, strict=True)):
        if not page.is_visible:
            continue
        _scan(book, name, page)
        found = book.sheet_by_index(place)
        rows = [
            [_cell(book, found, row, column) for column in range(found.row_len(row))]
            for row in range(found.nrows)
        ]
        width = max((len(row) for row in rows), default=0)
        for row in rows:
            row.extend([EMPTY] * (width - len(row)))
        merged = [((top, left), (bottom - 1, right - 1)) for top, bottom, left, right in found.merged_cells]
        yield Sheet(name, sheets.filled(rows, merged), frozenset(page.formulas), _widths(book, found))
        book.unload_sheet(place)


def _records(book: xlrd.Book, at: int) -> Iterator[tuple[int, bytes]]:
    """Kind and body of each record, up to the end of the part that begins there."""
    depth = 0
    while at + HEAD.size <= len(book.mem):
        kind, size = HEAD.unpack_from(book.mem, at)
        depth += kind in (0x809, 0x409, 0x209, 0x09)
        depth -= kind == END
        yield kind, bytes(book.mem[at + HEAD.size : at + HEAD.size + size])
        if not depth:
            return
        at += HEAD.size + size


def _pages(book: xlrd.Book) -> Iterator[_Page]:
    for kind, body in _records(book, book.base):
        if kind == FILEPASS:
            raise PasswordProtected
        if kind == BOUNDSHEET:
            at, state, sort = struct.unpack_from("<IBB", body)
            if sort == 0:
                yield _Page(book.base + at, is_visible=state == 0)


def _scan(book: xlrd.Book, name: str, page: _Page) -> None:
    for kind, body in _records(book, page.at):
        if kind not in CELLS and kind not in RUNS:
            continue
        row, column = HEAD.unpack_from(body)
        last = struct.unpack_from("<H", body, len(body) - 2)[0] if kind in RUNS else column
        if row >= MOST_ROWS or last >= MOST_COLUMNS:
            raise TooManyRows(sheet=name, rows=MOST_ROWS, columns=MOST_COLUMNS)
        if kind in FORMULA:
            page.formulas.add((row, column))


def _cell(book: xlrd.Book, sheet: xlrd.sheet.Sheet, row: int, column: int) -> Cell:
    kind, value = sheet.cell_type(row, column), sheet.cell_value(row, column)
    if kind == xlrd.XL_CELL_DATE:
        try:
            moment: datetime = xlrd.xldate_as_datetime(value, book.datemode)
        except (ValueError, OverflowError):
            return float(value)
        return moment
    if kind == xlrd.XL_CELL_BOOLEAN:
        return bool(value)
    if kind == xlrd.XL_CELL_ERROR:
        return str(xlrd.error_text_from_code.get(value, "#N/A"))
    return float(value) if kind == xlrd.XL_CELL_NUMBER else str(value)


def _widths(book: xlrd.Book, sheet: xlrd.sheet.Sheet) -> dict[Place, int]:
    """Numbers that are shown with leading zeros: format 00000."""
    styles = {
        number: len(shown.format_str)
        for number, style in enumerate(book.xf_list)
        if (shown := book.format_map.get(style.format_key)) is not None and ZEROS.fullmatch(shown.format_str)
    }
    return {
        (row, column): styles[style]
        for row in range(sheet.nrows)
        for column in range(sheet.row_len(row))
        if styles
        and sheet.cell_type(row, column) == xlrd.XL_CELL_NUMBER
        and (style := sheet.cell_xf_index(row, column)) in styles
    }
