"""Every page of the books: who gets in, what it shows, what it does, and twenty queries at most whatever the size."""

import re
from datetime import timedelta

import pytest
from django.utils import timezone

from afterbell.audit.models import Entry
from afterbell.kernel.dates import Month
from schools.committee.models import Subject
from schools.finance import actions, queries
from schools.finance.models import (
    Account,
    Charge,
    ChargeRun,
    Expenditure,
    Payment,
    Refund,
    Settlement,
    Statement,
    Waiver,
)
from schools.planning.models import PlanFee
from tenants.context import in_school
from tenants.exchange.models import Envelope
from tenants.models import School
from tests import makers
from tests.accounts.makers import browser, host_of
from tests.city import NOON
from tests.schools.finance import stage

TODAY = timezone.localdate()
"""Pages take the real clock: the term of these tests is the one of today."""


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR = "optional"


@pytest.fixture
def school(north):
    first = TODAY.replace(day=1) - timedelta(days=40)
    makers.a_term(first_date=first.replace(day=1), last_date=TODAY + timedelta(days=60))
    makers.a_policy(stage.rules())
    return north


class Stage:
    """A school with families who have paid, and a browser for each person."""

    def __init__(self, school, families=2, **plan):
        self.school, self.host = school, host_of(school)
        with in_school(school):
            self.them = stage.people()
            self.plan = stage.monthly_plan(
                10000, first_date=first_day(), last_date=TODAY + timedelta(days=60), **plan
            )
            self.families = [
                stage.a_family(self.plan, school_signed_by=self.them.principal, from_date=first_day())
                for _ in range(families)
            ]
            self.month = f"{TODAY:%Y-%m}"
            if plan.get("fee_unit") == "class_hour":  # nobody's place; without a lesson nothing is charged
                makers.a_session(makers.an_activity(self.plan, title="绘画"), day=TODAY)
            actions.charge_period(plan=self.plan, period=self.month, by=self.them.clerk, now=timezone.now())
            for family in self.families:
                stage.pays(family, 10000, at=timezone.now())

    def previews(self):
        """The service ends, every month is closed, and the settlement stands to be voted on."""
        now = timezone.now()
        with in_school(self.school):
            actions.end_service(plan=self.plan, reason="校舍维修，服务停止", by=self.them.principal, now=now)
            month = Month.of(first_day())
            while month <= Month.of(TODAY):
                actions.close_month(term_code=makers.TERM, month=str(month), by=self.them.treasurer, now=now)
                month = month.following()
            return actions.preview_settlement(term_code=makers.TERM, by=self.them.treasurer, now=now)

    def as_(self, user):
        return stage.logged_in(self.school, user)

    def parent_of(self, family):
        with in_school(self.school):
            user = makers.a_user("guardian", name="李强")
            guardian = family.application.guardian
            guardian.user = user
            guardian.save()
        return user

    def asks(self, **more):
        with in_school(self.school):
            return stage.asks(500, self.them, spent_date=TODAY, now=timezone.now(), **more)


def first_day():
    return (TODAY.replace(day=1) - timedelta(days=40)).replace(day=1)


def text(answer):
    return answer.content.decode()


PAGES = ["", "rows/", "charges/", "payments/", "expenditure/", "months/", "refunds/", "settlement/"]


@pytest.mark.parametrize("part", PAGES)
@pytest.mark.parametrize("families", [2, 30])
def test_a_page_needs_twenty_queries_at_most(school, part, families, django_assert_max_num_queries):
    on = Stage(school, families)
    on.previews()
    client = on.as_(on.them.principal)
    most = {"settlement/": 28, "": 36}.get(part, 20)  # "": the service has ended early here, see below
    with django_assert_max_num_queries(most):
        answer = client.get(f"/finance/{part}")
    assert answer.status_code == 200


@pytest.mark.parametrize("families", [2, 30])
def test_the_overview_of_a_service_that_runs_needs_few(school, families, django_assert_max_num_queries):
    """Three above the others'; one that ended early reads timetable and refund rule, too, to say what the bills say."""
    on = Stage(school, families)
    client = on.as_(on.them.principal)
    with django_assert_max_num_queries(23):
        assert client.get("/finance/").status_code == 200


@pytest.mark.parametrize("part", PAGES)
def test_the_books_are_for_who_may_read_them(school, part):
    on = Stage(school)
    parent = on.parent_of(on.families[0])
    assert browser(on.host).get(f"/finance/{part}").status_code == 302
    assert on.as_(parent).get(f"/finance/{part}").status_code == 403
    with in_school(school):
        member = makers.a_user("committee_member")
    assert on.as_(member).get(f"/finance/{part}").status_code == 200


def test_a_committee_member_reads_numbers_and_no_childs_name(school):
    on = Stage(school)
    with in_school(school):
        member = makers.a_user("committee_member")
    for page in ("charges/", "payments/"):
        assert "李小明" not in text(on.as_(member).get(f"/finance/{page}"))
        assert "李小明" in text(on.as_(on.them.clerk).get(f"/finance/{page}"))


def test_each_number_leads_to_its_rows(school):
    on = Stage(school)
    client = on.as_(on.them.principal)
    page = text(client.get("/finance/"))
    assert "¥200.00" in page
    assert f"month={on.month}&kind=payment" in page
    rows = text(client.get(f"/finance/rows/?term={makers.TERM}&month={on.month}&kind=payment"))
    assert "共 2 条" in rows


@pytest.mark.parametrize(
    "address", ["/finance/", "/finance/charges/", "/finance/months/", "/family/bills/", "/open/accounts/"]
)
def test_every_page_of_the_books_says_that_a_committee_must_not_collect(north, address):
    """S3: the national rule from the spring term of 2024 on."""
    makers.a_term(first_date=first_day(), last_date=TODAY + timedelta(days=60))
    makers.a_policy(stage.rules("seed"))
    with in_school(north):
        users = [makers.a_user("principal"), makers.a_user("guardian")]
    user = users[1] if address.startswith("/family") else users[0]
    client = stage.logged_in(north, user)
    assert "不得通过家长委员会或第三方收费" in text(client.get(address))


def test_a_page_of_lawful_books_says_nothing_of_it(school):
    on = Stage(school)
    assert "不得通过家长委员会" not in text(on.as_(on.them.principal).get("/finance/"))


def shown_in(page):
    """The digest that a confirmation page sends back."""
    found = re.search(r'name="shown" value="([0-9a-f]{64})"', page.content.decode())
    return found[1] if found else ""


def test_charging_by_the_page_is_previewed_asked_and_done_once(school):
    """Double submit; a tab of yesterday."""
    on = Stage(school)
    with in_school(school):
        stage.a_family(on.plan, from_date=first_day())
    client = on.as_(on.them.clerk)
    page = client.get("/finance/charges/preview/", {"period": on.month})
    assert "1 户" in text(page)
    assert "¥100.00" in text(page)
    order = {"period": on.month, "shown": shown_in(page)}
    with in_school(school):
        another = stage.a_family(on.plan, from_date=first_day())
    moved = client.post("/finance/charges/preview/", order)
    assert moved.status_code == 409
    assert "预览之后名单或金额有变动" in text(moved)
    order["shown"] = shown_in(moved)
    assert client.post("/finance/charges/preview/", order).status_code == 302
    again = client.post("/finance/charges/preview/", order)
    assert again.status_code == 409
    assert "4 户都已收过费，没有重复收费" in text(again)
    with in_school(school):
        assert Charge.objects.count() == 4
        assert Charge.objects.filter(agreement=another).exists()
    assert on.as_(on.them.principal).post("/finance/charges/preview/", order).status_code == 403


def test_a_run_is_taken_back_by_the_page_with_a_reason(school):
    on = Stage(school)
    with in_school(school):
        late = stage.a_family(on.plan, from_date=first_day())
    client = on.as_(on.them.clerk)
    page = client.get("/finance/charges/preview/", {"period": on.month})
    client.post("/finance/charges/preview/", {"period": on.month, "shown": shown_in(page)})
    with in_school(school):
        paid, unpaid = ChargeRun.objects.order_by("posted_at")
    address = f"/finance/charges/runs/{unpaid.pk}/take-back/"
    assert on.as_(on.them.principal).get(address).status_code == 403
    asked = text(client.get(address))
    assert "整批冲正" in asked
    assert "可不填" not in asked
    listed = text(client.get("/finance/charges/"))
    assert address in listed
    assert f"/finance/charges/runs/{paid.pk}/take-back/" not in listed
    assert client.post(address, {"reason": " "}).status_code == 400
    assert client.post(address, {"reason": "月份选错了"}).status_code == 302
    assert client.post(address, {"reason": "月份选错了"}).status_code == 409
    refused = client.post(f"/finance/charges/runs/{paid.pk}/take-back/", {"reason": "月份选错了"})
    assert refused.status_code == 409
    assert "2 户缴了这次的费用" in text(refused)
    assert "已撤回" in text(client.get("/finance/charges/"))
    with in_school(school):
        assert Account.objects.get(agreement=late).balance_fen == 0


PROOF = "低保证 2026-118"


def test_a_waiver_by_the_pages_of_two_persons(school):
    on = Stage(school)
    with in_school(school):
        charge = Charge.objects.first()
    ask, clerk = f"/finance/charges/{charge.pk}/waive/", on.as_(on.them.clerk)
    assert on.as_(on.them.principal).post(ask, {}).status_code == 403
    asked = {"reason": "hardship", "proof": PROOF, "amount": "50"}
    wrong = clerk.post(ask, {**asked, "amount": "0.001"})
    assert (wrong.status_code, "小数超过两位" in text(wrong), PROOF in text(wrong)) == (400, True, True)
    for bad in ({"proof": ""}, {"proof": "\x01"}, {"proof": "x" * 201}, {"reason": "teachers_child"}):
        assert clerk.post(ask, {**asked, **bad}).status_code == 400
    much = clerk.post(ask, {**asked, "amount": "100.01"})
    assert (much.status_code, "不超过应收金额" in text(much)) == (400, True)
    assert clerk.post(ask, asked).status_code == 302
    again = clerk.post(ask, asked)
    assert (again.status_code, "已有一笔减免待审批" in text(again)) == (400, True)
    with in_school(school):
        waiver = Waiver.objects.get()
    decide = f"/finance/waivers/{waiver.pk}/decide/"
    assert clerk.post(decide, {"decision": "grant"}).status_code == 403
    principal = on.as_(on.them.principal)
    assert PROOF in text(principal.get(f"/finance/charges/{charge.pk}/"))
    silent = principal.post(decide, {"decision": "refuse", "reason": ""})
    assert (silent.status_code, "请写明不批准的原因" in text(silent)) == (400, True)
    assert principal.post(decide, {"decision": "grant"}).status_code == 302
    late = principal.post(decide, {"decision": "refuse", "reason": "晚了"})
    assert (late.status_code, "当前状态是“已减免”" in text(late)) == (400, True)
    with in_school(school):
        charge.refresh_from_db()
        assert charge.waived_fen == 5000


def test_taking_a_waiver_back_asks_first(school):
    on = Stage(school)
    with in_school(school):
        charge = Charge.objects.first()
        waiver = stage.waives(charge, on.them, fen=5000, now=timezone.now())
        deputy = makers.a_user("deputy")
    address = f"/finance/waivers/{waiver.pk}/withdraw/"
    assert on.as_(on.them.clerk).get(address).status_code == 403
    granter = on.as_(on.them.principal).post(address, {"reason": "弄错了"})
    assert (granter.status_code, "另一位有权的人" in text(granter), "弄错了" in text(granter)) == (
        400,
        True,
        True,
    )
    client = on.as_(deputy)
    assert "1 笔费用恢复应缴，共 ¥50.00" in text(client.get(address))
    assert client.post(address, {"reason": ""}).status_code == 400
    assert client.post(address, {"reason": "弄错了"}).status_code == 302
    assert client.post(address, {"reason": "弄错了"}).status_code == 400
    assert "弄错了" in text(client.get(f"/finance/charges/{charge.pk}/"))


def ask_for_all(on, fen=2500):
    with in_school(on.school):
        for charge in Charge.objects.order_by("pk"):
            actions.request_waiver(
                charge=charge, reason="hardship", proof=PROOF, amount=actions.payments.Fen(fen), by=on.them.clerk,
                now=timezone.now(),
            )  # fmt: skip


def digest_on(page):
    return re.search(r'name="shown" value="([0-9a-f]{64})"', page)[1]


def test_many_waivers_are_granted_as_they_were_shown(school):
    on = Stage(school, 3)
    ask_for_all(on)
    client = on.as_(on.them.principal)
    address = f"/finance/waivers/grant/?term={makers.TERM}"
    page = text(client.get(address))
    assert "3 笔，共 ¥75.00" in page
    with in_school(school):
        moved = Waiver.objects.first()
        actions.refuse_waiver(waiver=moved, reason="证明过期", by=on.them.principal, now=timezone.now())
    stale = client.post(address, {"shown": digest_on(page)})
    assert (stale.status_code, "刚才有变化" in text(stale), "2 笔，共 ¥50.00" in text(stale)) == (
        409,
        True,
        True,
    )
    assert client.post(address, {"shown": "x"}).status_code == 409
    assert client.post(address, {"shown": "\x01"}).status_code == 400
    assert client.post(address, {"shown": digest_on(text(stale))}).status_code == 302
    assert client.post(address, {"shown": digest_on(text(stale))}).status_code == 409
    with in_school(school):
        assert sorted(Waiver.objects.values_list("state", flat=True)) == ["granted", "granted", "refused"]
    assert on.as_(on.them.clerk).post(address, {"shown": "x"}).status_code == 403


@pytest.mark.parametrize("families", [2, 30])
@pytest.mark.parametrize(
    "part", ["waivers/", "waivers/?state=all", "waivers/?state=x", "waivers/grant/", "charge"]
)
def test_the_pages_of_waivers_are_cheap(school, families, part, django_assert_max_num_queries):
    on = Stage(school, families)
    ask_for_all(on)
    with in_school(school):
        part = f"charges/{Charge.objects.first().pk}/" if part == "charge" else part
    client = on.as_(on.them.principal)
    with django_assert_max_num_queries(20):
        page = text(client.get(f"/finance/{part}"))
    assert PROOF in page


def test_why_a_family_pays_less_is_not_for_all_who_read_the_books(school):
    on = Stage(school)
    ask_for_all(on)
    with in_school(school):
        member, charge = makers.a_user("committee_member"), Charge.objects.first()
    client = on.as_(member)
    assert client.get("/finance/waivers/").status_code == 403
    assert client.get("/finance/waivers/grant/").status_code == 403
    page = text(client.get(f"/finance/charges/{charge.pk}/"))
    assert PROOF not in page
    treasurer = text(on.as_(on.them.treasurer).get(f"/finance/waivers/?term={makers.TERM}"))
    assert PROOF in treasurer
    assert "李小明" not in treasurer


def a_payment(on, **more):
    moment = timezone.localtime() - timedelta(minutes=5)
    return {
        "agreement": on.families[0].number, "amount": "12.50", "provider_key": "wx-1",
        "paid_at": f"{moment:%Y-%m-%dT%H:%M}", **more,
    }  # fmt: skip


def test_a_payment_by_the_page_twice_is_one(school):
    on = Stage(school)
    client = on.as_(on.them.clerk)
    booked, again = (
        text(client.post("/finance/payments/", a_payment(on, seen_owed="0"), follow=True)) for _ in range(2)
    )
    said = "之前已登记，没有重复入账"
    assert ("已入账 ¥12.50" in booked, said in booked) == (True, False)
    assert ("已入账 ¥12.50" in again, said in again) == (False, True)
    other = client.post("/finance/payments/", a_payment(on, amount="12.51"))
    assert (other.status_code, "已登记过：收据 " in text(other), "¥12.50" in text(other)) == (400, True, True)
    assert other.context["form"].errors.keys() == {"provider_key"}
    with in_school(school):
        assert Payment.objects.filter(provider_key="wx-1").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("amount", "0.001", "小数超过两位"),
        ("amount", "1e3", "不是金额"),
        ("amount", "-5", "小于零"),
        ("agreement", "X000", "没有这个协议编号"),
        ("paid_at", "2099-01-01T10:00", "支付时间在将来"),
    ],
)
def test_a_wrong_payment_is_said_at_its_field(school, field, value, said):
    on = Stage(school)
    answer = on.as_(on.them.clerk).post("/finance/payments/", a_payment(on, **{field: value}))
    assert (answer.status_code, said in text(answer)) == (400, True)


def test_a_receipt_is_a_pdf_for_the_office_and_for_the_own_family(school):
    on = Stage(school)
    with in_school(school):
        payment = Payment.objects.get(agreement=on.families[0])
    paper = f"/finance/payments/{payment.pk}/receipt.pdf"
    assert on.as_(on.them.clerk).get(paper).content[:5] == b"%PDF-"
    assert (
        on.as_(on.them.treasurer).get(paper).status_code == 404
    )  # the school collects, and names are not theirs
    own, other = on.parent_of(on.families[0]), on.parent_of(on.families[1])
    assert on.as_(own).get(f"/family/bills/receipts/{payment.pk}.pdf").content[:5] == b"%PDF-"
    assert on.as_(other).get(f"/family/bills/receipts/{payment.pk}.pdf").status_code == 404


def test_expenditure_by_the_pages_of_two_persons(school):
    on = Stage(school)
    asked = {
        "item": "teaching_pay", "title": "服务人员报酬", "amount": "5", "spent_date": TODAY.isoformat(), "payee": "sheet",
    }  # fmt: skip
    client = on.as_(on.them.treasurer)
    nobody = client.post("/finance/expenditure/", asked)
    assert (nobody.status_code, "签订聘用协议" in text(nobody)) == (400, True)
    with in_school(school):
        makers.a_contract(from_date=first_day(), until_date=TODAY)
    assert client.post("/finance/expenditure/", asked).status_code == 302
    with in_school(school):
        row = Expenditure.objects.get()
    assert client.post(f"/finance/expenditure/{row.pk}/decide/", {"decision": "approve"}).status_code == 403
    principal = on.as_(on.them.principal)
    assert "批准并记账" in text(principal.get(f"/finance/expenditure/{row.pk}/"))
    no_reason = principal.post(f"/finance/expenditure/{row.pk}/decide/", {"decision": "refuse", "reason": ""})
    assert no_reason.status_code == 409
    assert (
        principal.post(f"/finance/expenditure/{row.pk}/decide/", {"decision": "approve"}).status_code == 302
    )
    again = principal.post(f"/finance/expenditure/{row.pk}/decide/", {"decision": "approve"})
    assert again.status_code == 409
    with in_school(school):
        assert Account.objects.get(code="cash").balance_fen == 19500


def closes(client, month):
    """What the page shows is what is closed."""
    address = f"/finance/months/{month}/close/"
    page = client.get(address)
    return client.post(address, {"shown": shown_in(page) if page.status_code == 200 else ""})


def test_a_receipt_between_page_and_click_is_shown_before_anything_is_published(school):
    """The figure that everybody gets is the one that a person saw."""
    on = Stage(school)
    now = timezone.now()
    with in_school(school):
        actions.end_service(plan=on.plan, reason="校舍维修，服务停止", by=on.them.principal, now=now)
        month = Month.of(first_day())
        while month < Month.of(TODAY):
            actions.close_month(term_code=makers.TERM, month=str(month), by=on.them.treasurer, now=now)
            month = month.following()
    client, address = on.as_(on.them.treasurer), f"/finance/months/{month}/close/"
    shown = shown_in(client.get(address))
    with in_school(school):
        stage.pays(on.families[0], 700, at=timezone.now())
        before = Statement.objects.count()
    moved = client.post(address, {"shown": shown})
    assert moved.status_code == 409
    assert "打开页面之后账目有变动" in text(moved)
    assert "207.00" in text(moved)
    assert client.post(address).status_code == 409
    with in_school(school):
        assert Statement.objects.count() == before
    assert closes(client, str(month)).status_code == 302
    with in_school(school):
        assert Statement.objects.get(month=str(month)).closing_fen == 20700


def test_a_month_that_cant_be_closed_has_a_sentence_and_no_button(school):
    """Closed, not over, out of order, not of the term."""
    on = Stage(school)
    client, first = on.as_(on.them.treasurer), f"{first_day():%Y-%m}"
    assert closes(client, first).status_code == 302
    for month, words in (
        (first, "不能重复月结"),
        (on.month, "还没有结束"),
        ("2015-01", "不在学期"),
        ("2198-01", "不在学期"),
    ):
        page = client.get(f"/finance/months/{month}/close/")
        assert page.status_code == 200
        assert words in text(page)
        assert 'name="shown"' not in text(page)


def test_closing_and_what_everybody_reads(school):
    """S36, S43: from the preview to the text whose hash anybody can recompute."""
    on = Stage(school)
    month = f"{first_day():%Y-%m}"
    client = on.as_(on.them.treasurer)
    assert "将要公示的内容" in text(client.get(f"/finance/months/{month}/close/"))
    assert closes(client, month).status_code == 302
    assert closes(client, month).status_code == 409
    assert client.get("/finance/months/2026-1x/close/").status_code == 404
    nobody = browser(on.host)
    assert month in text(nobody.get("/open/accounts/"))
    page = text(nobody.get(f"/open/statements/{month}/"))
    file = nobody.get(f"/open/statements/{month}/{makers.TERM}.txt")
    with in_school(school):
        closed = Statement.objects.get()
    assert closed.sha256 in page
    assert "支出清单" not in page
    assert makers.digest(text(file)) == closed.sha256
    assert "attachment" in file["Content-Disposition"]
    for address in ("/open/statements/1999-01/", f"/open/statements/{month}/x.txt"):
        assert nobody.get(address).status_code == 404


@pytest.mark.parametrize("months", [1, 12])
def test_the_open_pages_are_cheap(school, months, django_assert_max_num_queries):
    with in_school(school):
        for number in range(1, months + 1):
            Statement.objects.create(
                term_code=makers.TERM, month=f"2025-{number:02d}", text="x", sha256="0" * 64, opening_fen=0, received_fen=0,
                spent_fen=0, refunded_fen=0, closing_fen=0, ledger_position=0, due_date=TODAY, published_at=NOON,
                notice_id=makers.a_passed_resolution().pk,
            )  # fmt: skip
    with django_assert_max_num_queries(20):
        assert browser(host_of(school)).get("/open/accounts/").status_code == 200
    with django_assert_max_num_queries(20):
        assert browser(host_of(school)).get("/open/statements/2025-01/").status_code == 200


def test_the_settlement_from_preview_to_the_last_refund(school):
    """S37 by pages: the service ends, months are closed; then previewed, voted, batched, issued and confirmed."""
    on = Stage(school, 3)
    treasurer, principal = on.as_(on.them.treasurer), on.as_(on.them.principal)
    assert "服务方案到" in text(treasurer.get("/finance/settlement/"))
    assert treasurer.post("/finance/settlement/preview/").status_code == 409
    assert treasurer.get("/finance/service-end/").status_code == 403
    assert principal.post("/finance/service-end/", {"reason": "停"}).status_code == 400
    ended = principal.post("/finance/service-end/", {"reason": "校舍维修，服务停止"})
    assert ended.status_code == 302
    assert principal.post("/finance/service-end/", {"reason": "校舍维修，服务停止"}).status_code == 409
    with in_school(school):
        assert Envelope.objects.get(kind="report").payload["about"] == "service_end"
    assert "还没有月结公示" in text(treasurer.get("/finance/settlement/"))
    month = Month.of(first_day())
    while month <= Month.of(TODAY):
        assert closes(treasurer, month).status_code == 302
        month = month.following()
    assert principal.post("/finance/settlement/preview/").status_code == 403
    assert treasurer.post("/finance/settlement/preview/").status_code == 302
    with in_school(school):
        made = Settlement.objects.get()
        share = queries.shares(made).first()
    assert principal.post(f"/finance/settlement/{made.pk}/batch/").status_code == 409
    assert on.as_(on.them.chair).post(f"/finance/settlement/{made.pk}/propose/").status_code == 302
    with in_school(school):
        makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
        actions.resolve_settlement(settlement=made, by=on.them.chair, now=timezone.now())
    assert "合计退还 ¥100.00" in text(principal.get(f"/finance/settlement/shares/{share.pk}/"))
    assert "生成退费" in text(principal.get("/finance/settlement/"))
    assert principal.post(f"/finance/settlement/{made.pk}/batch/").status_code == 302
    assert "由您经办" in text(principal.get("/finance/refunds/all/issue/"))  # who made them sends none
    with in_school(school):
        principal = on.as_(makers.a_user("deputy"))
    issue = principal.get("/finance/refunds/all/issue/")
    assert "3 笔，共 ¥300.00" in text(issue)
    assert on.as_(on.them.clerk).post("/finance/refunds/all/issue/").status_code == 403
    assert principal.post("/finance/refunds/all/issue/").status_code == 409
    assert principal.post("/finance/refunds/all/issue/", {"shown": shown_in(issue)}).status_code == 302
    with in_school(school):
        first = Refund.objects.order_by("pk").first()
    assert principal.post(f"/finance/refunds/{first.pk}/fail/", {"sent": 1}).status_code == 302
    assert principal.post(f"/finance/refunds/{first.pk}/issue/", {"sent": 1}).status_code == 302
    assert principal.post(f"/finance/refunds/{first.pk}/confirm/", {"sent": 1}).status_code == 409
    assert principal.post(f"/finance/refunds/{first.pk}/nonsense/", {"sent": 2}).status_code == 404
    assert "登记到账" in text(principal.get(f"/finance/refunds/{first.pk}/"))
    assert principal.post(f"/finance/refunds/{first.pk}/confirm/", {"sent": 2}).status_code == 302
    confirm = principal.get("/finance/refunds/all/confirm/")
    assert principal.post("/finance/refunds/all/confirm/", {"shown": shown_in(confirm)}).status_code == 302
    with in_school(school):
        assert set(Refund.objects.values_list("state", flat=True)) == {"confirmed"}
        assert Account.objects.get(code="cash").balance_fen == 0
    parent = on.as_(on.parent_of(on.families[0]))
    page = text(parent.get("/family/bills/"))
    assert "按实缴金额分摊" in page
    assert "已到账" in page


@pytest.mark.parametrize("families", [2, 30])
@pytest.mark.parametrize("children", [1, 4])
def test_a_family_sees_its_own_bills_only(school, families, children, django_assert_max_num_queries):
    on = Stage(school, families)
    user = on.parent_of(on.families[0])
    with in_school(school):
        guardian = on.families[0].application.guardian
        for _ in range(children - 1):
            pupil = makers.a_pupil()
            makers.a_tie(guardian, pupil, may_sign=True)
            stage.a_family(on.plan, pupil=pupil, guardian=guardian)
    client = on.as_(user)
    with django_assert_max_num_queries(20):
        page = text(client.get("/family/bills/"))
    assert on.families[0].number in page or "没有欠缴" in page
    with in_school(school):
        numbers = [family.payments.get().receipt_number for family in on.families]
    assert numbers[0] in page
    assert not any(number in page for number in numbers[1:])
    assert on.as_(on.them.principal).get("/family/bills/").status_code == 403


def test_a_denied_adult_sees_nothing(school):
    on = Stage(school)
    user = on.parent_of(on.families[0])
    with in_school(school):
        tie = on.families[0].application.guardian.ties.get()
        tie.may_sign = tie.may_collect = False
        tie.is_denied, tie.denied_reason = True, "法院裁定"
        tie.save()
        makers.a_guardian(on.families[0].pupil)  # another adult's right is not theirs
    assert "还没有费用" in text(on.as_(user).get("/family/bills/"))


def test_an_exit_is_computed_by_a_button_and_never_typed(school):
    on = Stage(school)
    family = on.families[0]
    with in_school(school):
        family.state, family.ended_at, family.until_date = "ended", timezone.now(), TODAY
        family.save()
        later = f"{TODAY.replace(day=28) + timedelta(days=10):%Y-%m}"
        Charge.objects.filter(agreement=family).update(period=later)  # begins after the exit
    client = on.as_(on.them.treasurer)
    assert family.number in text(client.get("/finance/refunds/"))
    assert client.post(f"/finance/refunds/exits/{family.pk}/").status_code == 302
    assert client.post(f"/finance/refunds/exits/{family.pk}/").status_code == 409
    with in_school(school):
        assert Refund.objects.get().amount_fen == 10000
    assert client.post(f"/finance/refunds/exits/{makers.number():032x}/").status_code == 404


def test_a_row_is_reversed_after_a_question_by_another_person(school):
    on = Stage(school)
    with in_school(school):
        row = queries.transfers(makers.TERM, kind="payment").first()
    client = on.as_(on.them.principal)
    assert "冲正这笔账" in text(client.get(f"/finance/rows/{row.pk}/reverse/"))
    for given in ({}, {"reason": ""}, {"reason": "because"}):
        assert client.post(f"/finance/rows/{row.pk}/reverse/", given).status_code == 400
    given = {"reason": "bounced"}
    assert client.post(f"/finance/rows/{row.pk}/reverse/", given).status_code == 302
    assert client.post(f"/finance/rows/{row.pk}/reverse/", given).status_code == 409
    with in_school(school):
        assert Entry.objects.get(verb="finance.transfer.reverse").details["reason"] == "bounced"
    assert on.as_(on.them.treasurer).post(f"/finance/rows/{row.pk}/reverse/").status_code == 403


def test_another_schools_rows_are_not_there(school, south):
    """Bad input: another school's id."""
    on = Stage(school)
    with in_school(school):
        payment = Payment.objects.first()
    with in_school(south):
        clerk = makers.a_user("treasurer")
    client = stage.logged_in(south, clerk)
    assert client.get(f"/finance/payments/{payment.pk}/receipt.pdf").status_code == 404
    assert on.as_(on.them.treasurer).get("/finance/?term=2020-2021-1").status_code == 404


def test_what_waits_for_whom(school):
    on = Stage(school)
    on.asks()
    with in_school(school):
        now = timezone.now()
        for user in (on.them.principal, on.them.treasurer, on.them.chair):
            user.forget_rights()
        assert any("支出待审批" in str(one.title) for one in queries.waiting_for(on.them.principal, now))
        theirs = queries.waiting_for(on.them.chair, now)
        assert not any("支出待审批" in str(one.title) for one in theirs), (
            "the school's money waits for the school"
        )
        mine = queries.waiting_for(on.them.treasurer, now)
        assert any("待月结公示" in str(one.title) for one in mine)
        assert not any("支出待审批" in str(one.title) for one in mine)


def test_every_fee_of_a_nine_year_school_stands_above_its_charges(north):
    """One plan, a fee for each stage; a school with one fee says it as before."""
    stage.the_term()
    School.objects.filter(pk=north.pk).update(stage="nine_year")
    with in_school(north):
        them, plan = stage.people(), stage.monthly_plan(7_000)
    office = stage.logged_in(makers.school(north.code), them.clerk)
    assert "公示的收费标准：每月 ¥70.00。公示以外一律不收。" in text(office.get("/finance/charges/"))
    with in_school(north):
        for first, last, fen in ((1, 6, 7_000), (7, 9, 8_000)):
            PlanFee.objects.create(plan=plan, grade_from=first, grade_to=last, fee_fen=fen)
    said = "公示的收费标准：小学（1—6年级）每月 ¥70.00；初中（7—9年级）每月 ¥80.00。公示以外一律不收。"
    assert said in text(office.get("/finance/charges/"))


LINKS = re.compile(r'href="([^"#]*)"')
SHOWN = [*PAGES, "waivers/"]


@pytest.mark.parametrize(
    "role", ["principal", "deputy", "clerk", "treasurer", "committee_chair", "committee_member"]
)
def test_no_page_shows_a_way_that_its_reader_may_not_go(school, role):
    """A receipt's number was a link that answered 403."""
    on = Stage(school)
    on.previews()
    with in_school(school):
        user = getattr(on.them, {"committee_chair": "chair"}.get(role, role), None) or makers.a_user(role)
    client, dead = on.as_(user), []
    for part in SHOWN:
        page = client.get(f"/finance/{part}")
        if page.status_code == 403 and part == "waivers/":
            continue
        main = text(page).partition("<main")[2]
        for url in dict.fromkeys(LINKS.findall(main)):
            way = url.replace("&amp;", "&")
            if (
                way.startswith(("?", "/"))
                and client.get(way if way[0] == "/" else f"/finance/{part}{way}").status_code == 403
            ):
                dead.append((part, way))
    assert dead == []


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("", "请选择要计算缺勤的期间"),
        ("2099-01", "“2099-01”不是可以计算缺勤的期间"),
        ("x" * 40, "不是可以计算缺勤的期间"),
    ],
)
def test_a_period_without_absences_is_told_in_place(school, period, said):
    """Not "charges never cross terms": nothing is charged here."""
    on = Stage(school)
    answer = on.as_(on.them.treasurer).post("/finance/refunds/absences/", {"period": period})
    assert (answer.status_code, said in text(answer), "跨学期收费" in text(answer)) == (400, True, False)


def test_a_period_that_is_no_period_is_one_sentence(school):
    """Not "no agreement runs in it" below it."""
    on = Stage(school)
    answer = on.as_(on.them.clerk).get("/finance/charges/preview/?period=2099-01")
    assert answer.status_code == 400
    assert "没有生效的托管协议" not in text(answer)
    assert "没有要收费的家庭" not in text(answer)


def test_a_reason_typed_beside_granting_is_not_passed_over(school):
    on = Stage(school)
    with in_school(school):
        charge = Charge.objects.first()
        asked = actions.request_waiver(
            charge=charge, reason="hardship", proof="低保证", amount=100, by=on.them.clerk, now=timezone.now()
        )
    client, page = on.as_(on.them.principal), f"/finance/waivers/{asked.pk}/decide/"
    answer = client.post(page, {"decision": "grant", "reason": "只此一次"})
    assert (answer.status_code, "批准时不记原因" in text(answer)) == (400, True)
    with in_school(school):
        assert Waiver.objects.get().state == "requested"


def test_what_is_open_leads_to_just_that(school):
    on = Stage(school)
    with in_school(school):
        activity = makers.an_activity(on.plan)
        makers.a_session(activity, day=TODAY)
        makers.a_session(
            activity, day=first_day() + timedelta(days=1), state="cancelled", cancel_reason="台风"
        )
    client = on.as_(on.them.principal)
    page = text(client.get("/finance/settlement/"))
    way = re.search(r'href="(/desk/sessions/[^"]*state=undone)"', page)[1].replace("&amp;", "&")
    assert f"first={TODAY}&last={TODAY}&state=undone" in way
    shown = text(client.get(way))
    assert "待开始" in shown.partition("<tbody")[2]
    assert "已取消" not in shown.partition("<tbody")[2]


def test_a_familys_share_is_told_once_and_every_round_has_its_page(school):
    on = Stage(school)
    made = on.previews()
    with in_school(school):
        now = timezone.now()
        makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
        actions.batch_settlement(settlement=made, by=on.them.principal, now=now)
        stage.pays(on.families[0], 5000, at=now)
        second = actions.preview_settlement(term_code=makers.TERM, by=on.them.treasurer, now=now)
        makers.a_passed_resolution(Subject.SETTLEMENT, object_id=second.pk)
        actions.batch_settlement(settlement=second, by=on.them.principal, now=now)
        share = made.shares.first()
    user = on.parent_of(on.families[0])
    bill = text(on.as_(user).get("/family/bills/"))
    with in_school(school):
        refunds = Refund.objects.filter(agreement=on.families[0], settlement__isnull=False)
        assert all(bill.count(row.explanation.splitlines()[0]) == 1 for row in refunds)
    client = on.as_(on.them.treasurer)
    page = text(client.get("/finance/settlement/"))
    assert str(share.pk) not in page
    way = re.search(r'href="(\?term=[^"]*round=1)"', page)[1].replace("&amp;", "&")
    assert str(share.pk) in text(client.get(f"/finance/settlement/{way}"))
    assert "提交家委会表决" not in text(client.get(f"/finance/settlement/{way}"))
    assert client.get("/finance/settlement/?round=99").status_code == 200


def test_ending_early_says_what_is_not_charged_yet_and_a_second_tab_that_it_is_done(school):
    """Two lessons of two hours were held in the month before, which nobody was charged for."""
    on = Stage(school, families=2)
    with in_school(school):
        activity = makers.an_activity(on.plan)
        last_month = TODAY.replace(day=1) - timedelta(days=10)
        for day in (last_month, last_month + timedelta(days=1)):
            makers.a_session(activity, day=day, planned_units=2, state="closed", closed_at=NOON)
        stage.a_family(on.plan, activity, school_signed_by=on.them.principal, from_date=first_day())
    client = on.as_(on.them.principal)
    page = client.get("/finance/service-end/").content.decode()
    assert "1 户已经上过的 2 天、4 课时还没有收费" in page
    assert "/finance/charges/" in page
    reason = {"reason": "校舍维修，服务停止"}
    assert client.post("/finance/service-end/", reason).status_code == 302
    for late, status in ((client.get, 200), (client.post, 409)):
        told = late("/finance/service-end/", reason)
        assert told.status_code == status
        assert "服务已经提前结束" in told.content.decode()
        assert "1 户已经上过的 2 天" in told.content.decode()
