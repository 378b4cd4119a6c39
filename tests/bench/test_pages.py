"""`bench pages`: each page is a page, each file has its rows; what is not is no time."""

from zipfile import ZipFile

import pytest
from django.db import connection

from infra.bench import pages
from tests.bench.conftest import SEED


def test_pages_and_files_of_a_small_city_are_measured(bench_database, monkeypatch):
    monkeypatch.setattr(pages, "PAGES", ("/schools/", "/costs/summary/", "/nowhere/"))
    outcome = pages.run(schools=3, seed=SEED, database=connection.settings_dict["NAME"], turns=2)
    assert outcome.checked, outcome.results["trouble"]
    assert outcome.results["not_there"] == "/nowhere/"
    assert [line["path"] for line in outcome.results["pages"]] == ["/schools/", "/costs/summary/"]
    for line in outcome.results["pages"]:
        assert 0 < line["p50_ms"] <= line["p95_ms"]
        assert line["queries"] > 0
        assert line["bytes_gz"] > 1000
    assert outcome.results["csv_seconds"] > 0
    assert outcome.results["xlsx_seconds"] > 0
    assert outcome.results["web_process_mb"] > 10


@pytest.mark.parametrize(
    ("status", "body", "trouble"),
    [
        (200, b"<html></html>", ""),
        (302, b"", "answered 302"),
        (500, b"<html></html>", "answered 500"),
        (200, b"{}", "answered 200"),
    ],
)
def test_what_is_not_a_whole_page_is_trouble(status, body, trouble, monkeypatch):
    monkeypatch.setattr(pages.Browser, "get", lambda *_: (status, body, 1.0))
    page = pages.Page("/schools/")
    pages.Browser(0, "").look_at(page, is_cold=False)
    assert page.trouble.startswith(trouble)
    assert bool(page.trouble) == bool(trouble)


def test_a_file_without_a_school_is_trouble(bench_database):
    header = "school_code,participants\r\n"
    assert pages._wrong_in_csv(header.encode())


def test_a_workbook_without_rows_is_trouble(bench_database, tmp_path):
    file = tmp_path / "empty.xlsx"
    with ZipFile(file, "w") as parts:
        parts.writestr("xl/worksheets/sheet1.xml", "<worksheet/>")
    assert pages._wrong_in_workbook(file.read_bytes())
