"""Whatever is typed where money, a number, a day or a time belongs: words or success, never an error of ours."""

import json

import pytest
from django.utils import timezone

from afterbell.accounts.models import Assignment
from afterbell.accounts.roles import Side, roles_of_side
from afterbell.kernel.money import MOST
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance.stage import logged_in
from tests.schools.planning import stage as planning
from tests.schools.staffing import stage as staffing

ANY = (
    "",
    " ",
    "-1",
    "1e3",
    "٣",
    "0.001",
    "NaN",
    "½",
    "1" * 21,
    "9" * 5000,
    "2147483648",
    "32768",
    "9223372036854775808",
)
MONEY = (*ANY, "99999999999", "10000000000000.00", "10000000000000.01", "¥10,000,000,000,000.00", "100元")
DAYS = (
    "",
    "0001-01-01",
    "1999-12-31",
    "9999-12-31",
    "10000-01-01",
    "2026-02-30",
    "0000-00-00",
    "٢٠٢٦-٠٩-٠١",
    "9" * 5000,
)
MOMENTS = (
    *DAYS,
    *(f"{day}T00:00" for day in DAYS),
    *(f"{day}T23:59:59Z" for day in DAYS),
    "9999-12-31T23:59:59-14:00",
)
TIMES = ("", "24:00", "99:99", "-1:00", "16:00:00.0000001", "٣:٠٠", "9" * 500)
JSONS = (2**31, 2**63, 10**15 + 1, -1, 1e3, 0.001, True, None, [], {}, "NaN", "\x00", "\ud800", *MONEY)


@pytest.fixture
def everything(north, monkeypatch, settings):
    """A school at work, and a browser in which everything is allowed: address, what is right, field, odd values."""
    monkeypatch.setattr(timezone, "now", lambda: NOON)
    settings.SECOND_FACTOR = "optional"
    planning.a_city()
    with in_school(north):
        planning.a_seated_committee()
        clerk, user = makers.a_user("clerk"), makers.a_user(name="郑校长")
        Assignment.objects.bulk_create(
            Assignment(user=user, role=role, **makers.days_of(role)) for role in roles_of_side(Side.SCHOOL)
        )
        asked = planning.a_closed_consultation(clerk)
        plan = planning.a_whole_draft(north, clerk, asked)
        room = makers.a_room()
        school_class = makers.a_class()
        candidate, contract = staffing.a_candidate(), makers.a_contract()
        agreement = makers.an_agreement(plan=makers.a_plan(consultation=asked, version=2, fee_unit="month"))
        parent = makers.a_guardian()
    client = logged_in(north, user)
    client.raise_request_exception = False
    desk = f"/desk/plans/{plan.pk}/"
    a_plan = {
        "name": "方案", "first_date": "2026-09-01", "last_date": "2027-01-22", "fee_unit": "month", "fee": "3.00",
        "expected_participants": "70",
    }  # fmt: skip
    an_activity = {
        "title": "篮球", "kind": "sport", "weekday": "1", "starts": "16:00", "ends": "17:20", "grade_from": "3",
        "grade_to": "3", "capacity": "30", "room_id": str(room.pk),
    }  # fmt: skip
    a_payment = {
        "agreement": agreement.number, "amount": "1.00", "provider_key": "k1", "paid_at": "2026-09-01T03:00:00Z",
    }  # fmt: skip
    spending = {
        "term_code": makers.TERM, "kind": "staff", "title": "报酬", "amount": "1.00", "spent_date": "2026-09-01",
    }  # fmt: skip
    a_check = {
        "kind": "health", "passed": "yes", "checked_date": "2026-08-20", "document_number": "A-1", "consented": "on",
        "expires_date": "2027-01-01",
    }  # fmt: skip
    a_contract = {"from_date": "2026-09-01", "until_date": "2027-01-22", "pay": "55.00"}
    a_seat = {
        "guardian": str(parent.pk), "where": "school", "office": "member", "from_date": "2026-09-01",
        "until_date": "2027-08-31",
    }  # fmt: skip
    a_pupil = {
        "number": "G1",
        "name": "李小明",
        "school_class": str(school_class.pk),
        "joined_date": "2026-09-01",
    }
    a_room = {"name": "新教室", "places": "40", "condition": "good"}
    a_survey = {"contract": str(contract.pk), "closes_date": "2026-09-30"}
    asking = {
        "term_code": makers.TERM, "title": "征询", "text": "请您选择。", "closes_at": "2026-09-09T12:00",
    }  # fmt: skip
    pages = [
        (f"{desk}change/", a_plan, {"fee": MONEY, "expected_participants": ANY, "first_date": DAYS, "last_date": DAYS}),
        (f"{desk}activities/new/", an_activity, {"capacity": ANY, "grade_from": ANY, "grade_to": ANY, "weekday": ANY,
                                                 "starts": TIMES, "ends": TIMES, "room_id": ANY}),
        (f"{desk}costs/new/", {"kind": "staff", "title": "课时费", "amount": "1"}, {"amount": MONEY}),
        ("/desk/consultations/new/", asking, {"closes_at": MOMENTS}),
        (f"/desk/staff/{candidate.pk}/check/", a_check, {"checked_date": DAYS, "expires_date": DAYS}),
        (f"/desk/staff/{candidate.pk}/contract/", a_contract, {"pay": MONEY, "from_date": DAYS, "until_date": DAYS}),
        ("/desk/rooms/new/", a_room, {"places": ANY}),
        ("/desk/pupils/new/", a_pupil, {"joined_date": DAYS}),
        ("/voice/surveys/new/", a_survey, {"closes_date": DAYS}),
        ("/committee/seats/new/", a_seat, {"from_date": DAYS, "until_date": DAYS}),
        ("/finance/payments/", a_payment, {"amount": MONEY, "paid_at": MOMENTS}),
        ("/finance/expenditure/", spending, {"amount": MONEY, "spent_date": DAYS}),
    ]  # fmt: skip
    api = [
        ("/api/v1/finance/payments/", a_payment, {"amount": JSONS, "paid_at": (*JSONS, *MOMENTS)}),
        ("/api/v1/finance/expenditure/", spending, {"amount": JSONS, "spent_date": (*JSONS, *DAYS), "title": JSONS}),
        ("/api/v1/finance/charges/", {"plan": str(plan.pk), "period": "2026-09"}, {"period": JSONS, "plan": JSONS}),
        ("/api/v1/finance/months/close/", {"term_code": makers.TERM, "month": "2026-09", "shown": "x"},
         {"month": (*JSONS, *DAYS), "shown": JSONS}),
        ("/api/v1/finance/settlements/", {"term_code": makers.TERM}, {"term_code": JSONS}),
        ("/api/v1/surveys/", {"contract": str(contract.pk), "term_code": makers.TERM, "closes_at": "2026-09-30T00:00Z"},
         {"closes_at": (*JSONS, *MOMENTS), "term_code": JSONS}),
        (f"/api/v1/consultations/{asked.pk}/answers/", {"pupil": "x", "wish": "yes"}, {"pupil": JSONS, "wish": JSONS}),
    ]  # fmt: skip
    return client, pages, api


def wrong(client, address, right, odd, **how):
    """What was answered by 500, or by a refusal without a word."""
    found = []
    for field, values in odd.items():
        for value in values:
            given = right | {field: value}
            body = json.dumps(given) if how else given
            answer = client.post(address, body, **how)
            if answer.status_code >= 500 or (answer.status_code in (400, 409) and not answer.content.strip()):
                found.append((address, field, str(value)[:30], answer.status_code))
    return found


def test_no_page_fails_whatever_is_typed(everything):
    client, pages, _api = everything
    assert [line for page in pages for line in wrong(client, *page)] == []


def test_no_interface_fails_whatever_is_sent(everything):
    client, _pages, api = everything
    assert [line for one in api for line in wrong(client, *one, content_type="application/json")] == []


@pytest.mark.parametrize(
    "body", ["[" * 200_000, '{"amount": 1e400}', '{"amount": NaN}', '{"\\u0000": 1}', "", "{", "\x00"]
)
def test_a_body_that_is_no_json_is_bad_input(everything, body):
    client, _pages, api = everything
    for address, *_rest in api:
        answer = client.post(address, body, content_type="application/json")
        assert answer.status_code == 400, (address, answer.content)
        assert answer.json()["detail"]


def test_ten_trillion_yuan_is_taken_and_a_fen_more_is_refused_with_the_limit(everything, north):
    client, _pages, api = everything
    (address, right, _odd), *_rest = api
    taken = client.post(
        address,
        right | {"amount": "¥10,000,000,000,000.00", "seen_owed_fen": 0},
        content_type="application/json",
    )
    assert taken.status_code == 201, taken.content.decode()
    assert taken.json()["amount_fen"] == MOST
    over = client.post(
        address,
        right | {"provider_key": "k2", "amount": "10000000000000.01"},
        content_type="application/json",
    )
    assert over.status_code == 400
    assert "10,000,000,000,000" in over.json()["detail"]
