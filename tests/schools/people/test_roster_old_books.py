"""The .xls of before 2007: it comes in as the .xlsx does, and is refused where that would be."""

import pytest

from schools.people.models import Guardian, Pupil
from schools.people.roster import archive, reading, scanning
from tenants.context import in_school
from tests.schools.people import old_book
from tests.schools.people.books import HEAD, LI, WANG, flaws, load, take
from tests.schools.people.old_book import Formula

pytestmark = pytest.mark.django_db


def test_an_xls_comes_in(north):
    with in_school(north):
        data = old_book.book({"名册": [("花名册",), HEAD, LI, (*WANG[:4], 13800138001)]})
        assert load(data).created == 2
        assert set(Guardian.objects.values_list("phone", flat=True)) == {"+8613800138000", "+8613800138001"}


def test_a_large_one_with_several_tables_of_sectors_comes_in(north):
    rows = [(f"G{n:08d}", "李小明", "一年级1班", "李强", str(13_800_000_000 + n)) for n in range(1, 1501)]
    with in_school(north):
        assert len(take(old_book.book({"名册": [HEAD, *rows]})).plan.created) == 1500


def test_what_is_merged_downwards_counts_for_each_row_and_hidden_sheets_do_not(north):
    row = (*WANG[:2], None, *WANG[3:])
    pages = {"一班": [HEAD, LI, row], "旧": [HEAD, ("009", "旧生", "一年级1班", "旧", "13800138009")]}
    with in_school(north):
        load(old_book.book(pages, merged=[(1, 2, 2, 2)], hidden=["旧"]))
        assert set(Pupil.objects.values_list("name", "school_class__name")) == {
            ("李小明", "一年级1班"),
            ("王芳芳", "一年级1班"),
        }


def test_zeros_that_a_format_shows_are_kept(north):
    with in_school(north):
        load(old_book.book({"名册": [HEAD, (123, *LI[1:])]}, zeros=5))
        assert Pupil.objects.get().number == "00123"


def test_a_formula_is_named_and_never_read(north):
    with in_school(north):
        found = flaws(old_book.book({"名册": [HEAD, (Formula(123), *LI[1:])]}))
        assert "公式" in found["A2"]


def test_a_password_is_said():
    with pytest.raises(archive.PasswordProtected, match="去掉密码"):
        reading.read(old_book.book({"名册": [HEAD, LI]}, password=True))


@pytest.mark.parametrize("place", [(30_000, 0), (5, 250)])
def test_a_stray_value_far_away_is_refused_before_it_fills_the_memory(place):
    row, column = place
    rows = [HEAD, LI, *([()] * (row - 2)), (*([None] * column), "x")]
    with pytest.raises(scanning.TooManyRows, match="名册"):
        reading.read(old_book.book({"名册": rows}))


def test_a_file_cut_off_or_changed_anywhere_is_refused_or_read_and_nothing_else_happens():
    """What raises inside the reader is a refusal; a hundred ways to be broken."""
    whole = old_book.book({"名册": [HEAD, LI, WANG]})
    for place in range(0, len(whole), 97):
        for data in (whole[:place], whole[:place] + b"\xff\xff\xff\xff" + whole[place + 4 :]):
            try:
                reading.read(data)
            except archive.BadWorkbook:
                continue
