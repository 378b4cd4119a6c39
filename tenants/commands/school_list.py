"""Reads a list of schools as offices keep it: a CSV file from a spreadsheet, every flaw with its line and reason."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.db import models
from django.utils import translation

from tenants.commands.lists import Flaw, plain, records, text_of
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


def read(path: Path) -> tuple[list[Row], list[Flaw]]:
    """Good rows and all flaws, in the order of the file. Raises BadFile."""
    rows: list[Row] = []
    flaws: list[Flaw] = []
    for line, record in records(text_of(path), COLUMNS, _clean):
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
    return plain(value) if name in DIGITS else value.strip()
