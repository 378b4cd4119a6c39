"""Text → one sheet of cells: CSV as Excel, WPS and the register of pupils write it, in UTF-8, UTF-16 or GB18030."""

import codecs
import csv
import io
import re
from collections.abc import Iterable
from contextlib import suppress
from itertools import islice
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from schools.people.roster.archive import BadWorkbook
from schools.people.roster.scanning import MOST_COLUMNS, MOST_ROWS, TooManyRows
from schools.people.roster.sheets import Cell, Sheet

SEPARATORS: Final = ",\t;"
LOOK_DOWN: Final = 20
GUARDED: Final = re.compile('="(.*)"')
"""Digits that Excel is to leave alone."""
MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


class UnknownText(BadWorkbook):
    """Neither of the ways to write Chinese."""

    code = "roster.unknown_text"
    message = gettext_lazy(
        "这个文件不是 Excel 工作簿，里面的文字也读不出来。"
        "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”或“CSV UTF-8”后再上传。"
    )


class HoldsNul(BadWorkbook):
    """A picture, a program, a document: no text has such signs."""

    code = "roster.nul"
    message = gettext_lazy(
        "这个文件里有文字表格不会有的空字符（NUL），不是名册，或已经损坏。"
        "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”后再上传。"
    )


class BadQuotes(BadWorkbook):
    """A quotation mark that is never closed swallows the rest of the list."""

    code = "roster.quotes"
    message = gettext_lazy(
        "CSV 到第 %(line)s 行引号不成对，或有一格特别长，读不出后面的内容。"
        "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”后再上传。"
    )


def read(data: bytes) -> list[Sheet]:
    """Raises a BadWorkbook."""
    text = _text(data)
    if "\0" in text:
        raise HoldsNul
    by = max(SEPARATORS, key=lambda sign: _width(text, sign))
    if not _width(text, by):
        raise BadWorkbook
    rows: list[list[Cell]] = []
    name = _("名册")
    for row in _rows(text, by):
        if len(rows) >= MOST_ROWS or len(row) > MOST_COLUMNS:
            raise TooManyRows(sheet=name, rows=MOST_ROWS, columns=MOST_COLUMNS)
        rows.append([_bare(cell) for cell in row])
    width = max(len(row) for row in rows)
    for row_read in rows:
        row_read.extend([""] * (width - len(row_read)))
    return [Sheet(name, rows)]


def _text(data: bytes) -> str:
    marked = [encoding for mark, encoding in MARKS if data.startswith(mark)]
    for encoding in marked or ["utf-8", "gb18030"]:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise HoldsNul if b"\0" in data else UnknownText


def _width(text: str, by: str) -> int:
    """How many separators of the kind the first rows hold."""
    found = 0
    with suppress(BadQuotes):
        for row in islice(_rows(text, by), LOOK_DOWN):
            found += max(len(row) - 1, 0)
    return found


def _rows(text: str, by: str) -> Iterable[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=by, strict=True)
    try:
        yield from reader
    except csv.Error as error:
        raise BadQuotes(line=reader.line_num) from error


def _bare(cell: str) -> str:
    found = GUARDED.fullmatch(cell)
    return found[1] if found else cell
