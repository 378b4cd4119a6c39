"""Cells as the page, a CSV and a workbook hold them: rounded once, symbols kept, no formula, notes beside."""

import csv
import io
from datetime import date
from decimal import Decimal

import openpyxl
import pytest

from afterbell.pages import sheets
from afterbell.pages.sheets import Badge, Column, Kind, Link, Sheet, Sign

NAN = float("nan")


@pytest.mark.parametrize(
    ("cell", "kind", "text"),
    [
        (86.05, Kind.PERCENT, "86.1%"),
        (667 / 2000 * 100, Kind.PERCENT, "33.4%"),
        (33.35, Kind.TENTH, "33.4"),
        (0.0, Kind.PERCENT, "0.0%"),
        (123450, Kind.YUAN, "1,234.50"),
        (31.5, Kind.YUAN, "0.32"),
        (1234567.0, Kind.WHOLE, "1,234,567"),
        (0, Kind.WHOLE, "0"),
        (4.325, Kind.HUNDREDTH, "4.33"),
        (NAN, Kind.TENTH, "x"),
        (None, Kind.YUAN, "x"),
        (Sign.HIDDEN, Kind.PERCENT, "c"),
        (Sign.NOT_APPLICABLE, Kind.WHOLE, "–"),
        (date(2026, 9, 1), Kind.DAY, "2026-09-01"),
        (None, Kind.DAY, "–"),
        ("比上学期升 1.2", Kind.FIGURE, "比上学期升 1.2"),
    ],
)
def test_a_cell_is_written_with_its_symbol_and_rounded_half_up(cell, kind, text):
    assert sheets.shown(cell, Column("列", kind)) == text


def test_links_and_names_are_escaped_on_the_page():
    html = sheets.shown(Link("<b>一小</b>", '/x?"'), Column("学校"))
    assert html == '<a href="/x?&quot;">&lt;b&gt;一小&lt;/b&gt;</a>'


SHEET = Sheet(
    title="各校[参与]情况: 一张很长很长很长很长很长很长很长很长的表",
    columns=(Column("学校"), Column("参与率", Kind.PERCENT, "%"), Column("应收", Kind.YUAN, "元"), Column("位置")),
    rows=[
        (Link("=HYPERLINK(1)", "/"), 86.05, 123450.0, Badge("bad", "偏高")),
        ("@学校, \"二\"\n小", Sign.HIDDEN, None, "-x"),
    ],
    notes=[("定义", "=1+1")],
)  # fmt: skip


def test_a_csv_has_a_bom_and_no_formula():
    raw = sheets.csv_bytes(SHEET)
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 3
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))
    assert rows[0] == ["学校", "参与率（%）", "应收（元）", "位置"]
    assert rows[1] == ["'=HYPERLINK(1)", "86.1", "1234.50", "偏高"]
    assert rows[2] == ['\'@学校, "二"\n小', "c", "x", "'-x"]


def test_a_workbook_is_typed_and_tells_its_symbols():
    book = openpyxl.load_workbook(io.BytesIO(sheets.xlsx_bytes(SHEET)))
    page, notes = book.worksheets
    assert page.freeze_panes == "B2"
    assert [cell.value for cell in page[2]] == ["=HYPERLINK(1)", 86.1, 1234.5, "偏高"]
    assert [cell.data_type for cell in page[2]] == ["s", "n", "n", "s"]
    assert page["B2"].number_format == "0.0"
    assert [cell.value for cell in page[3]][1:3] == ["c", "x"]
    told = {row[0].value: row[1].value for row in notes.rows}
    assert told["定义"] == "=1+1"
    assert notes["B2"].data_type == "s"
    assert told["c"] == "为保护儿童不显示"


def test_page_csv_and_workbook_hold_the_same_number():
    column = Column("参与率", Kind.PERCENT, "%")
    for value in (0.05, 12.345, 33.35, 99.95, 100.0):
        page = sheets.shown(value, column).removesuffix("%")
        sheet = Sheet("表", [column], [[value]])
        in_csv = sheets.csv_bytes(sheet).decode("utf-8-sig").splitlines()[1]
        in_book = openpyxl.load_workbook(io.BytesIO(sheets.xlsx_bytes(sheet))).worksheets[0]["A2"].value
        assert Decimal(page) == Decimal(in_csv) == Decimal(str(in_book)).quantize(Decimal("0.1"))
