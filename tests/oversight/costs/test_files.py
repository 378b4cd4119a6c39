"""Files: typed cells and notes in the workbook, nothing that a spreadsheet would run, whatever a school is called."""

import csv
import io
from dataclasses import replace
from datetime import datetime

import openpyxl
import pytest
from django.utils import translation

from oversight.costs import columns, files, pdf
from tests.oversight.costs.facts import ROLLED, a_city, a_fact, a_report, an_unknown_school
from tests.pages import pdftext

HOSTILE = [
    "=1+1",
    "+86",
    "-2",
    "@SUM(A1)",
    "\tx",
    "\rx",
    'a "b", c',
    "第一\n小学",
    "#panic(1)",
    "*粗* <i>x</i>",
]


def read(report):
    return openpyxl.load_workbook(io.BytesIO(files.xlsx_bytes(report)))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_a_text_and_never_a_formula(name):
    report = a_report([a_fact(name=name)])
    (row,) = csv.DictReader(io.StringIO(files.csv_bytes(report).decode("utf-8-sig"), newline=""))
    assert row["school_name"].removeprefix("'") == name
    assert not row["school_name"].startswith(("=", "+", "-", "@", "\t", "\r"))
    cell = read(report).worksheets[0]["B2"]
    assert cell.data_type == "s"
    assert "".join(name.split()) in pdftext.words(pdf.pdf_bytes(report))


def test_every_line_of_the_csv_ends_as_rfc_4180_says():
    text = files.csv_bytes(a_report(a_city(3))).decode("utf-8-sig")
    assert text.endswith("\r\n")
    assert text.count("\r\n") == 4
    assert text.splitlines()[0] == ",".join(columns.CODES)


def test_cells_have_types_and_unknown_ones_are_empty():
    page = read(a_report([a_fact(), an_unknown_school(1)])).worksheets[0]
    known, unknown = (
        {page.cell(1, cell.column).value: cell.value for cell in row} for row in page.iter_rows(2)
    )
    assert known["school_code"] == "3301020000"  # a text: no zero is lost, no digit rounded
    assert known["received_fen"] == 580_000
    assert known["pupil_hours"] == 1000
    assert isinstance(known["as_of"], datetime)
    assert {unknown[code] for code in columns.CODES[7:]} == {None}


def test_the_head_stays_in_sight_and_says_what_it_means():
    page = read(a_report(a_city(3))).worksheets[0]
    assert page.freeze_panes == "C2"
    assert page.auto_filter.ref == "A1:AF4"
    assert "四舍五入" in page["W1"].comment.text
    assert page.column_dimensions["B"].width > 20


def test_the_notes_say_term_filters_age_symbols_and_every_column():
    report = a_report(a_city(3), filters=[("学段", "小学")])
    notes = " ".join(
        str(cell) for row in read(report)["说明"].iter_rows(values_only=True) for cell in row if cell
    )
    for told in (
        "第一学期（2026-2027-1）",
        "学段：小学",
        "2026-11-23 18:30",
        "空单元格：尚未取得",
        "330102 湖滨区",
    ):
        assert told in notes
    assert all(code in notes for code in columns.CODES)
    assert all(str(column.meaning) in notes for column in columns.ALL)


def test_the_same_rows_give_the_same_bytes():
    report = a_report(a_city(12))
    for make in (files.csv_bytes, files.xlsx_bytes, pdf.pdf_bytes):
        assert make(report) == make(report)


def test_the_document_draws_its_charts_and_tells_what_it_shows():
    document = pdf.document(a_report(a_city(40)))
    (group,) = document["strips"]["groups"]
    assert len(group["dots"]) == 40
    assert {dot["flag"] for dot in group["dots"]} == {"low", "none", "high"}
    assert sum(one["count"] for one in document["histogram"]["bins"]) == 40
    assert document["strips"]["answer"].startswith(
        "中间一半学校每生每小时花 ¥5.10 至 ¥5.29，中位数 ¥5.20（40 所）"
    )
    words = pdftext.words(pdf.pdf_bytes(a_report(a_city(40))))
    assert "小学·城区n=40" in words
    assert "湖滨区40" in words


def test_an_outlier_does_not_squeeze_the_chart_and_is_told():
    document = pdf.document(a_report([*a_city(20), a_fact(30, staff_fen=90_000_000)]))
    assert document["axis"]["most"] < 2_000
    assert "1 所学校超出坐标轴" in document["strips"]["note"]
    assert sum(one["count"] for one in document["histogram"]["bins"]) == 21


def test_a_document_without_any_cost_has_no_charts_and_is_made():
    assert pdf.document(a_report([an_unknown_school()]))["has_costs"] is False
    assert "缺失" in pdftext.words(pdf.pdf_bytes(a_report([an_unknown_school()])))
    assert pdf.pdf_bytes(a_report([])).startswith(b"%PDF")
    free = a_fact(staff_fen=0, materials_fen=0, other_fen=0)
    assert pdf.pdf_bytes(a_report([free])).startswith(b"%PDF")


def test_columns_keep_their_codes_in_every_language():
    with translation.override("en"):
        page = read(a_report(a_city(1))).worksheets[0]
    assert [cell.value for cell in page[1]] == list(columns.CODES)


def test_1233_schools_are_written_in_both_kinds():
    report = a_report([a_fact(number, code=f"{number:010d}") for number in range(1233)])
    assert files.csv_bytes(report).count(b"\r\n") == 1234
    assert read(report).worksheets[0].max_row == 1234


def test_every_file_tells_the_time_of_its_data_as_the_pages_do():
    report = a_report([a_fact()])
    report = replace(report, summary=replace(report.summary, as_of=ROLLED))
    told = dict(files.notes(report))
    assert told["数据时间"] == "2026-11-23 18:30" == dict(pdf.document(report)["facts"])["数据时间"]


@pytest.mark.parametrize(
    ("costs", "said"),
    [
        ((500, 500), "各区县的每生每小时成本相同，都是 ¥5.00"),
        ((600, 500), "湖滨区最高（¥6.00，只有 1 所学校），江东区最低（¥5.00，只有 1 所学校）"),
        ((500, 500, 400), "湖滨区和江东区最高（¥5.00，只有 1 所学校），山南县最低（¥4.00，只有 1 所学校）"),
    ],
)
def test_no_district_is_the_highest_beside_its_equal(costs, said):
    names = {"330102": "湖滨区", "330108": "江东区", "330106": "山南县"}
    rows = [
        a_fact(place, district_code=code, staff_fen=1_000 * cost - 100_000)
        for place, (code, cost) in enumerate(zip(names, costs, strict=False))
    ]
    assert pdf.document(a_report(rows, districts=names))["bars"]["answer"] == said
