"""Bytes → sheets of cells: visible sheets only, merged cells filled downwards."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, time, timedelta
from typing import Final

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from schools.people.roster import archive as archives
from schools.people.roster import scanning
from schools.people.roster.archive import BadWorkbook
from schools.people.roster.scanning import Place

Cell = str | int | float | bool | date | time | timedelta
EMPTY: Final = ""


@dataclass(frozen=True)
class Sheet:
    """One sheet as the clerk sees it, from A1 on."""

    name: str
    rows: list[list[Cell]]
    formulas: frozenset[Place]
    widths: Mapping[Place, int]


def read(data: bytes) -> list[Sheet]:
    """The visible sheets of a workbook; raises a BadWorkbook."""
    archive = archives.opened(data)
    parts = scanning.sheet_parts(archive)
    styles = scanning.zero_styles(archive)
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        shown = [
            about.name
            for about in workbook.sheets_metadata
            if about.typ == SheetTypeEnum.WorkSheet and about.visible == SheetVisibleEnum.Visible
        ]
        sheets = []
        for name in shown:
            scan = scanning.scan(archive, name=name, part=parts.get(name, ""), styles=styles)
            rows = _rows(workbook.get_sheet_by_name(name))
            sheets.append(Sheet(name, rows, frozenset(scan.formulas), scan.widths))
    except CalamineError as error:
        raise BadWorkbook from error
    return sheets


def _rows(sheet: CalamineSheet) -> list[list[Cell]]:
    rows: list[list[Cell]] = sheet.to_python(skip_empty_area=False)
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        if left == right and top < len(rows) and left < len(rows[top]):
            for row in rows[top + 1 : bottom + 1]:
                row[left] = rows[top][left]
    return rows
