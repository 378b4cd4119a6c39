"""A number is no identity: a roster neither renames nor ties by it until the office has said who is meant."""

import re

import pytest

from afterbell.kernel.ids import uuid7
from schools.notices.models import Delivery, Dispatch
from schools.people import adult_actions, correction_actions
from schools.people.models import Change, Guardian, Pupil, Relation, RosterImport, Tie
from schools.people.roster import actions, intake
from schools.people.roster.leftovers import Why
from tenants.context import in_school
from tests import makers
from tests.city import NOON, NORTH
from tests.schools.people.books import HEAD, LI, WANG, book, load, opened, take
from tests.schools.people.stage import staff
from tests.schools.people.test_roster_command import run
from tests.schools.people.test_roster_import import adults_of, pupils, saved
from tests.schools.people.test_roster_pages import apply, previewed

pytestmark = pytest.mark.django_db
STRANGER = ("00125", "陈晓", "一年级1班", "陈大文", "13800138000")
"""A new child whose father's number is Li Qiang's: one digit is wrong, or the name was."""
OWN = ("00123", "李小明", "一年级1班", "李强国", "13800138000")
"""Li Qiang under another name in his own child's row."""
ASKING = (*HEAD, "核对", "系统里的姓名")


@pytest.fixture
def clerk(north):
    return staff(north, "clerk", name="周老师")


def why() -> list[str]:
    return [row["why"] for row in RosterImport.objects.order_by("pk").last().left_out]


def renamed() -> bool:
    return not Guardian.objects.filter(phone="+8613800138000", name="李强").exists()


# --- until somebody answers
@pytest.mark.parametrize("row", [STRANGER, OWN])
def test_a_number_known_under_another_name_neither_renames_nor_ties(north, row):
    with in_school(north):
        load(book(LI))
        load(book(WANG, row))
        assert not renamed()
        assert adults_of("00125") == set()
        assert why() == ["open"]
        assert not Change.objects.exists()


def test_the_rest_of_the_file_goes_on(north):
    with in_school(north):
        load(book(LI))
        done = load(book(STRANGER, WANG))
        assert done.created == 2
        assert adults_of("00124") == {("王建国", "+8613800138001")}


def test_a_pupils_number_known_under_another_name_leaves_the_row_out(north):
    """One wrong digit of a 学籍号 would give the parents of one child rights over another."""
    with in_school(north):
        load(book(LI, WANG))
        wrong = ("00124", "李小明", "一年级2班", "李强", "13800138000")
        done = load(book(wrong))
        assert pupils()["00124"] == "王芳芳"
        assert adults_of("00124") == {("王建国", "+8613800138001")}
        assert (why(), done.moved, done.missing) == (["pupil_open"], 0, 1)


# --- answers
def answered(data: bytes, **by_name: str):
    """Import it with answers to its questions, by the name that the file says."""
    asked = take(data).plan.questions
    given = {question.key: by_name[question.named] for question in asked if question.named in by_name}
    found = intake.take(data, today=makers.FIRST, given=given)
    source = actions.Source(uuid7(), "名册.xlsx", intake.digest(data))
    return actions.apply(plan=found.plan, source=source, by=None, now=NOON, tick=intake.silent)


def test_the_same_person_is_renamed_with_history_and_keeps_the_rights_there_are(north):
    with in_school(north):
        load(book(LI))
        Tie.objects.update(may_collect=False)
        answered(book(OWN), 李强国="same")
        assert renamed()
        tie = Tie.objects.get()
        assert (tie.may_sign, tie.may_collect) == (True, False)
        assert Guardian.objects.get().user.name == "李强国"
        row = Change.objects.get()
        assert (row.kind, row.before, row.after, row.reason) == (
            "name",
            "李强",
            "李强国",
            "名册导入：名册.xlsx",
        )


def test_the_same_person_of_another_child_is_tied_and_gets_no_right_by_a_file(north):
    with in_school(north):
        load(book(LI))
        answered(book(STRANGER), 陈大文="same")
        tie = Tie.objects.get(pupil__number="00125")
        assert (tie.guardian.name, tie.may_sign, tie.may_collect) == ("陈大文", False, False)
        assert why() == ["no_rights"]


def test_another_person_with_a_wrong_number_is_left_out_and_named(north):
    with in_school(north):
        load(book(LI))
        answered(book(STRANGER), 陈大文="other")
        assert not renamed()
        assert adults_of("00125") == set()
        out = RosterImport.objects.order_by("pk").last().left_out
        assert [(row["why"], row["pupil"], row["adult"], row["at"]) for row in out] == [
            ("other", "陈晓", "陈大文", "Sheet1!E3")
        ]


def test_a_pupil_who_is_the_same_is_renamed_with_history(north):
    with in_school(north):
        load(book(LI))
        answered(book(("00123", "李晓明", *LI[2:])), 李晓明="same")
        assert pupils() == {"00123": "李晓明"}
        assert Change.objects.get().kind == "pupil_name"
        answered(book(("00123", "赵一", *LI[2:])), 赵一="other")
        assert pupils() == {"00123": "李晓明"}
        assert why() == ["pupil_other"]


def test_two_rows_that_answer_one_number_differently_leave_it_open(north):
    second = ("00126", "陈小二", "一年级1班", "陈大文", "13800138000")
    with in_school(north):
        load(book(LI))
        data = book(STRANGER, second)
        one, other = take(data).plan.questions
        plan = intake.take(data, today=makers.FIRST, given={one.key: "same", other.key: "other"}).plan
        assert len(plan.open_questions) == 2
        assert plan.renamed == []


def test_an_answer_to_another_question_counts_for_nothing(north):
    """What was answered about 李强 says nothing about whoever has the number now."""
    with in_school(north):
        load(book(LI))
        key = take(book(STRANGER)).plan.questions[0].key
        Guardian.objects.update(name="孙立")
        plan = intake.take(book(STRANGER), today=makers.FIRST, given={key: "same"}).plan
        assert len(plan.open_questions) == 1


# --- rights
def test_an_adult_of_another_child_with_the_same_name_is_tied_without_rights(north):
    with in_school(north):
        load(book(LI))
        load(book(LI, ("00125", "李小花", "一年级1班", "李 强", "13800138000")))
        tie = Tie.objects.get(pupil__number="00125")
        assert (tie.may_sign, tie.may_collect) == (False, False)
        assert why() == ["no_rights"]


def test_an_adult_who_is_new_has_both_rights_for_each_child_of_the_file(north):
    with in_school(north):
        load(book(LI, ("00125", "李小花", "一年级1班", "李强", "13800138000")))
        assert Tie.objects.filter(may_sign=True, may_collect=True).count() == 2


def test_a_second_number_for_a_name_that_the_child_has_is_left_out(north):
    """One wrong digit would give a stranger the login of the mother."""
    with in_school(north):
        load(book(LI))
        load(book((*LI[:4], "13800138009")))
        assert adults_of("00123") == {("李强", "+8613800138000")}
        assert why() == ["same_name"]
        assert not Guardian.objects.filter(phone="+8613800138009").exists()


def test_a_sheet_without_names_ties_nobody_by_the_number_alone(north):
    head = ("学籍号", "姓名", "班级", "家长电话")
    with in_school(north):
        load(book(LI))
        load(book(("00123", "李小明", "一年级1班", "13800138000"), ("00125", "陈晓", "一年级1班", "13800138000"),
                  head=head))  # fmt: skip
        assert not renamed()
        assert adults_of("00125") == set()
        assert why() == ["open"]


# --- denied adults
@pytest.mark.parametrize(
    ("name", "phone"), [("李强", "13800138000"), ("李 强", "13700137000"), ("赵六", "13800138000")]
)
def test_a_roster_restores_no_denied_adult_by_name_or_by_number_and_the_rest_goes_on(
    north, clerk, name, phone
):
    """S24."""
    with in_school(north):
        load(book((*LI[:3], "李强、李静", "13800138000、13900139009")))  # one who signs stays
        denied = Tie.objects.get(guardian__name="李强")
        adult_actions.deny(tie=denied, reason="法院裁定", by=clerk[0], now=NOON)
        row = (*LI[:3], f"{name}、赵敏", f"{phone}、13900139001")
        found = take(book(row, WANG))
        assert all(word in found.plan.left_out[0].detail for word in ("周老师", "法院裁定"))
        load(book(row, WANG))
        assert Tie.objects.get(is_denied=True).guardian.name == "李强"
        assert adults_of("00124") == {("王建国", "+8613800138001")}
        rights = Tie.objects.filter(pupil__number="00123", may_collect=True)
        assert sorted(tie.guardian.name for tie in rights) == ["李静", "赵敏"]
        out = RosterImport.objects.order_by("pk").last().left_out
        assert [(row["why"], row["adult"]) for row in out] == [("denied", re.sub(" ", "", name))]
        assert "法院" not in str(out)


def test_nobody_gets_the_name_of_a_denied_adult_by_an_answer(north, clerk):
    """S24: the number is known as 赵敏's, who collects the child too."""
    with in_school(north):
        load(book((*LI[:3], "李强、赵敏", "13800138000、13900139001")))
        adult_actions.deny(
            tie=Tie.objects.get(guardian__name="李强"), reason="法院裁定", by=clerk[0], now=NOON
        )
        answered(book((*LI[:3], "李强", "13900139001")), 李强="same")
        assert Guardian.objects.get(phone="+8613900139001").name == "赵敏"
        assert why() == ["denied"]


# --- bad input
def test_the_father_who_stands_twice_in_a_row_is_one(north):
    head = ("学籍号", "姓名", "班级", "父亲姓名", "父亲电话", "监护人姓名", "监护人电话")
    with in_school(north):
        load(book((*LI[:3], "李强", "13800138000", "李 强", "138 0013 8000"), head=head))
        assert adults_of("00123") == {("李强", "+8613800138000")}
        assert Tie.objects.get().relation == Relation.FATHER


def test_one_number_with_two_names_in_the_file_stops_the_file_whoever_is_known(north):
    with in_school(north):
        load(book(LI))
        with pytest.raises(actions.NotRight):
            load(book(STRANGER, ("00126", "陈小二", "一年级1班", "孙立", "13800138000")))


@pytest.mark.parametrize("cell", ["\x00", "√", "", "同一人吗", "=同一人", "x" * 40_000])
def test_what_is_no_answer_is_none(north, cell):
    with in_school(north):
        load(book(LI))
        assert len(answers_in(cell).plan.open_questions) == 1


def answers_in(cell: str, known: str = ""):
    made = opened(book((*STRANGER, "", known), head=ASKING))
    if "\x00" not in cell:
        made["Sheet1"]["F3"] = cell[:32_000]
    return take(saved(made))


def test_the_same_file_twice_asks_the_same_and_changes_nothing(north):
    with in_school(north):
        load(book(LI))
        for _time in range(2):
            load(book(STRANGER))
            assert why() == ["open"]
        assert Tie.objects.count() == 1


def test_between_plan_and_import_a_correction_or_a_denial_voids_the_plan(north, clerk):
    with in_school(north):
        load(book(LI, WANG))
        stale = take(book(LI, (*WANG[:3], "李强", "13800138000"))).plan
        adult = Guardian.objects.get(name="李强")
        correction_actions.correct_name(
            guardian=adult, before="李强", name="李强国", reason="写错", by=clerk[0], now=NOON
        )
        source = actions.Source(actions.UUID(int=1), "x", "0" * 64)
        with pytest.raises(actions.Changed):
            actions.apply(plan=stale, source=source, by=None, now=NOON, tick=intake.silent)
        assert adults_of("00124") == {("王建国", "+8613800138001")}


def test_two_thousand_questions_take_few_statements(north, django_assert_max_num_queries):
    rows = [(f"G{n:05d}", "李小明", "一年级1班", "李强", f"1380013{n:04d}") for n in range(2000)]
    with in_school(north):
        load(book(*rows))
        other = book(*[(*row[:3], "赵敏", row[4]) for row in rows])
        with django_assert_max_num_queries(10):
            plan = take(other).plan
        assert len(plan.open_questions) == 2000
        with django_assert_max_num_queries(90):
            given = {question.key: "same" for question in plan.questions}
            done = actions.apply(
                plan=intake.take(other, today=makers.FIRST, given=given).plan,
                source=actions.Source(actions.UUID(int=7), "x", "0" * 64), by=None, now=NOON, tick=intake.silent,
            )  # fmt: skip
        assert (len(done.left_out), Change.objects.count()) == (0, 2000)


# --- who hears of it
def test_an_import_tells_the_adults_who_were_there_of_an_adult_more(north):
    with in_school(north):
        load(book(LI, WANG))
        assert not Delivery.objects.exists()
        load(book((*LI[:3], "李强、赵敏", "13800138000、13900139001"), WANG))
        assert [row.guardian.name for row in Delivery.objects.all()] == ["李强"]


def test_an_adult_with_rights_is_told_by_phone_as_one_who_is_made_by_hand(north):
    """A letter that nobody opens would let a stranger in (S24)."""
    with in_school(north):
        load(book(LI, WANG))
        load(book((*LI[:3], "李强、赵敏", "13800138000、13900139001"), WANG))
        assert [row.delivery.guardian.name for row in Dispatch.objects.all()] == ["李强"]
        by_hand = Pupil.objects.get(number=WANG[0])
        adult_actions.add_adult(
            pupil=by_hand, name="钱某", phone="+8613900139009", relation=Relation.OTHER, may_sign=False,
            may_collect=True, by=makers.a_user("clerk"), now=NOON,
        )  # fmt: skip
        assert Dispatch.objects.count() == 2


def test_an_adult_without_rights_rings_no_phone(north):
    """A known adult comes with none, and a name or a relation lets nobody in."""
    with in_school(north):
        load(book(LI, WANG))
        load(book((*LI[:3], "李强、王建国", f"13800138000、{WANG[4]}"), WANG))
        assert [row.guardian.name for row in Delivery.objects.all()] == ["李强"]
        assert not Dispatch.objects.exists()


# --- the file
def test_the_marked_workbook_asks_and_takes_the_answer(north):
    with in_school(north):
        load(book(LI))
        made = opened(take(book(WANG, STRANGER)).error_workbook())
        page = made["Sheet1"]
        assert [cell.value for cell in page[2]][5:] == [
            "核对",
            "系统里的姓名",
            "问题（改好后可以不删这一列）",
        ]
        assert page["G4"].value == "李强"
        assert "同一人还是另一人" in page["H4"].value
        assert page["H3"].value is None
        assert "同一人" in page.data_validations.dataValidation[0].formula1
        page["F4"] = "另一人"
        load(saved(made))
        assert why() == ["other"]
        page["F4"] = "同一人"
        load(saved(made))
        assert renamed()
        load(saved(made))
        assert why() == []


def test_an_answer_in_a_file_is_about_whom_it_names(north):
    with in_school(north):
        load(book(LI))
        assert len(answers_in("同一人", "孙立").plan.open_questions) == 1
        assert answers_in("同一人", "李 强").plan.open_questions == []
        assert answers_in("另一人").plan.open_questions == []


def test_the_command_says_what_it_asks_and_takes_the_answered_workbook(north, tmp_path, capsys):
    file = tmp_path / "名册.xlsx"
    with in_school(north):
        load(book(LI))
    file.write_bytes(book(WANG, STRANGER))
    assert run(file, "--school", NORTH, "--dry-run") == 0
    assert "13 8000" in capsys.readouterr().out.replace("0013 8000", "13 8000")
    marked = file.with_name("名册-errors.xlsx")
    made = opened(marked.read_bytes())
    made["Sheet1"]["F4"] = "同一人"
    file.write_bytes(saved(made))
    assert run(file, "--school", NORTH) == 0
    with in_school(north):
        assert renamed()


# --- the page
def test_the_office_answers_row_by_row_and_sees_who_was_left_out(north, clerk):
    with in_school(north):
        load(book(LI, WANG))
    data = book(STRANGER, ("00126", "孙小二", "一年级1班", "孙立", "13800138001"))
    address, page = previewed(clerk[1], data)
    assert "还没有答" in page.content.decode()
    at = f"{address}answers/"
    asked = clerk[1].get(at).content.decode()
    keys = re.findall(r'id="q-([0-9a-f]{32})"', asked)
    assert len(keys) == 2
    assert all(word in asked for word in ("李强", "陈大文", "E3"))
    assert not re.search(r'value="(same|other)"[^>]* checked', asked)
    given = {f"answer-{keys[0]}": "same", f"answer-{keys[1]}": "other", "answer-x": "same"}
    assert clerk[1].post(at, given).status_code == 302
    assert "陈大文" not in clerk[1].get(f"{at}?state=open").content.decode()
    assert apply(clerk[1], address, page).status_code == 409
    done = apply(clerk[1], address, clerk[1].get(address))
    result = clerk[1].get(done.headers["Location"]).content.decode()
    assert str(Why.OTHER.label) in result
    assert "孙立" in result
    with in_school(north):
        assert renamed()
        assert Guardian.objects.get(phone="+8613800138001").name == "王建国"
        assert Change.objects.get().by == clerk[0]


def test_all_of_one_kind_are_answered_at_once_and_taken_back(north, clerk):
    rows = [(f"G{n:05d}", "李小明", "一年级1班", "李强", f"1380013{n:04d}") for n in range(120)]
    with in_school(north):
        load(book(*rows))
    changed = [(*row[:3], "赵敏", row[4]) for row in rows]
    stranger = ("G99998", "孙小二", "一年级2班", "赵敏", "13800130001")
    address, _page = previewed(clerk[1], book(*changed, stranger))
    at = f"{address}answers/"
    first = clerk[1].get(at).content.decode()
    assert len(re.findall(r'id="q-', first)) == 50
    assert "第 1 页，共 3 页" in first
    clerk[1].post(at, {"all": "same"})
    assert "还有 121 条没有答" in clerk[1].get(at).content.decode()
    clerk[1].post(f"{at}?kind=own", {"all": "same"})
    left = clerk[1].get(f"{at}?state=open").content.decode()
    assert "还有 1 条没有答" in left
    assert clerk[1].get(f"{at}?kind=nonsense&state=x&page=999&school_class=zzz").status_code == 200


def test_answers_belong_to_the_upload_of_one_clerk(north, clerk):
    with in_school(north):
        load(book(LI))
    address, _page = previewed(clerk[1], book(LI, STRANGER))
    other = staff(north, "clerk")[1]
    assert other.get(f"{address}answers/").status_code == 404
    assert other.post(f"{address}answers/", {"all": "same"}).status_code == 404
    assert staff(north, "principal")[1].get(f"{address}answers/").status_code == 403


def test_pupil_rows_are_not_marked_as_left_while_they_are_asked_about(north):
    with in_school(north):
        load(book(LI, WANG))
        plan = take(book(("00123", "赵一", *LI[2:]), WANG)).plan
        assert plan.missing == []
        assert Pupil.objects.filter(left_date__isnull=True).count() == 2
