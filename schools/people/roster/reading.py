"""Bytes → sheets of cells, whatever kind of file it is: visible sheets only, merged cells filled downwards."""

import io
from typing import Final

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from schools.people.roster import archive as archives
from schools.people.roster import commas, old_books, scanning, sheets
from schools.people.roster.archive import MEGABYTE, MOST_BYTES, OLE2, BadWorkbook, EmptyFile, TooLarge
from schools.people.roster.sheets import Sheet

ZIP: Final = b"PK"


def read(data: bytes) -> list[Sheet]:
    """The sheets of a roster: .xlsx, .xls or CSV, by what is in it and not by its name. Raises a BadWorkbook."""
    if len(data) > MOST_BYTES:
        raise TooLarge(most=MOST_BYTES // MEGABYTE)
    if not data.strip():
        raise EmptyFile
    if data.startswith(ZIP):
        return _workbook(data)
    return old_books.read(data) if data.startswith(OLE2) else commas.read(data)


def _workbook(data: bytes) -> list[Sheet]:
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
        found = []
        for name in shown:
            scan = scanning.scan(archive, name=name, part=parts.get(name, ""), styles=styles)
            sheet = workbook.get_sheet_by_name(name)
            rows = sheets.filled(sheet.to_python(skip_empty_area=False), sheet.merged_cell_ranges or [])
            found.append(Sheet(name, rows, frozenset(scan.formulas), scan.widths))
    except CalamineError as error:
        raise BadWorkbook from error
    return found
