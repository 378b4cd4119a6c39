"""Rosters in the shapes that schools keep them in: each comes in as it is, or says at which cell what is missing."""

from pathlib import Path

import pytest

from schools.people.models import Guardian, Pupil, Relation, Tie
from schools.people.roster import headers
from schools.people.roster.leftovers import Why
from tenants.context import in_school
from tests.schools.people.books import LI, book, load, sheets, take, written

pytestmark = pytest.mark.django_db

CASES = Path(__file__).parents[4] / "shared" / "cases" / "rosters"
G = "G33010220150101{:04d}"
GROUPS = ("学生信息", "", "", "", "家长信息", "", "")
UNDER = ("学籍号", "姓名", "年级", "班级", "姓名", "电话", "关系")
SUN = (G.format(3), "孙三", "一年级", "一(1)班", "王建国", "13900010003", "父亲")
LISI = (G.format(4), "李四", "一年级", "一(1)班", "王建国", "13900010004", "父亲")
ONE_ROW = ("学籍号", "姓名", "年级", "班级", "家长1姓名", "家长1电话", "家长1关系")
SHEET = ("序号", "学籍号", "姓名", "监护人", "联系电话")


def adults() -> list[tuple[str, str, str]]:
    """(pupil, adult, phone) of all ties."""
    rows = Tie.objects.select_related("pupil", "guardian").order_by("pupil__number", "pk")
    return [(tie.pupil.name, tie.guardian.name, tie.guardian.phone.removeprefix("+86")) for tie in rows]


def case(name: str) -> bytes:
    file = CASES / name
    if not file.exists():
        pytest.skip(f"{file} is not on this machine: the generated twin of it is tested")
    return file.read_bytes()


def two_rows() -> bytes:
    return sheets({"学生名册": [GROUPS, UNDER, SUN, LISI]}, merged=["A1:D1", "E1:G1"])


def phones() -> bytes:
    written_as = (
        13800138009,
        "+86 138 0013 8010",
        "１３８００１３８０１１",
        "138-0013-8012",
        "'13800138013",
        "13800138014/13900139014",
    )
    names = ("周五", "吴六", "郑七", "王八", "冯九", "陈十")
    rows = [
        (G.format(9 + n), name, "一年级", "一(1)班", "王建国" if n else "周父", phone, "父亲")
        for n, (name, phone) in enumerate(zip(names, written_as, strict=True))
    ]
    return sheets({"学生名册": [ONE_ROW, *rows]})


def second_parent() -> bytes:
    head = (*ONE_ROW, "家长2姓名", "家长2电话", "家长2关系")
    row = (
        G.format(43),
        "韩一",
        "一年级",
        "一(1)班",
        "王建国",
        "13800138043",
        "父亲",
        "李梅",
        None,
        "母亲",
    )
    return sheets({"学生名册": [head, row]})


def sheet_is_class() -> bytes:
    return sheets(
        {
            "一(1)班": [SHEET, (1, G.format(51), "张一", "张父", "13800138051")],
            "一(2)班": [SHEET, (1, G.format(52), "施二", "施父", "13800138052")],
        }
    )


def gbk() -> bytes:
    row = (G.format(70), "章一", "一年级", "一(1)班", "章父", "13800138070", "父亲")
    return written([ONE_ROW, row], encoding="gbk")


def either(name: str, twin):
    return pytest.mark.parametrize("data", [lambda: case(name), twin], ids=["theirs", "ours"])


@either("02-two-row-headings.xlsx", two_rows)
def test_headings_in_two_rows_are_read_together(north, data):
    with in_school(north):
        assert load(data()).created == 2
        assert adults() == [("孙三", "王建国", "13900010003"), ("李四", "王建国", "13900010004")]
        assert set(Tie.objects.values_list("relation", flat=True)) == {Relation.FATHER}


@either("04-phones.xlsx", phones)
def test_an_adult_who_is_called_zhou_fu_is_no_heading_and_phones_come_in_as_they_are_written(north, data):
    with in_school(north):
        found = take(data())
        assert set(found.plan.roster.heads.values()) == {0}
        phones_in = [guardian.phone for guardian in found.plan.new_guardians]
        assert phones_in == [f"+86138001380{n:02d}" for n in range(9, 14)]
        assert {flaw.spot.cell for flaw in found.plan.flaws} == {"F7"}
        assert "哪一个" in found.plan.flaws[0].reason


@either("09-second-parent-no-phone.xlsx", second_parent)
def test_a_second_parent_without_a_number_is_a_contact_without_login(north, data):
    with in_school(north):
        done = load(data())
        assert done.created == 1
        assert [out["why"] for out in done.left_out] == [Why.NO_PHONE]
        contact = Tie.objects.get(guardian__phone="")
        assert (contact.guardian.name, contact.relation) == ("李梅", Relation.MOTHER)
        assert not contact.may_sign
        assert not contact.may_collect
        assert contact.guardian.user is None
        first = Tie.objects.exclude(guardian__phone="").get()
        assert first.may_sign
        assert first.guardian.user is not None


@either("13-class-is-the-sheet.xlsx", sheet_is_class)
def test_a_class_may_stand_in_the_sheets_name_only(north, data):
    with in_school(north):
        load(data())
        assert dict(Pupil.objects.values_list("name", "school_class__name")) == {
            "张一": "一年级1班",
            "施二": "一年级2班",
        }


@either("23-gbk.csv", gbk)
def test_a_csv_in_gbk_comes_in(north, data):
    with in_school(north):
        assert load(data()).created == 1
        assert adults() == [("章一", "章父", "13800138070")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
@pytest.mark.parametrize("separator", [",", "\t", ";"])
def test_a_csv_comes_in_by_every_encoding_and_separator(north, encoding, separator):
    row = ("00123", "李小明", "一年级1班", "李强、王芳", "13800138000,13900139000")
    data = written([("学籍号", "姓名", "班级", "家长姓名", "家长电话"), row], encoding=encoding, by=separator)
    with in_school(north):
        load(data)
        assert adults() == [("李小明", "李强", "13800138000"), ("李小明", "王芳", "13900139000")]
        assert Pupil.objects.get().number == "00123"


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_title_row_and_every_kind_of_line_end_do_no_harm(north, end):
    data = written([("花名册",), (), ("学籍号", "姓名", "班级", "家长", "手机"), LI], end=end)
    with in_school(north):
        assert load(data).created == 1


def test_digits_that_a_csv_guards_by_a_formula_are_digits(north):
    row = '="00123",李小明,一年级1班,李强,="13800138000"'
    with in_school(north):
        load(f"学籍号,姓名,班级,家长姓名,家长电话\n{row}\n".encode())
        assert Pupil.objects.get().number == "00123"


@pytest.mark.parametrize(
    "head",
    [
        ("Student ID", "Name", "Class", "Parent name", "Phone"),
        ("student no.", "Student Name", "CLASS", "Father's name", "Father Mobile"),
        ("Student_Number", "Full name", "Class name", "Guardian", "Guardian phone number"),
    ],
)
def test_english_headings_are_read(north, head):
    with in_school(north):
        load(book(LI, head=head))
        assert adults() == [("李小明", "李强", "13800138000")]


def test_english_relations_and_classes_are_read(north):
    head = ("Student ID", "Name", "Grade", "Class", "Parent 1", "Parent 1 phone", "Relationship")
    row = ("00123", "Tom Li", "Grade 3", "Class 2", "Ann Li", "13800138000", "Mother")
    with in_school(north):
        load(book(row, head=head))
        assert Tie.objects.get().relation == Relation.MOTHER
        assert Pupil.objects.get().school_class.name == "三年级2班"


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("g330102201501010003", "G330102201501010003"),
        ("L33010220150101000x", "L33010220150101000X"),
        ("J330102201501010003", "J330102201501010003"),
        ("33010220150101000x", "33010220150101000X"),
        ("Ｇ３３０１０２２０１５０１０１０００３", "G330102201501010003"),
        (" G3301022015 01010003\u200b", "G330102201501010003"),
    ],
)
def test_national_numbers_come_in_in_one_writing(north, cell, number):
    with in_school(north):
        load(book((cell, "李  小　明", *LI[2:])))
        assert Pupil.objects.values_list("number", "name").get() == (number, "李小明")


@pytest.mark.parametrize("name", ["周父", "小明妈妈", "李母", "父亲", "妈妈", "家长"])
def test_no_name_of_an_adult_in_the_first_row_makes_it_the_headings(north, name):
    head = ("学籍号", "姓名", "班级", "家长姓名", "家长电话", "关系", "家长2姓名", "家长2电话", "关系2")
    row = (*LI[:3], name, "13800138000", "父亲", name, "13900139000", "父亲")
    with in_school(north):
        found = take(sheets({"Sheet1": [head, row]}))
        assert found.plan.roster.heads == {"Sheet1": 0}
        assert {g.name for g in found.plan.new_guardians} == {name}


@pytest.mark.parametrize(
    "extra", ["家长签字", "家长意见", "父母是否离异", "家长备注", "母亲民族", "父亲年龄"]
)
def test_a_column_about_adults_that_holds_no_name_is_not_taken_for_one(north, extra):
    head = ("学籍号", "姓名", "班级", "家长姓名", "家长电话", extra)
    with in_school(north):
        found = take(book((*LI, "x"), head=head))
        assert found.plan.is_right
        assert extra in found.plan.roster.unused


@pytest.mark.parametrize(
    "groups",
    [
        ("学生基本信息", "", "", "", "父亲信息", "", "母亲信息", ""),
        ("学生", "", "", "", "父亲", "", "母亲", ""),
        ("学生情况", "学生情况", "学生情况", "学生情况", "父亲情况", "父亲情况", "母亲情况", "母亲情况"),
    ],
)
def test_groups_say_whose_name_and_number_stand_below(north, groups):
    under = ("学籍号", "姓名", "年级", "班级", "姓名", "联系电话", "姓名", "联系电话")
    row = ("00123", "李小明", "一年级", "1班", "李强", "13800138000", "王芳", "13900139000")
    with in_school(north):
        load(sheets({"名册": [("花名册",), groups, under, row]}))
        assert adults() == [("李小明", "李强", "13800138000"), ("李小明", "王芳", "13900139000")]
        assert list(Tie.objects.order_by("pk").values_list("relation", flat=True)) == ["father", "mother"]


def test_columns_without_a_group_are_merged_over_both_rows(north):
    upper = ("序号", "学籍号", "姓名", "班级", "家长信息", "")
    under = ("", "", "", "", "姓名", "电话")
    merged = ["A1:A2", "B1:B2", "C1:C2", "D1:D2", "E1:F1"]
    with in_school(north):
        load(sheets({"名册": [upper, under, (1, *LI)]}, merged=merged))
        assert adults() == [("李小明", "李强", "13800138000")]


def test_a_title_that_speaks_of_adults_is_no_group(north):
    head = ("学籍号", "姓名", "班级", "家长姓名", "家长电话")
    with in_school(north):
        data = sheets({"名册": [("学生家长信息", "", "", "", ""), head, LI]}, merged=["A1:E1"])
        assert load(data).created == 1


def test_one_pupils_sheets_may_have_different_headings(north):
    with in_school(north):
        data = sheets(
            {
                "一年级": [("学籍号", "姓名", "班级", "家长姓名", "家长电话"), LI],
                "二年级": [
                    ("姓名", "学籍号", "监护人", "联系电话", "所在班级"),
                    ("王芳芳", "00124", "王建国", "13800138001", "二年级1班"),
                ],
                "填写说明": [("请用文本格式填写学籍号。",)],
            }
        )
        found = take(data)
        assert len(found.plan.created) == 2
        assert found.plan.roster.unread == ("填写说明",)


def test_a_sheet_that_lacks_one_column_is_never_passed_over(north):
    """Its pupils would be missing from the roster, and could be marked as left."""
    with in_school(north), pytest.raises(headers.LacksColumn, match=r"二班.*学籍号"):
        take(
            sheets(
                {
                    "一班": [("学籍号", "姓名", "班级", "家长姓名", "家长电话"), LI],
                    "二班": [
                        ("姓名", "班级", "家长姓名", "家长电话"),
                        ("王芳芳", "一年级2班", "王建国", "13800138001"),
                    ],
                }
            )
        )


def test_the_same_contact_twice_is_one(north):
    with in_school(north):
        load(second_parent())
        done = load(second_parent())
        assert Guardian.objects.filter(phone="").count() == 1
        assert done.left_out == []
