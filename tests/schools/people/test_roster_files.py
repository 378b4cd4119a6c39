"""Roster files that must not come in: a clear refusal each, and every flaw of every row at once."""

import io
import struct
import zipfile
from datetime import date

import pytest

from schools.people.models import Pupil
from schools.people.roster import archive, headers, reading, scanning
from tenants.context import in_school
from tests.schools.people.books import HEAD, LI, WANG, book, flaws, load, opened, take
from tests.schools.people.test_roster_import import saved

pytestmark = pytest.mark.django_db


def repacked(data: bytes, **parts: bytes) -> bytes:
    """The same workbook with some parts replaced or added."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name not in parts:
                new.writestr(name, old.read(name))
        for name, content in parts.items():
            new.writestr(name, content)
    return out.getvalue()


def test_a_hundred_megabytes_are_not_even_opened():
    with pytest.raises(archive.TooLarge, match="10 MB"):
        reading.read(b"PK\x03\x04" + bytes(100 * 1024 * 1024))


def test_a_zip_bomb_is_refused_by_its_ratio():
    bomb = repacked(book(LI), **{"xl/media/zeros.bin": bytes(40 * 1024 * 1024)})
    assert len(bomb) < 100_000
    with pytest.raises(archive.Bomb):
        reading.read(bomb)


def test_a_zip_bomb_of_many_parts_is_refused():
    with pytest.raises(archive.Bomb):
        reading.read(repacked(book(LI), **{f"xl/media/{n}": b"x" for n in range(600)}))


def test_a_zip_that_lies_about_its_size_is_refused():
    data = bytearray(repacked(book(LI), **{"xl/media/zeros.bin": bytes(8 * 1024 * 1024)}))
    place = data.rindex(b"PK\x01\x02", 0, data.rindex(b"xl/media/zeros.bin"))
    data[place + 24 : place + 28] = struct.pack("<I", 1000)
    with pytest.raises(archive.BadWorkbook):
        reading.read(bytes(data))


def test_entities_are_refused():
    with zipfile.ZipFile(io.BytesIO(book(LI))) as old:
        text = old.read("xl/workbook.xml").decode()
    evil = text.replace("?>", '?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>', 1)
    with pytest.raises(archive.BadWorkbook):
        reading.read(repacked(book(LI), **{"xl/workbook.xml": evil.encode()}))


def test_a_password_protected_workbook_is_refused_with_the_way_out():
    data = archive.OLE2 + bytes(600) + "EncryptedPackage".encode("utf-16-le") + bytes(600)
    with pytest.raises(archive.PasswordProtected, match="去掉密码"):
        reading.read(data)


def test_an_old_xls_is_refused_with_the_way_out():
    with pytest.raises(archive.OldFormat, match="xlsx"):
        reading.read(archive.OLE2 + bytes(2000))


@pytest.mark.parametrize("data", [b"", b"hello", b"PK\x03\x04 broken", book(LI)[:-300]])
def test_what_is_no_workbook_is_refused(data):
    with pytest.raises(archive.BadWorkbook):
        reading.read(data)


def test_another_zip_is_no_workbook():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("word/document.xml", "<x/>")
    with pytest.raises(archive.BadWorkbook):
        reading.read(out.getvalue())


@pytest.mark.parametrize("cell", ["A900000", "XFD5"])
def test_a_stray_value_far_away_is_refused_before_it_fills_the_memory(cell):
    made = opened(book(LI))
    made["Sheet1"][cell] = "x"
    with pytest.raises(scanning.TooManyRows, match="Sheet1"):
        reading.read(saved(made))


def test_without_headings_the_missing_ones_are_named(north):
    with in_school(north), pytest.raises(headers.NoHeadings, match="学籍号、班级"):
        take(book(("李小明", "李强", "13800138000"), head=("姓名", "家长姓名", "家长电话")))


def test_two_columns_that_say_the_same_are_refused(north):
    with in_school(north), pytest.raises(headers.SameColumnTwice, match="B2 和 F2"):
        take(book((*LI, "李小明"), head=(*HEAD, "姓名")))


def test_a_formula_cell_is_named(north):
    with in_school(north):
        found = flaws(book(("00123", "李小明", "=SUM(1)", "李强", "13800138000")))
        assert "公式" in found["C3"]


def test_a_formula_in_a_column_that_is_not_read_does_not_matter(north):
    with in_school(north):
        assert flaws(book(("=SUM(1)", *LI), head=("序号", *HEAD))) == {}


@pytest.mark.parametrize(
    ("row", "cell", "said"),
    [
        (("", *LI[1:]), "A3", "缺学籍号"),
        ((1.23e17, *LI[1:]), "A3", "科学计数"),
        (("1.23E+17", *LI[1:]), "A3", "科学计数"),
        (("学籍", *LI[1:]), "A3", "字母和数字"),
        (("00123", "", *LI[2:]), "B3", "缺学生姓名"),
        (("00123", "李小明3", *LI[2:]), "B3", "数字或符号"),
        (("00123", "#N/A", *LI[2:]), "B3", "错误值"),
        (("00123", "李小明", "", *LI[3:]), "C3", "缺班级"),
        (("00123", "李小明", "1班", *LI[3:]), "C3", "几年级"),
        (("00123", "李小明", "火箭班", *LI[3:]), "C3", "看不懂"),
        (("00123", "李小明", "一年级0班", *LI[3:]), "C3", "1 到 99"),
        ((*LI[:4], "1.38E+10"), "E3", "1.38E+10"),
        ((*LI[:4], 13800000000), "E3", "1.38E+10"),
        ((*LI[:4], "1380013800"), "E3", "10 位"),
        ((*LI[:4], "0571-87654321"), "E3", "短信"),
        ((*LI[:4], "问妈妈要"), "E3", "写的是“问妈妈要”"),
        ((*LI[:4], "13800138000/13900139000"), "E3", "哪一个"),
        (("00123", "13800138000", *LI[2:]), "B3", "写反"),
        (("00123", "李小明" * 1000, *LI[2:]), "B3", "几千个字"),
        ((*LI[:3], "", "13800138000"), "D3", "缺家长姓名"),
        ((*LI[:3], "", ""), "D3", "至少要有一位家长"),
        ((*LI[:3], "李强、王芳", "13800138000"), "E3", "对不上"),
    ],
)
def test_each_kind_of_fault_is_marked_at_its_cell(north, row, cell, said):
    with in_school(north):
        found = flaws(book(row))
        assert said in found.get(cell, ""), found
        assert len(found) == 1


def test_a_class_that_excel_made_a_date_is_named(north):
    made = opened(book(LI))
    made["Sheet1"]["C3"] = date(2026, 1, 2)
    with in_school(north):
        assert "日期" in flaws(saved(made))["C3"]


def test_grade_and_class_that_contradict_each_other_are_a_flaw(north):
    head = ("学籍号", "姓名", "年级", "班级", "家长姓名", "家长电话")
    with in_school(north):
        assert (
            "对不上"
            in flaws(book(("00123", "李小明", "一年级", "二年级1班", "李强", "13800138000"), head=head))["D3"]
        )


def test_the_same_number_with_another_name_marks_both_rows(north):
    with in_school(north):
        found = flaws(book(LI, ("00123", "李大明", *LI[2:])))
        assert "第 4 行" in found["A3"]
        assert "第 3 行" in found["A4"]


def test_one_phone_with_two_names_is_a_flaw(north):
    with in_school(north):
        found = flaws(book(LI, ("00124", "王芳芳", "一年级1班", "王建国", "13800138000")))
        assert "李强" in found["E4"]


def test_all_flaws_of_the_bad_sample_come_at_once(north, samples):
    with in_school(north):
        found = take((samples / "bad.xlsx").read_bytes())
        assert len({flaw.spot.row for flaw in found.plan.flaws}) == 17
        assert Pupil.objects.count() == 0


def test_the_error_workbook_holds_the_clerks_rows_with_red_cells_and_reasons(north, samples):
    with in_school(north):
        found = take((samples / "bad.xlsx").read_bytes())
        sheet = opened(found.error_workbook())["花名册"]
    original = opened((samples / "bad.xlsx").read_bytes())["花名册"]
    assert sheet["A1"].value == original["A1"].value
    assert [cell.value for cell in sheet[2]][:10] == [cell.value for cell in original[2]]
    assert sheet["G9"].value == "1.38E+10"
    assert sheet["G9"].fill.bgColor.rgb == "FFF8D7DA" or sheet["G9"].fill.fgColor.rgb == "FFF8D7DA"
    assert "1.38E+10" in sheet["G9"].comment.text
    assert "1.38E+10" in sheet["K9"].value
    assert sheet["K2"].value.startswith("问题")


def test_the_error_workbook_has_no_formulas_of_the_clerks_texts(north):
    with in_school(north):
        found = take(book(("00123", "=cmd()", "一年级1班", "+李强", "@13800138000")))
        sheet = opened(found.error_workbook())["Sheet1"]
    assert sheet["B3"].data_type == "s"
    assert sheet["D3"].data_type == "s"


def test_the_mended_error_workbook_comes_in(north):
    with in_school(north):
        made = opened(take(book(LI, ("", *WANG[1:]))).error_workbook())
        made["Sheet1"]["A4"] = "00124"
        done = load(saved(made))
        assert done.created == 2
