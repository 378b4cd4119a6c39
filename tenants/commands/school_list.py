"""Reads a list of schools as offices keep it: a CSV file from a spreadsheet, every flaw with its line and reason."""

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import models
from django.utils import translation

from tenants.models import Kind, SizeClass, Stage

COLUMNS = {
    "code": ("学校标识码", "学校代码", "标识码"),
    "name": ("学校名称", "名称", "学校"),
    "district_code": ("行政区划代码", "区县代码", "区划代码"),
    "district_name": ("区县名称", "区县", "行政区划"),
    "stage": ("学段",),
    "kind": ("城乡分类", "城乡"),
    "size_class": ("办学规模", "规模"),
}
CHOICES: dict[str, type[models.TextChoices]] = {"stage": Stage, "kind": Kind, "size_class": SizeClass}
DIGITS = {"code": 10, "district_code": 6}
LONGEST = {"name": 80, "district_name": 40}
LARGEST_BYTES = 10 * 1024 * 1024


class BadFile(ValueError):
    """The file as a whole can't be read; the text says what to do."""


@dataclass(frozen=True)
class Row:
    """One school as the list has it."""

    line: int
    code: str
    name: str
    district_code: str
    district_name: str
    stage: str
    kind: str
    size_class: str


@dataclass(frozen=True)
class Flaw:
    """What is wrong, where. Line 1 is the header."""

    line: int
    column: str
    reason: str


def read(path: Path) -> tuple[list[Row], list[Flaw]]:
    """Good rows and all flaws, in the order of the file. Raises BadFile."""
    records = _records(_text(path))
    rows: list[Row] = []
    flaws: list[Flaw] = []
    for line, record in records:
        if isinstance(record, str):
            flaws.append(Flaw(line, "", record))
            continue
        found = list(_flaws_of(line, record))
        flaws += found
        if not found:
            values = {name: _choice(name, value) or value for name, value in record.items()}
            rows.append(Row(line=line, **values))
    flaws += [*_doubles(rows), *_district_quarrels(rows)]
    return rows, sorted(flaws, key=lambda flaw: flaw.line)


def _text(path: Path) -> str:
    try:
        data = path.read_bytes() if path.stat().st_size <= LARGEST_BYTES else None
    except OSError as error:
        raise BadFile(f"{path} can't be read: {error.strerror}.") from error
    if data is None:
        raise BadFile(f"{path} is larger than {LARGEST_BYTES // 1_048_576} MB: this is no list of schools.")
    if data.startswith(b"PK"):
        raise BadFile(
            f"{path} is a workbook. Save it as CSV (UTF-8) in the spreadsheet program and try again."
        )
    for encoding in ("utf-16",) if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else ("utf-8-sig", "gb18030"):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" not in text:
            return text
    raise BadFile(f"{path} is no text in UTF-8 or GB18030. Save it as CSV (UTF-8) and try again.")


def _records(text: str) -> Iterator[tuple[int, dict[str, str] | str]]:
    """Line number with the values by column, or with what is wrong with the line itself."""
    lines = _lines(text)
    first = next(lines, None)
    if first is None or isinstance(first[1], str):
        raise BadFile(f"The list has no readable header. It needs the columns {', '.join(COLUMNS)}.")
    header = _header(first[1])
    for line, values in lines:
        if isinstance(values, str):
            yield line, values
        elif not any(value.strip() for value in values):
            continue
        elif len(values) < len(header) or any(value.strip() for value in values[len(header) :]):
            yield line, f"has {len(values)} values, the header has {len(header)} columns"
        else:
            yield (
                line,
                {name: _clean(name, value) for name, value in zip(header, values, strict=False) if name},
            )


def _lines(text: str) -> Iterator[tuple[int, list[str] | str]]:
    head = text.partition("\n")[0]
    delimiter = max(",\t;", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            yield line, next(reader)
        except StopIteration:
            return
        except csv.Error:
            yield line, 'a quotation mark (") is opened and not closed, or stands inside a value'


def _header(names: list[str]) -> list[str]:
    """Our column names in the file's order; '' for columns that we don't know."""
    known = {spelling: name for name, spellings in COLUMNS.items() for spelling in (name, *spellings)}
    header = [known.get(_plain(name).lower(), "") for name in names]
    missing = [name for name in COLUMNS if name not in header]
    if missing:
        wanted = ", ".join(f"{name} ({COLUMNS[name][0]})" for name in missing)
        raise BadFile(f"The list lacks these columns: {wanted}.")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise BadFile(f"The list has these columns twice: {', '.join(twice)}.")
    return header


def _flaws_of(line: int, record: dict[str, str]) -> Iterator[Flaw]:
    for name, value in record.items():
        reason = _trouble(name, value)
        if reason:
            yield Flaw(line, name, reason)


def _trouble(name: str, value: str) -> str:
    if not value:
        return "is empty"
    shown = value if len(value) <= 40 else value[:40] + "…"
    if name in DIGITS and not (value.isascii() and value.isdigit() and len(value) == DIGITS[name]):
        if "E+" in value.upper():
            return f"{shown!r} was shortened by the spreadsheet: format the column as text and enter it again"
        return f"{shown!r} is not {DIGITS[name]} digits"
    if name in LONGEST and len(value) > LONGEST[name]:
        return f"is longer than {LONGEST[name]} characters"
    if name in LONGEST and any(unicodedata.category(letter) == "Cc" for letter in value):
        return "holds a line break or another invisible character"
    if name in CHOICES and not _choice(name, value):
        return f"{shown!r} is unknown; use one of {', '.join(_spellings(name))}"
    return ""


def _choice(name: str, value: str) -> str:
    return _spellings(name).get(value, "") if name in CHOICES else ""


def _spellings(name: str) -> dict[str, str]:
    """Chinese names and codes of a choice, each to its code."""
    with translation.override("zh-hans"):
        return {str(choice.label): choice.value for choice in CHOICES[name]} | {
            choice.value: choice.value for choice in CHOICES[name]
        }


def _doubles(rows: list[Row]) -> Iterator[Flaw]:
    first: dict[str, int] = {}
    for row in rows:
        if row.code in first:
            yield Flaw(row.line, "code", f"{row.code} is in line {first[row.code]} already")
        first.setdefault(row.code, row.line)


def _district_quarrels(rows: list[Row]) -> Iterator[Flaw]:
    first: dict[str, Row] = {}
    for row in rows:
        known = first.setdefault(row.district_code, row)
        if known.district_name != row.district_name:
            yield Flaw(
                row.line,
                "district_name",
                f"{row.district_code} is {row.district_name!r} here and {known.district_name!r} in line {known.line}",
            )


def _clean(name: str, value: str) -> str:
    return _plain(value) if name in DIGITS else value.strip()


def _plain(value: str) -> str:
    """Without the full-width digits and blanks that input methods leave."""
    return unicodedata.normalize("NFKC", value).strip().lstrip("\ufeff'")
