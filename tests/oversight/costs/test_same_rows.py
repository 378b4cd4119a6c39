"""The same rows everywhere: page, CSV, XLSX, PDF, API and command; and nobody sees more of them than the own part."""

import csv
import io
from datetime import datetime
from decimal import Decimal

import openpyxl
import pytest

from oversight.costs import columns
from oversight.costs.summary import Row
from tests.makers import TERM
from tests.oversight.costs import people
from tests.oversight.costs.test_command import run
from tests.pages import pdftext

API = f"/api/v1/costs/summary/?term={TERM}"
PAGE = f"/costs/summary/?term={TERM}"


def of_csv(content):
    """Rows as texts, empty for unknown."""
    assert content.startswith(b"\xef\xbb\xbf")
    text = content.decode("utf-8-sig")
    assert text.count("\n") == text.count("\r\n")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def of_xlsx(content):
    page = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    head, *rows = page.iter_rows(values_only=True)
    return [dict(zip(head, map(_as_csv, head, row), strict=True)) for row in rows]


def of_json(answer):
    return [{name: _as_csv(name, cell) for name, cell in row.items()} for row in answer.json()["results"]]


def _as_csv(name, cell):
    """A typed cell as CSV writes it."""
    kind = columns.BY_CODE[name].kind
    if cell is None or cell == "":
        return ""
    if isinstance(cell, datetime):
        return f"{cell.isoformat()}+08:00"
    if kind is columns.Kind.TENTH:
        return str(Decimal(str(cell)).quantize(Decimal("0.1")))
    if kind is columns.Kind.HUNDREDTH:
        return str(Decimal(str(cell)).quantize(Decimal("0.01")))
    return str(cell)


@pytest.fixture
def officer(city):
    return people.price_officer()


def test_page_files_api_and_command_give_the_same_rows(officer, tmp_path):
    rows = of_csv(officer.get(f"{PAGE}&format=csv").content)
    assert [row["school_code"] for row in rows] == ["3301020001", "3301020002", "3301060003"]
    assert [row["state"] for row in rows] == ["final", "estimate", "missing"]
    assert list(rows[0]) == list(Row._fields)
    assert of_xlsx(officer.get(f"{PAGE}&format=xlsx").content) == rows
    assert of_json(officer.get(API)) == rows
    assert of_csv(officer.get(f"{API}&format=csv").content) == rows
    assert of_xlsx(officer.get(f"{API}&format=xlsx").content) == rows
    for form in ("csv", "xlsx"):
        run("--term", TERM, "--format", form, "--out", str(tmp_path / form))
    assert of_csv((tmp_path / "csv").read_bytes()) == rows
    assert of_xlsx((tmp_path / "xlsx").read_bytes()) == rows


def test_page_and_document_show_the_figures_of_the_rows(officer):
    row = of_csv(officer.get(f"{PAGE}&format=csv").content)[0]
    assert row["cost_per_pupil_hour_fen"] == "1053"  # 2,000,000 fen over 5 days of 285 times 80 minutes
    assert (row["received_fen"], row["pupil_hours"], row["surplus_fen"]) == ("3900000", "1900.00", "1900000")
    page = officer.get(PAGE).content.decode()
    paper = pdftext.words(officer.get(f"{PAGE}&format=pdf").content)
    for shown in ("10.53", "39,000.00", "1,900.00", "19,000.00"):
        assert shown in page
        assert shown in paper
    for name in ("湖滨区第一小学", "湖滨区第二小学", "山南县海岛学校"):
        assert name in page
        assert name in paper, paper


def test_a_filter_leaves_the_same_rows_everywhere(officer):
    narrow = "&state=estimate&district=330102"
    rows = of_csv(officer.get(f"{PAGE}{narrow}&format=csv").content)
    assert [row["school_code"] for row in rows] == ["3301020002"]
    assert of_json(officer.get(f"{API}{narrow}")) == rows
    assert of_xlsx(officer.get(f"{API}{narrow}&format=xlsx").content) == rows
    page = officer.get(f"{PAGE}{narrow}").content.decode()
    assert "湖滨区第二小学" in page
    assert "湖滨区第一小学" not in page


@pytest.mark.parametrize(
    "address", [PAGE, f"{PAGE}&format=csv", f"{PAGE}&format=xlsx", f"{PAGE}&format=pdf", API, "/costs/"]
)
def test_a_supervisor_of_a_district_sees_its_schools_alone(city, address):
    seen = words(people.supervisor("330106").get(address))
    assert "山南县海岛学校" in seen
    assert "湖滨区" not in seen
    assert "3301020001" not in seen


def test_another_district_is_not_there_for_its_neighbour(city):
    reader = people.supervisor("330106")
    assert reader.get(f"{API}&district=330102").status_code == 400
    page = reader.get(f"{PAGE}&district=330102").content.decode()
    assert "没有“330102”，请从列表中选择。" in page
    assert "湖滨区第一小学" not in page


def test_figures_of_a_school_are_the_same_for_its_district_and_for_the_city(city, officer):
    """Peers are sought in the whole city, whoever reads."""
    whole = of_csv(officer.get(f"{PAGE}&format=csv").content)
    assert of_csv(people.supervisor("330102").get(f"{PAGE}&format=csv").content) == whole[:2]
    assert of_csv(people.supervisor().get(f"{PAGE}&format=csv").content) == whole


def test_who_may_not_read_costs_gets_nothing(city):
    reader = people.administrator()
    for address in (PAGE, "/costs/", API, f"{PAGE}&format=csv"):
        assert reader.get(address).status_code == 403


def test_nobody_between_the_reader_and_us_keeps_a_file(officer):
    answer = officer.get(f"{PAGE}&format=csv")
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["Content-Disposition"] == f'attachment; filename="cost-summary-{TERM}.csv"'


def words(answer):
    """Everything that can be read in an answer."""
    assert answer.status_code == 200
    kind = answer["Content-Type"]
    if kind == "application/pdf":
        return pdftext.words(answer.content)
    if "spreadsheet" in kind:
        book = openpyxl.load_workbook(io.BytesIO(answer.content))
        return " ".join(
            str(cell) for page in book for row in page.iter_rows(values_only=True) for cell in row
        )
    return answer.content.decode().split("<main", 1)[-1]
