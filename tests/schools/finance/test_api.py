"""The API of the books: the same rights, refusals as problem JSON, the payment notice once and exact."""

from datetime import timedelta

import pytest
from django.utils import timezone

from afterbell.kernel.dates import Month
from schools.finance.models import Charge, Expenditure, Payment, Settlement
from tenants.context import in_school
from tests import makers
from tests.schools.finance import stage
from tests.schools.finance.test_pages import Stage, first_day, no_second_factor, school  # noqa: F401  (fixtures)

API = "/api/v1/finance"


@pytest.fixture
def on(school):  # noqa: F811  (a fixture)
    return Stage(school)


def notice(on, **more):
    paid_at = (timezone.now() - timedelta(minutes=1)).isoformat()
    return {
        "agreement": on.families[0].number,
        "amount": "12.50",
        "provider_key": "wx-9",
        "paid_at": paid_at,
        **more,
    }


def post(client, path, data=None):
    return client.post(f"{API}/{path}", data, content_type="application/json")


def test_a_payment_notice_is_booked_once(on):
    """S27; bad input: the same payment notice twice or with another amount."""
    client = on.as_(on.them.clerk)
    sent = notice(on, seen_owed_fen=0)
    first, second = post(client, "payments/", sent), post(client, "payments/", sent)
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json()["receipt_number"] == second.json()["receipt_number"]
    other = post(client, "payments/", {**sent, "amount": "12.51"})
    assert (other.status_code, other.json()["code"]) == (409, "finance.payment_differs")
    assert other["Content-Type"] == "application/problem+json"
    with in_school(on.school):
        assert Payment.objects.filter(provider_key="wx-9").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("amount", "0.001", 400),
        ("amount", "abc", 400),
        ("amount", "0", 400),
        ("agreement", "X1", 400),
        ("provider_key", "", 400),
        ("provider_key", "k" * 65, 400),
        ("paid_at", "soon", 400),
        ("paid_at", "2099-01-01T00:00:00Z", 400),
    ],
)
def test_a_wrong_notice_is_refused_and_nothing_is_booked(on, field, value, status):
    """Bad input: an amount of 0.001 yuan."""
    answer = post(on.as_(on.them.clerk), "payments/", notice(on, **{field: value}))
    assert answer.status_code == status
    with in_school(on.school):
        assert Payment.objects.count() == 2


def test_more_than_is_owed_is_told_and_booked_when_it_was_seen(on):
    """As the page asks: 12.50 of a family that owes nothing is perhaps another family's."""
    client = on.as_(on.them.clerk)
    for seen in ({}, {"seen_owed_fen": None}, {"seen_owed_fen": 100}):
        told = post(client, "payments/", notice(on, **seen))
        assert (told.status_code, told.json()["code"]) == (409, "finance.more_than_owed")
        assert "待缴 ¥0.00，这笔 ¥12.50 入账后共多缴 ¥12.50，没有入账" in told.json()["detail"]
    for seen in ("x", 10**30):
        assert post(client, "payments/", notice(on, seen_owed_fen=seen)).status_code == 400
    assert post(client, "payments/", notice(on, seen_owed_fen=0)).status_code == 201


def test_rights_are_those_of_the_pages(on):
    parent = on.as_(on.parent_of(on.families[0]))
    assert post(parent, "payments/", notice(on)).status_code == 403
    assert parent.get(f"{API}/books/?term={makers.TERM}").status_code == 403
    assert len(parent.get(f"{API}/bills/").json()) == 1
    assert on.as_(on.them.principal).get(f"{API}/bills/").status_code == 403
    assert post(on.as_(on.them.principal), "charges/", {}).status_code == 403


def test_the_books_by_month(on):
    answer = on.as_(on.them.principal).get(f"{API}/books/?term={makers.TERM}")
    assert answer.json()[0]["closing_fen"] == 20000
    assert on.as_(on.them.principal).get(f"{API}/books/?term=x").status_code == 400


def test_only_the_collector_receives(on):
    """S3, S27: the school collects; the committee's treasurer is refused by the right on the account."""
    refused = post(on.as_(on.them.treasurer), "payments/", notice(on))
    assert (refused.status_code, refused.json()["code"]) == (409, "finance.not_the_collector")
    with in_school(on.school):
        assert Payment.objects.count() == 2


def test_charges_by_the_api_are_previewed_ordered_and_taken_back(on):
    client = on.as_(on.them.clerk)
    order = {"plan": str(on.plan.pk), "period": on.month}
    assert post(client, "charges/preview/", order).json()["charged_before"] == 2
    with in_school(on.school):
        late = stage.a_family(on.plan, from_date=first_day())
    shown = post(client, "charges/preview/", order).json()
    assert (shown["families"], shown["total_fen"], shown["more_families"]) == (1, 10000, -1)
    assert post(client, "charges/", order).status_code == 400
    moved = post(client, "charges/", {**order, "shown": "0" * 64})
    assert (moved.status_code, moved.json()["code"]) == (409, "finance.preview_moved")
    made = post(client, "charges/", {**order, "shown": shown["digest"]})
    assert (made.status_code, made.json()["families"], made.json()["total_fen"]) == (201, 1, 10000)
    again = post(client, "charges/", {**order, "shown": shown["digest"]})
    assert (again.status_code, again.json()["code"]) == (409, "finance.already_charged")
    wrong = post(client, "charges/preview/", {**order, "agreements": [str(on.plan.pk)]})
    assert (wrong.status_code, wrong.json()["code"]) == (409, "finance.no_agreement")
    assert post(client, "charges/preview/", {**order, "plan": str(late.pk)}).status_code == 404
    back = post(client, f"charges/runs/{made.json()['id']}/take-back/", {"reason": "开错了"})
    assert back.json()["taken_back_at"]
    twice = post(client, f"charges/runs/{made.json()['id']}/take-back/", {"reason": "开错了"})
    assert (twice.status_code, twice.json()["code"]) == (409, "finance.run_already_taken_back")
    assert len(client.get(f"{API}/charges/?term={makers.TERM}").json()["results"]) == 3


def test_waivers_by_two_persons(on):
    with in_school(on.school):
        charge = Charge.objects.first()
        deputy = makers.a_user("deputy")
    asked = {"charge": str(charge.pk), "reason": "hardship", "proof": "低保证 2026-118", "amount": "50.00"}
    clerk, principal = on.as_(on.them.clerk), on.as_(on.them.principal)
    for bad in ({"proof": ""}, {"proof": "\x00"}, {"proof": "x" * 201}, {"amount": "0.001"}, {"charge": "x"}):
        assert post(clerk, "waivers/", {**asked, **bad}).status_code == 400
    unlisted = post(clerk, "waivers/", {**asked, "reason": "teachers_child"})
    assert (unlisted.status_code, unlisted.json()["code"]) == (409, "finance.waiver_reason_not_listed")
    assert post(clerk, "waivers/", {**asked, "charge": str(on.plan.pk)}).status_code == 404
    assert post(principal, "waivers/", asked).status_code == 403
    made = post(clerk, "waivers/", asked)
    assert (made.status_code, made.json()["state"]) == (201, "requested")
    own = f"waivers/{made.json()['id']}"
    assert post(clerk, f"{own}/grant/").status_code == 403
    assert post(principal, f"{own}/refuse/", {"reason": ""}).status_code == 400
    assert post(principal, f"{own}/grant/").json()["state"] == "granted"
    assert post(principal, f"{own}/grant/").status_code == 409
    same = post(principal, f"{own}/withdraw/", {"reason": "弄错了"})
    assert (same.status_code, same.json()["code"]) == (409, "finance.same_person")
    assert post(on.as_(deputy), f"{own}/withdraw/", {"reason": "弄错了"}).json()["state"] == "withdrawn"
    listed = f"{API}/waivers/?term={makers.TERM}"
    assert [row["id"] for row in clerk.get(listed).json()["results"]] == [made.json()["id"]]
    assert clerk.get(f"{listed}&state=requested").json()["results"] == []
    with in_school(on.school):
        member = makers.a_user("committee_member")
    assert on.as_(member).get(listed).status_code == 403


def test_expenditure_by_two_persons(on):
    asked = {
        "term_code": makers.TERM, "item": "teaching_pay", "title": "报酬", "amount": "5.00", "payee_kind": "staff",
        "spent_date": timezone.localdate().isoformat(),
    }  # fmt: skip
    client = on.as_(on.them.treasurer)
    with in_school(on.school):
        makers.a_contract(from_date=first_day(), until_date=timezone.localdate())
    assert post(client, "expenditure/", {**asked, "item": "venue"}).status_code == 400
    made = post(client, "expenditure/", asked)
    assert made.status_code == 201
    assert post(client, f"expenditure/{made.json()['id']}/approve/").status_code == 403
    approved = post(on.as_(on.them.principal), f"expenditure/{made.json()['id']}/approve/")
    assert approved.json()["state"] == "approved"
    again = post(on.as_(on.them.principal), f"expenditure/{made.json()['id']}/refuse/", {"reason": "晚了"})
    assert again.status_code == 409
    with in_school(on.school):
        assert Expenditure.objects.get().state == "approved"


def test_months_settlement_and_refunds(on):
    treasurer, principal = on.as_(on.them.treasurer), on.as_(on.them.principal)
    early = post(treasurer, "settlements/", {"term_code": makers.TERM})
    assert (early.status_code, early.json()["code"]) == (409, "finance.term_not_over")
    assert post(treasurer, "service-end/", {"term_code": makers.TERM, "reason": "停"}).status_code == 403
    ended = post(principal, "service-end/", {"term_code": makers.TERM, "reason": "校舍维修，服务停止"})
    assert (ended.status_code, ended.json()) == (200, {"cancelled": 0})
    month = Month.of(first_day())
    while month <= Month.of(timezone.localdate()):
        given = {"term_code": makers.TERM, "month": str(month)}
        assert post(treasurer, "months/close/", given).status_code == 400
        moved = post(treasurer, "months/close/", {**given, "shown": "x"})
        assert (moved.status_code, moved.json()["code"]) == (409, "finance.statement_moved")
        seen = treasurer.get(f"{API}/months/close/?term={makers.TERM}&month={month}").json()
        closed = post(treasurer, "months/close/", {**given, "shown": seen["digest"]})
        assert closed.status_code == 201
        month = month.following()
    assert treasurer.get(f"{API}/statements/").json()["results"][0]["sha256"] == closed.json()["sha256"]
    made = post(treasurer, "settlements/", {"term_code": makers.TERM}).json()
    no_vote = post(principal, f"settlements/{made['id']}/batch/")
    assert (no_vote.status_code, no_vote.json()["code"]) == (409, "finance.no_resolution")
    with in_school(on.school):
        makers.a_passed_resolution("settlement", object_id=Settlement.objects.get().pk)
    refunds = post(principal, f"settlements/{made['id']}/batch/").json()
    assert [row["amount_fen"] for row in refunds] == [10000, 10000]
    one = refunds[0]["id"]
    assert post(principal, f"refunds/{one}/issue/").status_code == 400
    own = post(principal, f"refunds/{one}/issue/", {"sent": 0})
    assert own.json()["code"] == "finance.same_person"  # who made them sends none
    with in_school(on.school):
        principal = on.as_(makers.a_user("deputy"))
    assert post(principal, f"refunds/{one}/issue/", {"sent": 0}).json()["state"] == "issued"
    assert post(principal, f"refunds/{one}/fail/", {"sent": 1}).json()["state"] == "failed"
    assert post(principal, f"refunds/{one}/issue/", {"sent": 0}).status_code == 409
    assert post(principal, f"refunds/{one}/issue/", {"sent": 1}).json()["state"] == "issued"
    assert post(principal, f"refunds/{one}/confirm/", {"sent": 2}).json()["state"] == "confirmed"
    assert post(principal, f"refunds/{one}/confirm/", {"sent": 2}).status_code == 409
    assert len(treasurer.get(f"{API}/refunds/?term={makers.TERM}").json()["results"]) == 2


def test_a_row_is_undone_once(on):
    """The same rights as on the page; the second time is 409 and writes nothing."""
    clerk, principal = on.as_(on.them.clerk), on.as_(on.them.principal)
    rows = principal.get(f"{API}/transfers/?term={makers.TERM}").json()["results"]
    row = next(each for each in rows if each["kind"] == "payment")
    path, sent = f"transfers/{row['id']}/reverse/", {"reason": "bounced", "note": "回单 118"}
    assert post(clerk, path, sent).status_code == 403
    assert post(principal, path, {"reason": "because"}).status_code == 400
    first = post(principal, path, sent)
    assert (first.status_code, first.json()["note"], first.json()["reverses"]) == (201, "回单 118", row["id"])
    second = post(principal, path, sent)
    assert (second.status_code, second.json()["code"]) == (409, "finance.already_reversed")
    again = principal.get(f"{API}/transfers/?term={makers.TERM}").json()["results"]
    assert len(again) == len(rows) + 1
    assert next(each for each in again if each["id"] == row["id"])["is_reversed"] is True
