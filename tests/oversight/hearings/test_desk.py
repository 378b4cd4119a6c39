"""The bureau reads, passes on, answers and closes what families say to it: each officer what is his, nobody the own case."""

from datetime import timedelta

import pytest
from django.utils import timezone

from afterbell.audit.models import Entry
from afterbell.kernel.ids import uuid7
from schools.voice import complaint_actions
from schools.voice.models import Complaint
from tenants.context import in_city, in_school
from tenants.exchange import relay
from tenants.exchange.models import Envelope
from tenants.letterbox import actions, refusals
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import Accused, BureauComplaint, ComplaintKind, Passing
from tenants.policies import ready
from tests import makers
from tests.accounts import makers as accounts
from tests.city import NOON
from tests.oversight.hearings.stage import LATER, a_letter, an_officer

PAGE, API = "/complaints/desk/", "/api/v1/complaints/"


@pytest.fixture(autouse=True)
def wired(settings, db):
    settings.SECOND_FACTOR = "optional"
    makers.a_policy(ready.document("seed"))


def browser(officer):
    return accounts.logged_in(accounts.CITY, officer.login)


def at_desk(role="bureau_supervisor", **more):
    return browser(an_officer(role, **more))


def text(answer):
    return answer.content.decode()


def rows(answer):
    """Below the filters."""
    return text(answer).split("</form>")[-1]


def again(letter):
    with in_city():
        return BureauComplaint.objects.select_related("school").get(pk=letter.pk)


def do(deed, letter, officer, now=LATER, **more):
    with in_city():
        return deed(complaint=again(letter), by=officer, now=now, **more)


def given(**more):
    return {
        "text": "请核实", "is_named": False, "accused": Accused.NOBODY, "accused_name": "",
        "due_at": LATER + timedelta(days=5), **more,
    }  # fmt: skip


# --- who sees what -----------------------------------------------------------------------------------------------------


def test_the_bureau_reads_the_words_and_the_district_its_own_alone(north, island):
    here, there = a_letter(north), a_letter(island, words="海岛上的事")
    desk, lake = at_desk(), at_desk(scope="330102")
    assert "投诉办理" in text(desk.get("/"))
    for letter in (here, there):
        assert letter.number in rows(desk.get(PAGE))
    assert there.number not in rows(lake.get(PAGE))
    assert "330106" not in text(lake.get(PAGE))
    assert lake.get(API).json()["count"] == 1
    for path in ("", "pass-on/", "close/"):
        assert lake.get(f"{PAGE}{there.pk}/{path}").status_code == 404
    for path in ("receive/", "answer/"):
        assert lake.post(f"{PAGE}{there.pk}/{path}").status_code == 404
    for path in ("receipt/", "closing/"):
        assert lake.post(f"{API}{there.pk}/{path}").status_code == 404
    page = text(lake.get(f"{PAGE}{here.pk}/"))
    for said in ("要求都参加", "李强", "+8613800001234", "要求保密", "湖滨区"):
        assert said in page


@pytest.mark.parametrize("role", ["price_officer", "system_admin", "security_admin", "audit_admin"])
def test_it_is_the_supervisors_alone(north, role, client, settings):
    letter, desk = a_letter(north), at_desk(role)
    for path in (PAGE, f"{PAGE}{letter.pk}/", API, f"{API}{letter.pk}/"):
        assert desk.get(path).status_code == 403
        assert client.get(path, SERVER_NAME=settings.CITY_HOST).status_code in (302, 401, 403)
    for path in (f"{PAGE}{letter.pk}/receive/", f"{API}{letter.pk}/receipt/"):
        assert desk.post(path).status_code == 403
    assert "投诉办理" not in text(desk.get("/accounts/me/"))


def test_about_the_bureau_neither_the_accused_nor_a_districts_office_sees_it(north):
    letter = a_letter(north, accused=Accused.BUREAU, accused_name="周科长", words="收了学校的礼")
    accused, other = an_officer(name="周科长"), an_officer(name="吴科长")
    district = an_officer(scope="330102", name="郑科长")
    for officer, sees in ((accused, False), (other, True), (district, False)):
        desk = browser(officer)
        assert (letter.number in text(desk.get(PAGE))) is sees
        assert desk.get(f"{PAGE}{letter.pk}/").status_code == (200 if sees else 404)
        assert desk.get(API).json()["count"] == int(sees)
        if not sees:
            with pytest.raises(refusals.NotYours):
                do(actions.receive, letter, officer)
    do(actions.receive, letter, other)
    with pytest.raises(refusals.NobodyLeft):
        do(actions.pass_on, letter, other, **given())
    page = text(browser(other).get(f"{PAGE}{letter.pk}/"))
    assert ("请教育局自己核实" in page, "pass-on" in page) == (True, False)


# --- the list ----------------------------------------------------------------------------------------------------------


def test_unanswered_ones_come_first_by_deadline_and_filters_are_in_the_address(north, south, island):
    old, new = a_letter(north, at=NOON - timedelta(days=20)), a_letter(south, kind=ComplaintKind.FEE)
    far, officer = a_letter(island, at=NOON - timedelta(days=30)), an_officer()
    for deed, more in ((actions.receive, {}), (actions.answer, {"text": "已办"})):
        do(deed, far, officer, **more)
    desk = browser(officer)
    page = rows(desk.get(PAGE))
    assert page.index(old.number) < page.index(new.number) < page.index(far.number)

    def shown(query):
        page = rows(desk.get(f"{PAGE}?{query}"))
        return [letter for letter in (old, new, far) if letter.number in page]

    assert shown("state=answered") == [far]
    assert shown("state=waiting") == [old, new]
    assert shown("state=late") == shown("kind=forced&state=waiting")[:1] + shown("kind=fee")
    assert shown("district=330106") == [far]
    assert shown("school=第二") == [new]
    assert shown(f"search={new.number}") == [new]
    assert shown("origin=overdue") == []
    assert "没有符合条件的投诉" in text(desk.get(f"{PAGE}?school=没有这所"))
    for odd in (
        "?state=nonsense",
        "?district=999999",
        "?page=9999999",
        "?sort=-state&sort=x",
        "?sort=district",
    ):
        assert desk.get(f"{PAGE}{odd}").status_code == 200
    assert desk.get(f"{PAGE}?school=%00").status_code == 400
    assert desk.get(f"{API}?state=waiting").json()["count"] == 2
    for odd in ("?state=nonsense", "?school=%00", f"?district={'9' * 40}"):
        assert desk.get(f"{API}{odd}").status_code == 400


def test_a_page_has_25_and_takes_the_same_few_queries(north, django_assert_max_num_queries):
    desk, counts = at_desk(), []
    for size in (2, 28):
        for _number in range(size):
            a_letter(north)
        with django_assert_max_num_queries(20) as seen:
            page = rows(desk.get(PAGE))
        counts.append(len(seen))
    assert page.count(f"{PAGE}01") == 25
    assert desk.get(API).json()["count"] == 30
    assert counts[1] - counts[0] <= 1  # the second page's address


# --- deeds -------------------------------------------------------------------------------------------------------------


def test_each_deed_is_done_once_in_its_order_and_recorded(north):
    """Bad input: a browser tab of yesterday, a deed too early, too late, with an object read before."""
    letter, officer = a_letter(north), an_officer()
    desk, stale = browser(officer), again(letter)
    answer = f"{PAGE}{letter.pk}/answer/"
    early = desk.post(answer, {"text": "先答"})
    assert (early.status_code, "先答" in text(early)) == (409, True)
    with in_city(), pytest.raises(refusals.NotNow):
        actions.pass_on(complaint=stale, by=officer, now=LATER, **given())
    assert desk.post(f"{PAGE}{letter.pk}/receive/").status_code == 302
    assert desk.post(f"{PAGE}{letter.pk}/receive/").status_code == 409
    with in_city(), pytest.raises(refusals.NotNow):
        actions.receive(complaint=stale, by=officer, now=LATER)
    assert desk.post(answer, {"text": " "}).status_code == 400
    assert desk.post(answer, {"text": "长" * 501}).status_code == 400
    assert desk.post(answer, {"text": "a\x00b"}).status_code == 400
    assert desk.post(answer, {"text": "已查实并改正。"}).status_code == 302
    late = desk.post(answer, {"text": "又答"})
    assert (late.status_code, "又答" in text(late)) == (409, True)
    assert again(letter).answer == "已查实并改正。"
    with in_city():
        entries = Entry.objects.filter(target=f"letterbox.bureaucomplaint:{letter.pk}").order_by("position")
        assert [(entry.verb, entry.by_id) for entry in entries] == [
            ("letterbox.submit", None),
            ("letterbox.receive", officer.pk),
            ("letterbox.answer", officer.pk),
        ]
        assert "李强" not in str([entry.details for entry in entries])


def test_nobody_closes_it_before_the_family_had_its_time(north):
    letter, officer = a_letter(north), an_officer()
    do(actions.receive, letter, officer)
    with pytest.raises(refusals.NotNow):
        do(actions.close, letter, officer)
    do(actions.answer, letter, officer, text="已办")
    with pytest.raises(refusals.FamilyHasTime):
        do(actions.close, letter, officer, now=LATER + timedelta(days=14))
    do(actions.close, letter, officer, now=LATER + timedelta(days=15))
    with pytest.raises(refusals.NotNow):
        do(actions.close, letter, officer, now=LATER + timedelta(days=16))


def test_a_name_that_is_withheld_is_never_passed_on(north):
    letter, officer = a_letter(north, words="我是李强，要求都参加"), an_officer()
    do(actions.receive, letter, officer)
    with pytest.raises(refusals.NameIsWithheld):
        do(actions.pass_on, letter, officer, **given(is_named=True))
    desk, path = browser(officer), f"{PAGE}{letter.pk}/pass-on/"
    page = text(desk.get(path))
    assert "告诉学校投诉人的姓名" not in page
    assert "我是李强" not in page.split("<textarea")[1]
    body = {"named": "no", "accused": "", "accused_name": "", "due_date": "2027-01-10"}
    for words in ("李强说要求都参加", "请联系 13800001234", "", "长" * 2001):
        answer = desk.post(path, {**body, "text": words})
        assert answer.status_code == 400
        assert words in text(answer)
    forged = desk.post(path, {**body, "named": "yes", "text": "请核实"})
    assert forged.status_code == 400
    for due in ("2020-01-01", "2190-01-01", "x"):
        assert desk.post(path, {**body, "text": "请核实", "due_date": due}).status_code == 400
    with in_city():
        assert not Passing.objects.exists()


def test_with_leave_the_words_stand_ready_and_the_name_may_go_along(north):
    letter, officer = a_letter(north, may_name=True), an_officer()
    do(actions.receive, letter, officer)
    page = text(browser(officer).get(f"{PAGE}{letter.pk}/pass-on/"))
    assert "告诉学校投诉人的姓名" in page
    assert "要求都参加" in page.split("<textarea")[1]
    do(actions.pass_on, letter, officer, **given(is_named=True))
    assert again(letter).state == "passed"
    with pytest.raises(refusals.NotNow):
        do(actions.pass_on, letter, officer, **given())


@pytest.mark.parametrize("whom", [Accused.LEADERS, Accused.BUREAU])
def test_to_a_school_where_only_the_accused_could_handle_it_nothing_is_passed(north, whom):
    letter, officer = a_letter(north), an_officer()
    do(actions.receive, letter, officer)
    with pytest.raises(refusals.NobodyLeft):
        do(actions.pass_on, letter, officer, **given(accused=whom))


@pytest.mark.parametrize(
    "due", [timedelta(0), timedelta(hours=23), timedelta(days=367), timedelta(days=-400)]
)
def test_a_school_is_given_a_day_at_least_and_a_year_at_most(north, due):
    letter, officer = a_letter(north), an_officer()
    do(actions.receive, letter, officer)
    with pytest.raises(refusals.TooSoon):
        do(actions.pass_on, letter, officer, **given(due_at=LATER + due))


def test_the_api_does_what_the_pages_do(north):
    letter, desk = a_letter(north, may_name=True), at_desk()
    (one,) = desk.get(f"{API}?kind=forced&district=330102").json()["results"]
    assert (one["id"], one["state"], "text" in one) == (str(letter.pk), "open", False)
    assert desk.post(f"{API}{letter.pk}/receipt/").json()["state"] == "received"
    assert desk.post(f"{API}{letter.pk}/receipt/").status_code == 409
    body = {"text": "请核实", "is_named": True, "due_at": "2190-01-01T00:00:00+08:00"}
    passing = f"{API}{letter.pk}/passings/"
    assert desk.post(passing, body, content_type="application/json").json()["code"] == "letterbox.too_soon"
    body["due_at"] = (timezone.now() + timedelta(days=9)).isoformat()
    made = desk.post(passing, body, content_type="application/json")
    assert (made.status_code, made.json()["state"]) == (201, "passed")
    assert made.json()["passings"][0]["is_named"] is True
    for odd in ({**body, "accused": "leaders"}, {**body, "due_at": "x"}, {**body, "text": "a\x00"}):
        assert desk.post(passing, odd, content_type="application/json").status_code == 400
    answered = desk.post(f"{API}{letter.pk}/answers/", {"text": "已办"}, content_type="application/json")
    assert (answered.status_code, answered.json()["answer"]) == (201, "已办")
    assert desk.post(f"{API}{letter.pk}/closing/").json()["code"] == "letterbox.family_has_time"
    assert desk.get(f"{API}{letter.pk}/").json()["guardian_name"] == "李强"


# --- escalations -------------------------------------------------------------------------------------------------------


def test_an_escalated_complaint_is_read_and_the_answer_goes_back_to_school_and_family(north):
    """Envelopes of kind complaint have a reader."""
    makers.a_term(first_date=NOON.date() - timedelta(days=60), last_date=NOON.date() + timedelta(days=60))
    with in_school(north):
        parent = makers.a_user("guardian")
        makers.a_guardian(makers.a_pupil(), user=parent)
        row = complaint_actions.complain(
            school=north, key=uuid7(), wanted=Wanted(ComplaintKind.FEE, "多收了"), by=parent, now=NOON
        )
        late = NOON + timedelta(days=16)
        assert complaint_actions.escalate_overdue(school=north, now=late) == 1
        number = row.number
    relay.relay_school(north, late)
    with in_city():
        letter, officer = BureauComplaint.objects.get(), an_officer()
    assert (letter.origin, letter.school_number, letter.text) == ("overdue", number, "")
    desk = browser(officer)
    assert number in text(desk.get(f"{PAGE}{letter.pk}/"))
    do(actions.receive, letter, officer, now=late)
    with pytest.raises(refusals.OnlyDirect):
        do(actions.pass_on, letter, officer, now=late, **given(due_at=late + timedelta(days=3)))
    do(actions.answer, letter, officer, now=late, text="请学校三天内答复。")
    relay.relay_school(north, late)
    with in_school(north):
        sent = Envelope.objects.get(pk=Complaint.objects.get().envelope_id)
        assert (sent.answer, sent.answer_note) == ("noted", "请学校三天内答复。")
    do(actions.close, letter, officer, now=late)
