"""What the bureau asks a school tells the accused nothing, and nobody who complained."""

from datetime import timedelta

import pytest

from afterbell.audit.models import Entry
from afterbell.kernel.ids import uuid7
from schools.voice.models import Complaint
from tenants.context import in_city
from tenants.letterbox import actions
from tenants.letterbox import refusals as no
from tenants.letterbox.models import Accused, BureauComplaint, Passing
from tests import makers
from tests.accounts import makers as accounts
from tests.oversight.hearings import stage as desk
from tests.schools.enrolment.stage import browser, text
from tests.schools.voice import stage
from tests.schools.voice.test_letters import passed, say

ASKED = {"text": "请核实", "named": "no", "accused_name": "", "due_date": "2027-01-10"}


# --- whom the family accused ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("family", "officer", "refusal"),
    [
        (Accused.LEADERS, Accused.TEACHER, no.NobodyLeft),
        (Accused.BUREAU, Accused.OFFICE, no.NobodyLeft),
        (Accused.PRINCIPAL, Accused.DEPUTY, no.NobodyLeft),
        (Accused.DEPUTY, Accused.PRINCIPAL, no.NobodyLeft),
        (Accused.PRINCIPAL, Accused.TEACHER, no.StaysAccused),
        (Accused.OFFICE, Accused.COMMITTEE, no.StaysAccused),
    ],
)
def test_the_officer_takes_nobody_away_whom_the_family_accused(
    school, parent, principal, family, officer, refusal
):
    makers.a_user("deputy")
    desk.an_officer(name="郑科长")
    made = say(school, parent, accused=family)
    with pytest.raises(refusal):
        passed(school, made, desk.an_officer(), accused=officer)
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("chosen", [Accused.NOBODY, Accused.PRINCIPAL])
def test_what_the_family_said_stands_beside_no_choice_and_the_same(school, parent, principal, chosen):
    deputy = makers.a_user("deputy")
    made = say(school, parent, accused=Accused.PRINCIPAL)
    passed(school, made, desk.an_officer(), accused=chosen)
    path = f"/desk/complaints/{Complaint.objects.get().pk}/"
    assert [browser(school, user).get(path).status_code for user in (principal, deputy)] == [404, 200]


def test_the_officer_adds_somebody_where_the_family_named_nobody(school, parent, principal):
    makers.a_user("deputy")
    passed(school, say(school, parent), desk.an_officer(), accused=Accused.PRINCIPAL)
    assert (
        browser(school, principal).get(f"/desk/complaints/{Complaint.objects.get().pk}/").status_code == 404
    )


@pytest.mark.parametrize("family", [Accused.BUREAU, Accused.LEADERS])
def test_page_and_api_say_why_it_does_not_go_to_the_school(school, parent, family):
    officer = desk.an_officer(name="吴科长")
    desk.an_officer(name="郑科长")
    made = say(school, parent, accused=family, accused_name="周明")
    with in_city():
        actions.receive(complaint=BureauComplaint.objects.get(pk=made.pk), by=officer, now=stage.now())
    city = accounts.logged_in(accounts.CITY, officer.login)
    page = city.post(f"/complaints/desk/{made.pk}/pass-on/", {**ASKED, "accused": "teacher"})
    assert (page.status_code, "请教育局自己核实" in text(page)) == (409, True)
    body = {"text": "请核实", "accused": "teacher", "due_at": "2027-01-10T00:00:00+08:00"}
    answer = city.post(f"/api/v1/complaints/{made.pk}/passings/", body, content_type="application/json")
    assert answer.json()["code"] == "letterbox.nobody_left"
    with in_city():
        assert not Passing.objects.exists()


def test_a_name_that_the_officer_gives_frees_nobody_of_the_group(school, parent):
    """The family accused the office; of the office nobody reads it because the officer named one of them."""
    clerk, principal = makers.a_user("clerk", name="孙文书"), makers.a_user("principal")
    made = say(school, parent, accused=Accused.OFFICE)
    passed(school, made, desk.an_officer(), accused_name="钱文书")
    path = f"/desk/complaints/{Complaint.objects.get().pk}/"
    assert [browser(school, user).get(path).status_code for user in (clerk, principal)] == [404, 200]


@pytest.mark.parametrize("name", ["赵校长", "赵 校长", "校长赵校长本人"])
def test_whom_the_family_named_reads_nothing_though_the_officer_left_the_name_out(
    school, parent, principal, name
):
    makers.a_user("deputy")
    made = say(school, parent, accused_name=name)
    passed(school, made, desk.an_officer())
    assert not Complaint.objects.exists()
    with in_city():
        row = BureauComplaint.objects.get(pk=made.pk)
        assert (row.state, row.steps.order_by("at", "pk").last().kind) == ("received", "exposed")


# --- who complained ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words",
    [
        "李 强反映", "李·强反映", "李-强反映", "家长李强（爸爸）", "李\u3000强反映", "李\u200b强反映",
        "电话 138 0000 1234 的家长反映", "尾号 138-0000-1234", "１３８００００１２３４",
    ],
)  # fmt: skip
def test_a_text_without_the_name_has_it_in_no_way_of_writing(school, parent, principal, words):
    parent.guardian.phone = "+8613800001234"
    parent.guardian.save()
    made, officer = say(school, parent, may_name=True), desk.an_officer()
    with pytest.raises(no.TellsWhoItIs):
        passed(school, made, officer, words=words)
    with pytest.raises(no.TellsWhoItIs):
        passed(school, made, officer, accused_name=words)
    passed(school, made, officer, words=words, named=True)


@pytest.mark.parametrize(
    "words", ["李小明的家长反映被要求参加，请核实", "请核实李 小 明家的情况", "请核实李-小明"]
)
def test_with_a_childs_name_it_comes_back_to_the_bureau(school, parent, principal, words):
    made, officer = say(school, parent), desk.an_officer()
    passed(school, made, officer, words=words)
    assert not Complaint.objects.exists()
    with in_city():
        row = BureauComplaint.objects.get(pk=made.pk)
        assert (row.state, row.steps.order_by("at", "pk").last().kind) == ("received", "named")
        assert row.passings.get().carried_at is None
    city = accounts.logged_in(accounts.CITY, officer.login)
    page = text(city.get(f"/complaints/desk/{made.pk}/"))
    assert "转给学校的内容里有孩子的姓名" in page
    assert "学校没有与此事无关" not in page
    passed(school, made, officer, words="请核实一个班的通知")
    assert Complaint.objects.get().text == "请核实一个班的通知"


def test_another_childs_name_and_a_named_family_go_along(school, parent, principal):
    makers.a_pupil(name="王小红")
    officer = desk.an_officer()
    passed(school, say(school, parent), officer, words="请核实王小红的座位")
    passed(school, say(school, parent, may_name=True), officer, words="李小明的家长反映", named=True)
    assert Complaint.objects.count() == 2


def test_what_the_family_wrote_of_the_accused_goes_along_only_where_the_officer_wrote_it(
    school, parent, principal
):
    made = say(school, parent, accused=Accused.TEACHER, accused_name="王老师（李强去年也告过他）")
    officer = desk.an_officer()
    passed(school, made, officer)
    row = Complaint.objects.get()
    assert (row.accused, row.accused_name) == ("teacher", "")
    with in_city():
        again = BureauComplaint.objects.get(pk=made.pk)
        assert again.accused_name == "王老师（李强去年也告过他）"
    other = say(
        school, parent, key=uuid7(), accused=Accused.TEACHER, accused_name="王老师（李强去年也告过他）"
    )
    with in_city():
        actions.receive(complaint=BureauComplaint.objects.get(pk=other.pk), by=officer, now=stage.now())
    city = accounts.logged_in(accounts.CITY, officer.login)
    page = text(city.get(f"/complaints/desk/{other.pk}/pass-on/"))
    assert "家长写的是：王老师（李强去年也告过他）" in page
    assert 'value="王老师' not in page
    passed(school, other, officer, accused_name="王老师")
    assert Complaint.objects.get(accused_name="王老师").accused == "teacher"


# --- words that may tell who is meant ------------------------------------------------------------------------------------


WHY = "核对过，不是学校里的人\n核对过，不是学校里的人"
"""Of two questions: a line each."""


def state_of(made):
    with in_city():
        row = BureauComplaint.objects.get(pk=made.pk)
        return row.state, row.steps.order_by("at", "pk").last().kind, row.passings.order_by("-pk").first()


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ("新东方团队", "请核实一个班的通知"), ("某某培训机构李老师", "请核实一个班的通知"),
        ("学而思王老师", "请核实学而思的课"), ("学而思王老师", "请核实王 老师的课"), ("钱多多", "请核实錢多多的课"),
    ],
)  # fmt: skip
def test_words_for_the_accused_are_a_question_to_the_officer_first(school, parent, principal, written, words):
    made, officer = say(school, parent, accused_name=written), desk.an_officer()
    for why in ("", "好", " ……。 "):
        with pytest.raises(no.LookAgain, match="核对说明"):
            passed(school, made, officer, words=words, why_fine=why)
    with in_city():
        assert not Passing.objects.exists()
    passed(school, made, officer, words=words, why_fine=WHY)
    assert Complaint.objects.get().text == words
    with in_city():
        kept = Passing.objects.get()
        assert (kept.why_fine, bool(kept.questions)) == (WHY, True)
        assert Entry.objects.get(verb="letterbox.pass_on").details["questions"] == len(kept.questions)


def test_each_question_has_its_own_answer(school, parent, principal):
    """One line about the reader does not answer what is asked about the child."""
    makers.a_user("deputy", name="王芳")
    made, officer = say(school, parent, accused_name="王老师"), desk.an_officer()
    words = "请核实小明家的情况"
    passed(school, made, officer, words=words)
    _state, _kind, passing = state_of(made)
    assert len(passing.questions) == 2
    for why in ("不是这位老师", "不是这位老师\n好", "\n\n不是这位老师\n"):
        with pytest.raises(no.LookAgain, match="共 2 个问题"):
            passed(school, made, officer, words=words, why_fine=why)
    assert not Complaint.objects.exists()
    passed(school, made, officer, words=words, why_fine="不是这位老师\n是另一个班的小明")
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize("written", ["", "某老师", "不知道", "李老师"])
def test_titles_and_words_that_are_not_passed_on_ask_nothing(school, parent, principal, written):
    made = say(school, parent, accused_name=written)
    passing = passed(school, made, desk.an_officer(), words="请老师核实一个班的通知")
    assert (passing.doubts, Complaint.objects.count()) == ("", 1)


@pytest.mark.parametrize(
    "words", ["请核实小明家的情况", "请核实小 明的座位", "明明同学的家长反映", "请阿明的班主任说明"]
)
def test_a_childs_given_name_comes_back_as_a_question(school, parent, principal, words):
    """Of 李小明; answered on record it goes, and rewritten it goes without."""
    made, officer = say(school, parent), desk.an_officer()
    passed(school, made, officer, words=words)
    assert not Complaint.objects.exists()
    state, kind, passing = state_of(made)
    assert (state, kind, "孩子的名字" in passing.questions[0]) == ("received", "doubted", True)
    page = text(accounts.logged_in(accounts.CITY, officer.login).get(f"/complaints/desk/{made.pk}/"))
    assert "像是孩子的名字" in page
    with pytest.raises(no.LookAgain, match="孩子的名字"):
        passed(school, made, officer, words=words)
    passed(school, made, officer, words=words, why_fine=WHY)
    assert Complaint.objects.get().text == words
    other = say(school, parent, key=uuid7())
    passed(school, other, officer, words=words)
    passed(school, other, officer, words="请核实一个班的通知")
    assert Complaint.objects.count() == 2


@pytest.mark.parametrize("named_by", ["family", "officer"])
@pytest.mark.parametrize("written", ["王老师", "王 老师", "王\u3000老师", "王校长", "老王", "王"])
def test_a_surname_and_a_title_that_may_mean_a_reader_come_back_as_a_question(
    school, parent, principal, written, named_by
):
    makers.a_user("deputy", name="王芳")
    made, officer = (
        say(school, parent, **({"accused_name": written} if named_by == "family" else {})),
        desk.an_officer(),
    )
    more = {"accused_name": written} if named_by == "officer" else {}
    passed(school, made, officer, **more)
    assert not Complaint.objects.exists()
    _state, kind, passing = state_of(made)
    assert (kind, "王芳" in passing.questions[0]) == ("doubted", True)
    assert "王芳" not in text(browser(school, parent).get(f"/family/complaints/bureau/{made.pk}/"))
    passed(school, made, officer, why_fine=WHY, **more)
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize("written", ["王 芳", "王\u3000芳", "王芳老师", "副校长王芳"])
def test_a_whole_name_keeps_its_bearer_out_however_it_is_written(school, parent, principal, written):
    deputy = makers.a_user("deputy", name="王芳")
    made = say(school, parent, accused_name="王芳")
    passed(school, made, desk.an_officer(), accused_name=written)
    path = f"/desk/complaints/{Complaint.objects.get().pk}/"
    assert [browser(school, user).get(path).status_code for user in (principal, deputy)] == [200, 404]


def test_page_and_api_ask_and_take_the_answer(school, parent, principal):
    officer = desk.an_officer()
    made = say(school, parent, accused_name="新东方团队")
    with in_city():
        actions.receive(complaint=BureauComplaint.objects.get(pk=made.pk), by=officer, now=stage.now())
    city = accounts.logged_in(accounts.CITY, officer.login)
    day = f"{stage.now() + timedelta(days=9):%Y-%m-%d}"
    form = {**ASKED, "accused": "", "due_date": day}
    page = city.post(f"/complaints/desk/{made.pk}/pass-on/", form)
    assert (page.status_code, "像是一个机构或团队" in text(page)) == (409, True)
    body = {"text": "请核实", "due_at": f"{day}T00:00:00+08:00"}
    answer = city.post(f"/api/v1/complaints/{made.pk}/passings/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (409, "letterbox.look_again")
    body["why_fine"] = WHY
    answer = city.post(f"/api/v1/complaints/{made.pk}/passings/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["passings"][0]["why_fine"]) == (201, WHY)
