"""Makes rosters for tests: a title row, headings, rows; and the few steps of an import."""

import csv
import io
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import openpyxl
import xlsxwriter

from afterbell.kernel.ids import uuid7
from schools.people.models import RosterImport
from schools.people.roster import actions, intake
from schools.people.roster.intake import Intake
from tests.city import NOON

HEAD = ("学籍号", "姓名", "班级", "家长姓名", "家长电话")
TODAY = date(2026, 9, 1)
LI = ("00123", "李小明", "一年级1班", "李强", "13800138000")
WANG = ("00124", "王芳芳", "一年级1班", "王建国", "13800138001")


def book(
    *rows: tuple[Any, ...],
    head: tuple[str, ...] = HEAD,
    title: str = "花名册",
    formats: dict[str, str] | None = None,
) -> bytes:
    """A workbook; `formats` gives columns (by heading) a number format."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as made:
        page = made.add_worksheet("Sheet1")
        page.merge_range(0, 0, 0, max(len(head) - 1, 1), "花名册", made.add_format({"bold": True}))
        styles = {name: made.add_format({"num_format": text}) for name, text in (formats or {}).items()}
        for number, row in enumerate([head, *rows], start=1):
            for column, cell in enumerate(row):
                style = styles.get(head[column]) if number > 1 else None
                if isinstance(cell, str) and cell.startswith("=SUM"):
                    page.write_formula(number, column, cell, style, "1班")
                else:
                    page.write(number, column, cell, style)
    return out.getvalue()


def sheets(pages: Mapping[str, Sequence[Sequence[Any]]], *, merged: Sequence[str] = ()) -> bytes:
    """A workbook of these sheets from A1 on; `merged` are ranges of each of them."""
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in pages.items():
        page = made.create_sheet(name)
        for row in rows:
            page.append([None if cell == "" else cell for cell in row])
        for cells in merged:
            page.merge_cells(cells)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def written(
    rows: Sequence[Sequence[Any]], *, encoding: str = "utf-8", by: str = ",", end: str = "\r\n"
) -> bytes:
    """The rows as a CSV."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=by, lineterminator=end).writerows(rows)
    return out.getvalue().encode(encoding)


def take(data: bytes, *, today: date = TODAY, by=None) -> Intake:
    return intake.take(data, today=today, by=by)


def flaws(data: bytes) -> dict[str, str]:
    """Cell → reason."""
    return {flaw.spot.cell: flaw.reason for flaw in take(data).plan.flaws}


def load(
    data: bytes, *, leaving=(), in_part: bool = False, by=None, now=NOON, today: date = TODAY
) -> RosterImport:
    """Import it at once."""
    source = actions.Source(
        uuid7(), "名册.xlsx", intake.digest(data)
    )  # the upload comes before what is read of it
    found = take(data, today=today, by=by)
    return actions.apply(
        plan=found.plan, source=source, leaving=leaving, in_part=in_part, by=by, now=now, tick=intake.silent
    )


def opened(data: bytes) -> Any:
    """As Excel would read it."""
    return openpyxl.load_workbook(io.BytesIO(data))
