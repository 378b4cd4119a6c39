"""The pages of staff: the list, one person, and every step as a form."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from afterbell.accounts.permissions import Permission
from schools.committee.models import Resolution, Seat
from schools.staffing import clearance_actions, gates
from schools.staffing.models import Candidate, Check, Contract
from tenants.context import in_city, in_school
from tenants.policies import ready
from tests import makers
from tests.city import NOON
from tests.schools.care.stage import logged_in
from tests.schools.staffing.stage import a_candidate, check, contracted, hired


@pytest.fixture(autouse=True)
def first_of_september(north, monkeypatch, settings):
    """It is 1 September 2026, the seed's rules are in force."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    settings.SECOND_FACTOR = "optional"
    with in_city():
        makers.a_policy(ready.document("seed"))


@pytest.fixture
def who(north):
    """Browsers by role."""

    def browser(role):
        with in_school(north):
            return logged_in(north, makers.a_user(role))

    return browser


SAID = {"name": "陈静", "phone": "138 0013 8000", "origin": "professional", "skills": "书法"}
HEALTH = {
    "kind": "health", "passed": "yes", "checked_date": "2026-08-20", "document_number": "A-1", "consented": "on",
}  # fmt: skip


def test_a_candidate_is_proposed_and_found_in_the_list(north, who):
    """S16."""
    clerk = who("clerk")
    assert clerk.post("/desk/staff/new/", SAID).status_code == 302
    assert clerk.post("/desk/staff/new/", SAID).status_code == 400  # double submit
    text = clerk.get("/desk/staff/?search=书法&standing=proposed&origin=professional").content.decode()
    assert "陈静" in text
    assert "陈静" not in clerk.get("/desk/staff/?standing=cleared").content.decode()
    assert clerk.get("/desk/staff/?standing=x&sort=standing&page=99").status_code == 200


def test_a_company_is_refused_at_its_field(north, who):
    """S16, S26."""
    answer = who("clerk").post("/desk/staff/new/", {**SAID, "name": "新星教育培训有限公司"})
    assert answer.status_code == 400
    assert "只能聘用个人" in answer.content.decode()
    with in_school(north):
        assert not Candidate.objects.exists()


def test_a_check_needs_consent_and_has_no_place_for_the_record(north, who):
    """S17."""
    with in_school(north):
        candidate = a_candidate()
    principal = who("principal")
    address = f"/desk/staff/{candidate.pk}/check/"
    assert 'type="file"' not in principal.get(address).content.decode()
    without = {key: value for key, value in HEALTH.items() if key != "consented"}
    assert principal.post(address, without).status_code == 400
    assert principal.post(address, {**HEALTH, "expires_date": "2030-01-01"}).status_code == 400
    assert principal.post(address, HEALTH).status_code == 302
    assert principal.post(address, HEALTH).status_code == 400  # double submit
    assert who("clerk").post(address, HEALTH).status_code == 403
    with in_school(north):
        assert Check.objects.count() == 1


def test_the_chair_asks_the_committee_and_signs_what_it_decided(north, who):
    """S16, S18."""
    with in_school(north):
        candidate = a_candidate()
        makers.a_seat(makers.a_committee())
    chair = who("committee_chair")
    person = f"/desk/staff/{candidate.pk}/"
    assert chair.post(f"{person}ask/").status_code == 302
    with in_school(north):
        vote = Resolution.objects.get(object_id=candidate.pk)
        assert (vote.subject, Seat.objects.count()) == ("hire", 1)
    assert chair.post(f"{person}approve/").status_code == 409
    said = {"from_date": "2026-09-01", "until_date": "2027-01-22", "pay": "55.00"}
    assert chair.post(f"{person}contract/", said).status_code == 400
    with in_school(north):
        hired(candidate)
    assert chair.post(f"{person}contract/", {**said, "pay": "0.001"}).status_code == 400
    assert chair.post(f"{person}contract/", {**said, "until_date": "2026-08-01"}).status_code == 400
    assert chair.post(f"{person}contract/", said).status_code == 302
    assert chair.post(f"{person}contract/", said).status_code == 400  # double submit
    with in_school(north):
        contract = Contract.objects.get()
        assert contract.pay_fen == 5500
    text = chair.get(person).content.decode()
    assert "现在不能排班" in text
    assert "违法犯罪记录查询（未核查）" in "".join(text.split())
    assert who("clerk").post(f"{person}contract/", said).status_code == 403


def test_who_may_not_decide_reads_who_does_what(north, who):
    """No dead end for the office, which only proposes (S16): each step names its people until it is done."""
    with in_school(north):
        candidate = a_candidate()
        makers.a_seat(makers.a_committee())
    clerk, chair, person = who("clerk"), who("committee_chair"), f"/desk/staff/{candidate.pk}/"
    text = clerk.get(person).content.decode()
    assert "核查由组长（校长）、副组长、家委会主任登记。聘用由家委会主任提请家长委员会表决。" in text
    assert "提请家委会表决</" not in text
    text = chair.get(person).content.decode()
    assert "下一步：" not in text  # has the button
    assert "按决议同意聘用" not in text  # there is none yet
    assert "聘用由家委会主任提请" in who("principal").get(person).content.decode()
    assert "1 名应聘人等您提请家长委员会表决" in chair.get("/desk/").content.decode()
    chair.post(f"{person}ask/")
    assert "应聘人等您提请" not in chair.get("/desk/").content.decode()
    assert "聘用由" not in clerk.get(person).content.decode()
    with in_school(north):
        Resolution.objects.all().delete()
        hired(candidate)
    assert "聘用协议由家委会主任签订。" in clerk.get(person).content.decode()


def test_the_agreement_is_a_pdf_of_the_frozen_text(north, who):
    """S18."""
    with in_school(north):
        contract = contracted()
    answer = who("clerk").get(f"/desk/contracts/{contract.pk}/agreement.pdf")
    assert (answer["Content-Type"], answer.content[:5]) == ("application/pdf", b"%PDF-")


def test_a_dismissal_asks_why_and_says_how_many_sessions_wait(north, who):
    """S19."""
    with in_school(north):
        contract = contracted()
        makers.a_session(contract=contract)
    chair = who("committee_chair")
    address = f"/desk/contracts/{contract.pk}/dismiss/"
    assert chair.post(address, {"reason": ""}).status_code == 400
    text = chair.post(address, {"reason": "体罚学生"}, follow=True).content.decode()
    assert "有 1 次服务需要安排替班" in text
    assert chair.post(address, {"reason": "再次"}).status_code == 400  # the back button
    assert who("principal").post(address, {"reason": "x"}).status_code == 403
    assert "已解聘" in who("clerk").get("/desk/staff/?standing=dismissed").content.decode()


def test_what_runs_out_is_on_the_renewal_page(north, who):
    """S17, S44."""
    with in_school(north):
        contract = contracted()
        check(
            contract.candidate, "health", checked_date=NOON.date(), expires_date=NOON.date().replace(month=10)
        )
    text = who("principal").get("/desk/staff/renewals/").content.decode()
    assert "健康" in text
    assert "2026-10-01" in text
    assert "即将到期" in who("principal").get("/desk/staff/?standing=expiring").content.decode()


def test_unknown_people_and_strangers_find_nothing(north, who):
    nobody = "0198f1f6-0000-7000-8000-000000000000"
    assert who("clerk").get(f"/desk/staff/{nobody}/").status_code == 404
    assert who("committee_chair").post(f"/desk/contracts/{nobody}/dismiss/").status_code == 404
    assert who("guardian").get("/desk/staff/").status_code == 403


@pytest.mark.parametrize("address", ["/desk/staff/", "/desk/staff/renewals/", "person"])
def test_a_page_asks_as_much_for_many_people_as_for_few(north, who, address):
    """≤ 20 queries whatever the size."""
    with in_school(north):
        contract = contracted(until_date=NOON.date().replace(month=10))
    principal = who("principal")
    address = f"/desk/staff/{contract.candidate_id}/" if address == "person" else address
    counts = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as queries:
            assert principal.get(address).status_code == 200
        counts.append(len(queries))
        with in_school(north):
            for _more in range(4):
                contracted(until_date=NOON.date().replace(month=10))
    assert counts[0] == counts[1] <= 20


def test_the_page_offers_the_vote_and_not_the_contract(north, who):
    """S19: the chair is shown the way that is open."""
    with in_school(north):
        contract = contracted()
        clearance_actions.dismiss(
            contract=contract, reason="体罚学生", by=makers.a_user("committee_chair"), now=NOON
        )
        person = contract.candidate
        makers.a_seat(Resolution.objects.first().committee)
    chair = who("committee_chair")
    address = f"/desk/staff/{person.pk}/"
    text = chair.get(address).content.decode()
    assert "请先由家长委员会重新表决" in text
    assert "提请家委会表决" in text
    assert f"{address}contract/" not in text
    said = {"from_date": "2026-09-01", "until_date": "2027-01-22", "pay": "55.00"}
    refused = chair.post(f"{address}contract/", said)
    assert refused.status_code == 400
    assert "还没有家长委员会通过的聘用决议" in refused.content.decode()
    assert chair.post(f"{address}approve/").status_code == 409
    assert chair.post(f"{address}ask/").status_code == 302


def test_while_the_contract_runs_nobody_is_told_that_its_decision_is_used_up(north, who, monkeypatch):
    """S18, S19: a renewal is asked for when the end is near; a person who was dismissed, at once."""
    with in_school(north):
        contract = contracted()
    page, chair = f"/desk/staff/{contract.candidate_id}/", who("committee_chair")
    text = chair.get(page).content.decode()
    assert "已经用于以前的聘用协议" not in text
    assert "提请家委会表决" not in text
    monkeypatch.setattr(
        timezone, "now", lambda: NOON + (contract.until_date - NOON.date()) - timedelta(days=30)
    )
    text = who("committee_chair").get(page).content.decode()
    assert "要续聘的，请先由家长委员会重新表决" in text
    assert "提请家委会表决" in text


def test_the_agreement_names_the_resolution_and_both_who_sign(north):
    with in_school(north):
        contract = contracted()
        number = Resolution.objects.get(pk=contract.resolution_id).number
    assert f"决议编号：{number}" in contract.text
    assert "学校（盖章）：湖滨区第一小学" in contract.text
    assert "受聘人（签字）：陈静" in contract.text


def test_the_gate_says_who_is_next_in_hiring(north):
    """S16 to S18: registered, put to the vote, decided, signed."""

    def said():
        [gate] = gates.gates(makers.TERM, plan, NOON)
        return str(gate.why), gate.who, gate.may

    with in_school(north):
        plan = makers.a_plan()
        assert said()[2] == Permission.STAFFING_MANAGE
        candidate = a_candidate()
        why, who_next, may = said()
        assert ("请核查后提请家长委员会表决" in why, may) == (True, Permission.MEETINGS_HOLD)
        assert "家委会主任" in who_next
        hired(candidate)
        why, who_next, may = said()
        assert ("请签订聘用协议" in why, may) == (True, Permission.STAFFING_DECIDE)
        assert "家委会主任" in who_next


def test_who_signs_is_asked_whether_a_namesake_is_the_same_person(north, who):
    """S16, S18."""
    with in_school(north):
        makers.a_user("principal", name="陈静", login="head", phone=None)
        candidate = hired(a_candidate())
        check(candidate, "health")
    chair, address = who("committee_chair"), f"/desk/staff/{candidate.pk}/contract/"
    assert "head：组长（校长）" in chair.get(address).content.decode()
    said = {"from_date": "2026-09-01", "until_date": "2027-01-22", "pay": "55.00"}
    refused = chair.post(address, said)
    assert refused.status_code == 400
    assert "不是同一个人" in refused.content.decode()
    assert 'value="55.00"' in refused.content.decode()
    assert chair.post(address, {**said, "is_another_person": "on"}).status_code == 302
