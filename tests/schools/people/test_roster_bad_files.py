"""Files that are no rosters, or hold what no roster holds: each has its sentence, at its field, and nothing is written."""

import io
import zipfile

import pytest

from schools.people.commands import roster as command
from schools.people.models import Pupil, RosterImport
from schools.people.roster import archive, commas, headers, scanning
from tenants.context import in_school
from tests.city import NORTH
from tests.schools.people import old_book
from tests.schools.people.books import HEAD, LI, WANG, book, flaws, load, opened, sheets, take, written
from tests.schools.people.stage import staff
from tests.schools.people.test_roster_command import run
from tests.schools.people.test_roster_pages import send

pytestmark = pytest.mark.django_db


def bomb() -> bytes:
    out = io.BytesIO(book(LI))
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as made:
        made.writestr("xl/media/zeros.bin", bytes(40 * 1024 * 1024))
    return out.getvalue()


UNKNOWN = [tuple(f"列{n}" for n in range(40)), tuple(range(40))]
BAD = {
    "forty unknown columns": (sheets({"名册": UNKNOWN}), headers.NoHeadings, "学籍号、姓名、班级、家长电话"),
    "a sheet that lacks a column": (
        sheets({"一班": [HEAD, LI], "二班": [HEAD[1:], WANG[1:]]}),
        headers.LacksColumn,
        "二班",
    ),
    "headings alone": (book(), headers.NoPupils, "没有一行学生"),
    "headings of a CSV alone": ("学籍号,姓名\n".encode("gbk"), headers.NoHeadings, "班级、家长电话"),
    "too many rows of CSV": (written([HEAD, *[LI] * 100_000]), scanning.TooManyRows, "20000"),
    "too many columns of CSV": (written([HEAD, [""] * 300]), scanning.TooManyRows, "200"),
    "a zip bomb": (bomb(), archive.Bomb, "异常巨大"),
    "a password": (
        archive.OLE2 + bytes(600) + archive.ENCRYPTED + bytes(600),
        archive.PasswordProtected,
        "密码",
    ),
    "a password of an .xls": (
        old_book.book({"a": [HEAD, LI]}, password=True),
        archive.PasswordProtected,
        "密码",
    ),
    "an .xls that is none": (archive.OLE2 + bytes(2000), archive.OldFormat, "旧格式"),
    "nothing": (b"", archive.EmptyFile, "空的"),
    "blanks": (b" \r\n\t", archive.EmptyFile, "空的"),
    "NUL in a CSV": (written([HEAD, ("0012\x003", *LI[1:])]), commas.HoldsNul, "NUL"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, commas.HoldsNul, "NUL"),
    "another encoding": (b"a,b\n\xff\xff\xff,c\n", commas.UnknownText, "读不出来"),
    "a quotation mark that is not closed": (
        written([HEAD, LI]) + '00124,"王芳芳,一年级1班'.encode(),
        commas.BadQuotes,
        "第 3 行",
    ),
    "a huge cell of a CSV": (
        written([HEAD, (*LI[:3], "李" * 200_000, LI[4])]),
        commas.BadQuotes,
        "特别长",
    ),
    "a sentence": ("你好".encode(), archive.BadWorkbook, "xlsx"),
}


@pytest.fixture(params=list(BAD))
def bad(request):
    return BAD[request.param]


def test_each_has_its_sentence(north, bad):
    data, refusal, said = bad
    with in_school(north), pytest.raises(refusal, match=said):
        take(data)


def test_the_page_says_it_at_the_field_and_keeps_nothing(north, bad):
    data, _refusal, said = bad
    answer = send(staff(north, "clerk")[1], data)
    assert answer.status_code in (400, 413)
    assert said in answer.content.decode()
    with in_school(north):
        assert not RosterImport.objects.exists()


def test_the_command_says_it_in_one_line(north, bad, tmp_path, capsys):
    data, _refusal, said = bad
    file = tmp_path / "名册.csv"
    file.write_bytes(data)
    assert run(file, "--school", NORTH, "--good-rows") == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    with in_school(north):
        assert not Pupil.objects.exists()


def test_a_workbook_with_a_hundred_thousand_rows_is_refused_before_it_is_in_memory(north):
    made = opened(book(LI))
    made["Sheet1"]["A100000"] = "x"
    out = io.BytesIO()
    made.save(out)
    with in_school(north), pytest.raises(scanning.TooManyRows):
        take(out.getvalue())


def test_forty_columns_beside_the_known_ones_do_no_harm_and_are_named(north, tmp_path, capsys):
    head = (*HEAD, *(f"列{n}" for n in range(40)))
    with in_school(north):
        assert load(book((*LI, *range(40)), head=head)).created == 1
    file = tmp_path / "名册.xlsx"
    file.write_bytes(book((*LI, *range(40)), head=head))
    assert run(file, "--school", NORTH, "--dry-run") == 0
    said = next(line for line in capsys.readouterr().out.splitlines() if "Columns not used" in line)
    assert said.endswith("…")
    assert said.count("列") == command.SHOWN


@pytest.mark.parametrize("column", range(5))
def test_a_huge_cell_is_a_flaw_at_its_place_and_never_shown_whole(north, column):
    row = [*LI]
    row[column] = "李" * 30_000
    with in_school(north):
        found = flaws(book(tuple(row)))
        assert "几千个字" in found[f"{'ABCDE'[column]}3"]
        assert all(len(reason) < 200 for reason in found.values())


@pytest.mark.parametrize("column", range(5))
@pytest.mark.parametrize("sign", ["\x00", "\x01", "\x1b"])
def test_signs_that_nobody_writes_are_a_flaw_in_a_workbook(north, column, sign):
    row = [*LI]
    row[column] = f"{LI[column][:2]}{sign}{LI[column][2:]}"
    with in_school(north):
        found = flaws(book(tuple(row)))
        assert list(found) == [f"{'ABCDE'[column]}3"], found


@pytest.mark.parametrize(
    ("row", "cell", "said"),
    [
        ((*LI[:3], "13800138000", ""), "D3", "缺家长姓名"),
        (("00123", "13800138000", *LI[2:]), "B3", "两列写反"),
        ((*LI[:3], "13800138000", "李强"), None, ""),
    ],
)
def test_a_phone_in_the_column_of_names_is_said_or_understood(north, row, cell, said):
    with in_school(north):
        found = flaws(book(row))
        assert said in found[cell] if cell else found == {}


def test_a_bad_file_is_known_by_what_is_in_it_and_not_by_its_name(north):
    """An .xls that is a CSV, as registers of pupils export it."""
    answer = send(staff(north, "clerk")[1], written([HEAD, LI], by="\t", encoding="gbk"), name="名册.xls")
    assert answer.status_code == 302


def test_many_rows_of_one_number_are_compared_in_no_time(north, django_assert_max_num_queries):
    half = [(f"G{n:05d}", "李小明", "一年级1班", "李强", "13800138000") for n in range(5000)]
    other = [(f"H{n:05d}", "李小明", "一年级1班", "王强", "13800138000") for n in range(5000)]
    with in_school(north), django_assert_max_num_queries(40):
        assert len(take(written([HEAD, *half, *other])).plan.flaws) == 10_000
