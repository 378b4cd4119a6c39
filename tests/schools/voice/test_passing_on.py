"""What the bureau asks a school tells the accused nothing, and nobody who complained."""

import pytest

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
