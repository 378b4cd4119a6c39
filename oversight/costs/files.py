"""The summary as CSV and as XLSX: the contract's columns under their codes, one row a school, an empty cell for unknown."""

import csv
import io
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext as _

from afterbell.pages import sheets
from oversight.costs import columns
from oversight.costs.columns import Column, Kind
from oversight.costs.report import FLAGS, Report
from oversight.costs.summary import Row

BOM: Final = b"\xef\xbb\xbf"
CSV: Final = "text/csv; charset=utf-8"
XLSX: Final = sheets.XLSX
NUMBER_FORMATS: Final = {
    Kind.WHOLE: "#,##0",
    Kind.FEN: "#,##0",
    Kind.TENTH: "#,##0.0",
    Kind.HUNDREDTH: "#,##0.00",
    Kind.MOMENT: "yyyy-mm-dd hh:mm:ss",
}
WIDTHS: Final = {"school_code": 13, "school_name": 28, "term": 13, "as_of": 20}


def csv_bytes(report: Report) -> bytes:
    """UTF-8 with BOM, RFC 4180, no text that a spreadsheet would run as a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns.CODES)
    writer.writerows([written(cell) for cell in row] for row in report.summary.rows)
    return BOM + out.getvalue().encode()


def written(cell: str | int | Decimal | datetime | None) -> str | int:
    """A cell as CSV has it; money and counts are whole, a moment has its offset."""
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat()
    if isinstance(cell, Decimal):
        return f"{cell:f}"
    return sheets.harmless(cell) if isinstance(cell, str) else cell


def xlsx_bytes(report: Report) -> bytes:
    """Typed cells, a frozen header whose cells say what they mean, and a sheet of notes."""
    out = io.BytesIO()
    options = {
        "constant_memory": True,
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(out, options) as book:
        book.set_properties({"title": _("课后服务成本汇总"), **_made_at(report.summary.as_of)})
        _write_rows(book, report)
        _write_notes(book, report)
    return out.getvalue()


def _write_rows(book: Any, report: Report) -> None:
    page = book.add_worksheet(_("成本汇总"))
    head = book.add_format({"bold": True, "bottom": 1, "bg_color": "#E3E8EE"})
    formats = [
        book.add_format({"num_format": NUMBER_FORMATS.get(column.kind, "@")}) for column in columns.ALL
    ]
    page.freeze_panes(1, 2)
    page.set_landscape()
    page.repeat_rows(0)
    for place, column in enumerate(columns.ALL):
        page.set_column(place, place, WIDTHS.get(column.code, max(10, len(column.code) + 2)))
        page.write_string(0, place, column.code, head)
        page.write_comment(0, place, _about(column))
    for line, row in enumerate(report.summary.rows, start=1):
        _write_row(page, line, row, formats)
    page.autofilter(0, 0, max(1, len(report.summary.rows)), len(columns.ALL) - 1)


def _write_row(page: Any, line: int, row: Row, formats: list[Any]) -> None:
    for place, cell in enumerate(row):
        if isinstance(cell, str):
            if cell:
                page.write_string(line, place, cell, formats[place])
        elif isinstance(cell, datetime):
            page.write_datetime(line, place, cell.replace(tzinfo=None), formats[place])
        elif cell is not None:
            page.write_number(line, place, cell, formats[place])


def _write_notes(book: Any, report: Report) -> None:
    page = book.add_worksheet(_("说明"))
    bold, wrapped = (
        book.add_format({"bold": True, "valign": "top"}),
        book.add_format({"text_wrap": True, "valign": "top"}),
    )
    for place, width in enumerate((28, 20, 10, 100)):
        page.set_column(place, place, width)
    line = 0
    for label, text in notes(report):
        page.write_string(line, 0, label, bold)
        page.merge_range(line, 1, line, 3, text, wrapped)
        line += 1
    line += 1
    for place, label in enumerate((_("列"), _("名称"), _("单位"), _("含义"))):
        page.write_string(line, place, label, bold)
    for column in columns.ALL:
        line += 1
        cells = (column.code, str(column.label), str(column.unit), str(column.meaning))
        for place, text in enumerate(cells):
            page.write_string(line, place, text, wrapped)
    line += 2
    page.write_string(line, 0, _("区县代码"), bold)
    for code, name in report.districts.items():
        line += 1
        page.write_string(line, 0, code, wrapped)
        page.write_string(line, 1, name, wrapped)


def notes(report: Report) -> list[tuple[str, str]]:
    """What the rows are, which were chosen, how old they are, and how to read them."""
    as_of = report.summary.as_of
    return [
        (_("表"), _("课后服务成本汇总，每校一行")),
        (_("学期"), f"{report.term_name}（{report.summary.term}）"),
        (_("筛选"), "；".join(f"{label}：{value}" for label, value in report.filters) or _("全部学校")),
        (_("结果"), report.headline),
        (_("数据时间"), f"{timezone.localtime(as_of):%Y-%m-%d %H:%M}" if as_of else _("还没有数据")),
        (_("比较结果的代码"), "；".join(f"{code} {word}" for code, word in FLAGS.items())),
        (_("符号"), _("空单元格：尚未取得，或为保护儿童不显示，不是 0。0：确实没有。金额单位为分。")),
    ]


def _about(column: Column) -> str:
    unit = f"（{column.unit}）" if column.unit else ""
    return f"{column.label}{unit}：{column.meaning}"


def _made_at(as_of: datetime | None) -> dict[str, datetime]:
    """The same rows give the same file."""
    return {"created": (as_of or datetime(2026, 1, 1)).replace(tzinfo=None)}  # noqa: DTZ001  (xlsx knows no zones)
