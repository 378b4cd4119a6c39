"""The good rows of a roster alone: the others come back as a workbook to mend, and nobody is lost between the two."""

import pytest

from afterbell.kernel.ids import uuid7
from schools.people.models import Guardian, Pupil, RosterImport
from schools.people.roster import actions, intake
from schools.people.roster.leftovers import Why
from tenants.context import in_school
from tests.city import NOON, NORTH
from tests.schools.people.books import HEAD, LI, WANG, book, load, opened, sheets, take, written
from tests.schools.people.stage import staff
from tests.schools.people.test_roster_command import run
from tests.schools.people.test_roster_import import saved
from tests.schools.people.test_roster_pages import apply, previewed

pytestmark = pytest.mark.django_db
BAD = ("", *WANG[1:])
CHEN = ("00125", "陈小二", "一年级1班", "陈大文", "13800138002")


@pytest.fixture
def clerk(north):
    return staff(north, "clerk")[1]


def part(data: bytes, **more) -> RosterImport:
    return load(data, in_part=True, **more)


def names() -> set[str]:
    return set(Pupil.objects.values_list("name", flat=True))


def test_the_good_rows_come_in_and_the_others_are_named(north):
    with in_school(north):
        done = part(book(LI, BAD, CHEN))
        assert names() == {"李小明", "陈小二"}
        assert [(out["why"], out["at"], out["pupil"]) for out in done.left_out] == [
            (Why.FLAW, "Sheet1!A4", "王芳芳")
        ]


def test_the_rows_that_come_back_are_mended_and_come_in(north):
    with in_school(north):
        data = book(LI, BAD, CHEN)
        rest = take(data).rest_workbook()
        part(data)
        page = opened(rest)["Sheet1"]
        assert [cell.value for cell in page[2]][:5] == list(HEAD)
        assert page.max_row == 3
        assert "缺学籍号" in page["F3"].value
        mended = opened(rest)
        mended["Sheet1"]["A3"] = "00124"
        load(saved(mended))
        assert names() == {"李小明", "王芳芳", "陈小二"}


def test_the_rest_of_a_csv_and_of_a_sheet_a_class_keeps_its_class(north):
    with in_school(north):
        head = ("学籍号", "姓名", "家长姓名", "家长电话")
        data = sheets(
            {
                "一(1)班": [head, ("00123", "李小明", "李强", "13800138000")],
                "一(2)班": [head, ("", "王芳芳", "王建国", "13800138001"), ("00125", *CHEN[1:2], *CHEN[3:])],
            }
        )
        rest = opened(take(data).rest_workbook())
        assert rest.sheetnames == ["一(2)班"]
        rest["一(2)班"]["A2"] = "00124"
        part(data)
        load(saved(rest))
        assert Pupil.objects.get(number="00124").school_class.name == "一年级2班"
        csv_rest = opened(take(written([HEAD, LI, BAD])).rest_workbook())
        assert csv_rest["名册"]["B2"].value == "王芳芳"


@pytest.mark.parametrize(
    "rows",
    [
        [LI, (*WANG[:4], "13800138000")],  # one number, two adults
        [LI, ("00123", "李大明", *LI[2:4], "13800138009")],  # one pupil's number, two names
        [("00123", *LI[1:]), (*LI[:1], "李大明", "一年级2班", *LI[3:]), LI],
    ],
)
def test_of_rows_that_contradict_each_other_none_is_believed(north, rows):
    with in_school(north):
        part(book(*rows, CHEN))
        assert names() == {"陈小二"}
        assert set(Guardian.objects.values_list("name", flat=True)) == {"陈大文"}


def test_a_number_without_its_zeros_waits_for_the_one_with_them_even_if_that_has_a_flaw(north):
    with in_school(north):
        part(book(("00123", "", *LI[2:]), ("123", "李小明", *LI[2:]), CHEN))
        assert names() == {"陈小二"}


def test_nobody_is_marked_as_left_beside_rows_that_wait(north):
    with in_school(north):
        load(book(LI, WANG))
        found = take(book(CHEN, BAD))
        gone = [pupil.pk for pupil in found.plan.missing]
        with pytest.raises(actions.NotWhole, match="重新上传"):
            part(book(CHEN, BAD), leaving=gone)
        assert names() == {"李小明", "王芳芳"}


def test_who_stands_in_a_row_with_a_flaw_is_not_missing(north):
    with in_school(north):
        load(book(LI, WANG))
        assert take(book(LI, (*WANG[:4], "1.38E+10"))).plan.missing == []


def test_without_a_good_row_there_is_nothing_to_import(north):
    with in_school(north), pytest.raises(actions.NotRight):
        part(book(BAD))


def test_without_being_asked_nothing_is_written(north):
    with in_school(north):
        with pytest.raises(actions.NotRight):
            load(book(LI, BAD))
        assert names() == set()


def test_the_same_part_twice_changes_nothing(north):
    with in_school(north):
        part(book(LI, BAD))
        done = part(book(LI, BAD))
        assert (done.created, done.updated, done.moved) == (0, 0, 0)


def test_a_known_pupil_of_another_name_in_a_part_is_still_asked_about(north):
    """A part never does what the whole would not: no rename, no tie, no right by a file."""
    with in_school(north):
        load(book(LI))
        part(book(("00123", "李大明", *LI[2:]), BAD))
        assert names() == {"李小明"}


def test_the_office_imports_the_good_rows_and_fetches_the_others(clerk, north):
    address, page = previewed(clerk, book(LI, BAD))
    text = page.content.decode()
    assert "只导入没有问题的" in text
    assert 'name="leaving"' not in text
    answer = apply(clerk, address, page, in_part="True")
    assert answer.status_code == 302, answer.content.decode()
    done = answer.headers["Location"]
    text = clerk.get(done).content.decode()
    assert "下载没有导入的行" in text
    assert "王芳芳" in text
    fetched = clerk.get(f"{done}rest/")
    assert "缺学籍号" in opened(fetched.content)["Sheet1"]["F3"].value
    with in_school(north):
        assert names() == {"李小明"}


def test_the_rows_that_came_back_are_the_clerks_own_and_go_with_the_cache(clerk, north):
    address, page = previewed(clerk, book(LI, BAD))
    done = apply(clerk, address, page, in_part="True").headers["Location"]
    other = staff(north, "clerk")[1]
    assert other.get(f"{done}rest/").status_code == 410
    assert "下载没有导入的行" not in other.get(done).content.decode()


def test_the_page_writes_no_part_unasked(clerk, north):
    address, page = previewed(clerk, book(LI, BAD))
    assert apply(clerk, address, page).status_code == 409
    with in_school(north):
        assert names() == set()


def test_the_command_imports_the_good_rows_and_writes_the_others_beside_the_file(north, tmp_path, capsys):
    file = tmp_path / "名册.xlsx"
    file.write_bytes(book(LI, BAD))
    assert run(file, "--school", NORTH) == 1
    assert "--good-rows" in capsys.readouterr().err
    assert run(file, "--school", NORTH, "--good-rows", "--dry-run") == 1
    assert run(file, "--school", NORTH, "--good-rows") == 1
    assert "1 rows were not written" in capsys.readouterr().err
    rest = opened((tmp_path / "名册-errors.xlsx").read_bytes())
    assert rest["Sheet1"].max_row == 3
    with in_school(north):
        assert names() == {"李小明"}


def test_the_command_begins_with_what_changes_and_is_silent_about_who_is_not_in_the_file(
    north, tmp_path, capsys
):
    with in_school(north):
        load(book(LI, WANG))
    file = tmp_path / "名册.xlsx"
    file.write_bytes(book((*LI[:2], "一年级2班", *LI[3:])))
    capsys.readouterr()
    assert run(file, "--school", NORTH, "--dry-run") == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "rows" not in line or "moved" in line]
    assert said[0].startswith("0 new, 0 updated, 1 moved")
    assert "一年级1班 → 一年级2班" in said[1]
    assert not any("not in the file" in line for line in said)
    assert run(file, "--school", NORTH, "--dry-run", "--verbose") == 0
    lines = capsys.readouterr().out.splitlines()
    place = next(n for n, line in enumerate(lines) if "not in the file" in line)
    assert "00124" in lines[place + 1]
    assert place > next(n for n, line in enumerate(lines) if "1 moved" in line)


def test_a_part_planned_before_the_school_changed_is_stale(north):
    with in_school(north):
        data = book(LI, ("00126", "陈小二", "一年级1班", "陈大文", ""), BAD)
        load(book(CHEN, ("00126", "陈小二", "一年级1班", "孙立", "13800138005")))
        found = take(data)
        load(data, in_part=True)
        with pytest.raises(actions.Changed):
            actions.apply(
                plan=found.plan,
                source=actions.Source(uuid7(), "名册.xlsx", intake.digest(data)),
                in_part=True,
                by=None,
                now=NOON,
                tick=intake.silent,
            )
        assert Guardian.objects.filter(phone="").count() == 1
