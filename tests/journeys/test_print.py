"""On paper: no column lost, no sentence one sign wide, no empty first sheet. Real sheets of the browser, A4."""

import re
from pathlib import Path

import pytest

from afterbell import pages

STATIC = Path(pages.__file__).parent / "static" / "pages"
CSS = "\n".join(
    (STATIC / name).read_text() for name in ("tokens.css", "afterbell.css", "parts.css", "charts.css")
)
PRINT = (STATIC / "print.css").read_text()
SIDEWAYS, UPRIGHT = (842, 595), (595, 842)
FINDING = "四年级1班：全班 43 人都参加；100% 的申请在 10 分钟内集中提交；100% 的申请来自同一台设备。"


@pytest.fixture
def paper(browser):
    """A body of ours as the browser lays it out for print."""
    page = browser.new_page(viewport={"width": 1047, "height": 800})
    page.emulate_media(media="print")

    def lay(body):
        page.set_content(
            f"<!doctype html><style>{CSS}</style><style media=print>{PRINT}</style><body class='ab desk'>"
            f"<main><h1>标题</h1>{body}</main>"
        )
        return page

    yield lay
    page.close()


def table(columns, rows, *, css="", cell=lambda _column: "1,234.50", kind=lambda _column: "ab-number"):
    head = "".join(f"<th class='{kind(each)}'>列{each}（元）</th>" for each in range(columns))
    line = "".join(f"<td class='{kind(each)}'>{cell(each)}</td>" for each in range(columns))
    lines = f"<tr>{line}</tr>" * rows
    return f"<div class='ab-scroll'><table class='ab-table {css}'><thead><tr>{head}</tr></thead>{lines}</table></div>"


def sheets(page):
    pdf = page.pdf(prefer_css_page_size=True)
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)
    return [(round(float(wide)), round(float(high))) for wide, high in boxes]


def test_a_finding_is_as_wide_as_a_sentence(paper):
    page = paper(table(8, 9, cell=lambda each: FINDING if each == 4 else "2026-11-27",
                       kind=lambda each: "ab-long" if each == 4 else "ab-one-line"))  # fmt: skip
    assert page.locator("td.ab-long").first.bounding_box()["width"] > 300
    assert sheets(page) == [SIDEWAYS]


def test_a_wide_table_keeps_its_money(paper):
    """26 columns, of which ten stay on the screen: the last one printed lies on the sheet."""
    page = paper(table(26, 20, cell=lambda _each: "1,234,567.00",
                       kind=lambda each: "ab-number ab-on-screen" if each % 5 in (1, 3) else "ab-number"))  # fmt: skip
    last = page.locator("thead th:visible").last.bounding_box()
    assert last["x"] + last["width"] <= 1047
    assert sheets(page) == [SIDEWAYS]


def test_a_roster_begins_on_its_first_sheet(paper):
    """Its one row is longer than a sheet."""
    cell = "".join(f"<p>活动 {each}<br>教学楼 {each} 室</p>" for each in range(14))
    page = paper(table(6, 1, css="ab-roster", cell=lambda _each: cell, kind=lambda _each: ""))
    assert sheets(page) == [SIDEWAYS] * 2


def test_a_card_longer_than_a_sheet_begins_where_it_stands(paper):
    page = paper("<section class='ab-card'>" + "<p>一行</p>" * 40 + "</section>")
    assert sheets(page) == [UPRIGHT] * 2
