"""What the bureau asks a school tells the accused nothing, and nobody who complained."""

import pytest

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
from tests.schools.voice.test_letters import parent, passed, principal, say, school  # noqa: F401  (fixtures)

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
    made = say(school, parent, accused=family)
    with pytest.raises(refusal):
        passed(school, made, desk.an_officer(), accused=officer)
    assert not Complaint.objects.exists()


@pytest.mark.parametrize("chosen", [Accused.NOBODY, Accused.PRINCIPAL])
def test_what_the_family_said_stands_beside_no_choice_and_the_same(school, parent, principal, chosen):  # noqa: F811
    deputy = makers.a_user("deputy")
    made = say(school, parent, accused=Accused.PRINCIPAL)
    passed(school, made, desk.an_officer(), accused=chosen)
    path = f"/desk/complaints/{Complaint.objects.get().pk}/"
    assert [browser(school, user).get(path).status_code for user in (principal, deputy)] == [404, 200]


def test_the_officer_adds_somebody_where_the_family_named_nobody(school, parent, principal):  # noqa: F811
    makers.a_user("deputy")
    passed(school, say(school, parent), desk.an_officer(), accused=Accused.PRINCIPAL)
    assert (
        browser(school, principal).get(f"/desk/complaints/{Complaint.objects.get().pk}/").status_code == 404
    )


@pytest.mark.parametrize("family", [Accused.BUREAU, Accused.LEADERS])
def test_page_and_api_say_why_it_does_not_go_to_the_school(school, parent, family):  # noqa: F811
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


def test_a_name_that_the_officer_gives_frees_nobody_of_the_group(school, parent):  # noqa: F811
    """The family accused the office; of the office nobody reads it because the officer named one of them."""
    clerk, principal = makers.a_user("clerk", name="孙文书"), makers.a_user("principal")  # noqa: F811
    made = say(school, parent, accused=Accused.OFFICE)
    passed(school, made, desk.an_officer(), accused_name="钱文书")
    path = f"/desk/complaints/{Complaint.objects.get().pk}/"
    assert [browser(school, user).get(path).status_code for user in (clerk, principal)] == [404, 200]
