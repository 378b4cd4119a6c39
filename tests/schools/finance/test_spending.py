"""What may be spent is a kind, not a word; who may be paid is a fact, not a claim (S2, S3, S16, S26, S27)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from afterbell.audit.models import Entry
from afterbell.kernel import states
from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import MOST, Fen, TooMuchMoney
from schools.finance import actions, ledger, owing, payees, promises, spending
from schools.finance.actions import closed, expenditure
from schools.finance.models import Account, Expenditure, Refund, Transfer
from schools.finance.spending import BY_PAY_SHEET, Payee
from schools.planning.models import CostKind
from tenants.context import in_city, in_school
from tenants.models import District
from tenants.providers import actions as register
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.spending_stage import CLUB, a_provider, by_register, company, shop


@pytest.fixture
def school(north):
    stage.the_term()
    with in_school(north):
        yield north


@pytest.fixture
def them(school):
    return stage.people()


@pytest.fixture
def held(school):
    """100.00 yuan in the account."""
    return stage.pays(stage.a_family(stage.monthly_plan()), 10000)


def ask(them, item="activity_goods", payee=None, **more):
    return stage.asks(500, them, item=item, payee=payee or shop(), **{"title": "九月支出", **more})


def approve(asked, by, **more):
    return actions.approve_expenditure(expenditure=asked, by=by, now=NOON, **more)


# --- kinds decide, words warn --------------------------------------------------------------------------------------


def test_the_list_has_no_place_for_what_the_school_gives_for_nothing():
    """S2: each item has one kind, and none is venue, rent, water and power, energy, use of equipment, depreciation."""
    assert {item.kind for item in spending.ITEMS} == set(CostKind)
    assert len(spending.BY_CODE) == len(spending.ITEMS)
    for item in spending.ITEMS:
        assert not spending.asked_by_words(str(item.name), Payee(item.payee_kind)), item
        assert item.source


@pytest.mark.parametrize(
    "item", ["venue", "rent", "water", "power", "energy", "staff", "", "TEACHING_PAY", "x" * 300]
)
def test_what_is_not_on_the_list_is_no_item(them, item):
    with pytest.raises(expenditure.UnknownItem):
        ask(them, item)
    assert not Expenditure.objects.exists()


def test_drinking_water_is_goods_and_asks_nobody_twice(held, them):
    """The issue's first word: it was refused for the two signs in its middle."""
    asked = ask(them, "drinking_water", title="饮用水")
    assert (asked.kind, asked.warning) == ("materials", "")
    assert approve(asked, them.principal).state == "approved"


@pytest.mark.parametrize(
    ("title", "word"),
    [
        ("活动室使用费", "活动室使用"),
        ("空调能耗", "能耗"),
        ("校舍使用", "校舍"),
        ("校外机构合作费", "合作费"),
        ("水 费报销", "报销、水费"),
        ("体育馆使用", "体育馆使用"),
        ("与某某分成", "分成"),
        ("電費", "电费"),
        ("電 · 費（九月）", "电费"),
        ("Ｈ座水電", "水电"),
        ("空調能耗", "能耗"),
        ("體育館使用", "体育馆使用"),
        ("校外機構合作費", "合作费"),
        ("足球课时费", "课时"),
        ("教練勞務", "教练"),
    ],
)
def test_words_warn_and_the_second_person_decides_with_a_reason(held, them, title, word):
    """The issue's other words passed: now they are seen, kept, and answered; they decide nothing by themselves."""
    asked = ask(them, title=title)
    assert asked.warning == word
    for too_short in ("", "  ", "同意", "\x00\u200b "):
        with pytest.raises(expenditure.NoDecisionReason, match=word):
            approve(asked, them.principal, reason=too_short)
    assert not Transfer.objects.filter(kind="expenditure").exists()
    decided = approve(asked, them.principal, reason="发票是彩纸，事由写错了")
    assert (decided.state, decided.decision_reason) == ("approved", "发票是彩纸，事由写错了")


def test_the_second_person_may_as_well_refuse_and_the_asker_reads_why(them):
    asked = ask(them, title="校舍使用")
    actions.refuse_expenditure(expenditure=asked, reason="校舍免费", by=them.chair, now=NOON)
    asked.refresh_from_db()
    assert (asked.state, asked.refusal_reason) == ("refused", "校舍免费")


def test_below_all_code_the_database_wants_the_reason_and_the_payee_of_the_kind(held, them):
    asked = ask(them, title="校舍使用")
    by = {"decided_by": them.chair, "decided_at": NOON}
    with pytest.raises(IntegrityError, match="expenditure_warned_of_has_a_reason"), transaction.atomic():
        Expenditure.objects.update(state="approved", **by)
    for wrong in (
        {"payee_kind": "staff"},
        {"kind": "other"},
        {"payee": ""},
        {"contract": makers.a_contract()},
    ):
        with pytest.raises(IntegrityError, match="payee_goes_with"), transaction.atomic():
            Expenditure.objects.filter(pk=asked.pk).update(**wrong)


def test_the_policy_limits_the_kinds(north):
    """Ezhou: money only for staff and direct consumables, whoever is on the register."""
    stage.the_term("ezhou")
    club = a_provider()
    with in_school(north):
        them = stage.people()
        assert ask(them, "first_aid").kind == "materials"
        with pytest.raises(expenditure.KindNotAllowed):
            ask(them, "insurance", by_register(club))


def test_rows_from_before_the_list_stay_readable(them):
    old = Expenditure.objects.create(
        term_code=makers.TERM, kind="other", title="旧账", amount_fen=1, spent_date=date(2026, 9, 1),
        requested_by=them.treasurer, requested_at=NOON,
    )  # fmt: skip
    assert (old.item_word, old.payee_word) == ("其他允许支出", "")


# --- who may be paid -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("item", ["insurance", "approved_service", "teaching_pay"])
@pytest.mark.parametrize(
    "payee",
    [
        company("阳光教育咨询有限公司"),
        shop("阳光教育咨询有限公司"),
        shop("红星小卖部"),
        Payee("staff", "阳光 教育 咨询 有限 公司"),
        company("某某俱乐部"),
        company("学而思"),
        shop("学而思"),
        shop("星辰教育科技有限公司"),
    ],
)
def test_a_company_outside_the_register_is_paid_for_no_service(them, item, payee):
    """S26: whatever it is called and wherever it is keyed in."""
    a_provider()
    with pytest.raises(payees.NotOnRegister, match="合作机构名录"):
        ask(them, item, payee)
    assert not Expenditure.objects.exists()


def test_a_company_of_the_register_is_paid_for_a_service(held, them):
    club = a_provider()
    for number, payee in enumerate((by_register(club), company(CLUB), shop(CLUB))):
        asked = ask(them, "approved_service", payee, title=f"足球训练服务{number}")
        assert (asked.kind, asked.payee_kind, asked.payee, asked.provider_id) == (
            "other",
            "provider",
            CLUB,
            club.pk,
        )
    assert approve(asked, them.principal).state == "approved"
    with pytest.raises(payees.PayeeDoesNotFit):
        ask(them, "outside_pay", by_register(club))


@pytest.mark.parametrize(
    "more",
    [
        {"approved_from_date": date(2026, 9, 2)},
        {"approved_until_date": date(2026, 8, 31)},
        {"revoked_date": date(2026, 9, 1), "revoke_reason": "违规"},
        {"district": "330106"},
    ],
)
def test_the_register_holds_on_the_day_of_spending_and_in_the_schools_district(them, more):
    """Early, late, revoked, another district's."""
    if "district" in more:
        with in_city():
            more = {"district": District.objects.get(code=more["district"])}
    with pytest.raises(payees.NotOnRegister, match=CLUB):
        ask(them, "approved_service", by_register(a_provider(**more)))


def test_an_approval_that_was_taken_back_meanwhile_stops_the_second_person(held, them):
    club = a_provider()
    asked = ask(them, "approved_service", by_register(club))
    with in_city():
        officer = makers.a_user("bureau_supervisor")
        register.revoke_provider(provider=club, reason="违规收费", by=officer, now=NOON)
    with pytest.raises(payees.NotOnRegister):
        approve(asked, them.principal)
    actions.refuse_expenditure(expenditure=asked, reason="机构已被撤销", by=them.chair, now=NOON)


def test_a_shop_sells_goods_and_nothing_else(them):
    with pytest.raises(payees.PayeeDoesNotFit):
        ask(them, "activity_goods", BY_PAY_SHEET)
    for nobody in (shop(""), shop(" \x00"), Payee("nobody", "某人"), Payee("", "")):
        with pytest.raises(payees.NoPayee):
            ask(them, "activity_goods", nobody)


def test_a_shop_with_the_name_of_a_training_company_warns(held, them):
    asked = ask(them, payee=shop("小状元培训用品有限公司"))
    assert asked.warning == "培训"
    assert ask(them, payee=shop("晨光文具有限公司")).warning == ""


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("阳光教育咨询有限公司", "教育"),
        ("陽光教育諮詢有限公司", "教育"),
        ("星光文化传播有限公司", "文化传播"),
        ("星光文化傳播有限公司", "文化传播"),
        ("小码科技有限公司", "科技"),
        ("快乐 少 儿", "少儿"),
        ("湖滨舞蹈艺术中心", "艺术中心"),
        ("青禾俱樂部", "俱乐部"),
        ("学而思", "学而思"),
        ("學 而 思", "学而思"),
        ("新东方培训学校有限公司", "培训"),
    ],
)
def test_whoever_teaches_under_the_name_of_a_shop_is_looked_at_by_both(held, them, name, word):
    """S26: words warn the asker and the second person, who says why; for a service the register alone decides."""
    asked = ask(them, payee=shop(name))
    assert (asked.warning, asked.payee_kind) == (word, "supplier")
    with pytest.raises(expenditure.NoDecisionReason, match=word):
        approve(asked, them.principal)
    assert approve(asked, them.principal, reason="买的是跳绳，有发票").state == "approved"
    for item in ("approved_service", "insurance", "teaching_pay", "outside_pay"):
        with pytest.raises((payees.NotOnRegister, payees.PayeeDoesNotFit)):
            ask(them, item, shop(name))


@pytest.mark.parametrize(
    "name",
    ["晨光文具有限公司", "湖滨文化用品商店", "大润发超市", "农夫山泉水站", "湖滨体育用品店", "新华书店"],
)
def test_a_shop_that_sells_goods_is_asked_nothing(them, name):
    assert ask(them, payee=shop(name)).warning == ""


def revoked(**more):
    with in_city():
        officer = makers.a_user("bureau_supervisor")
    club = a_provider(**more)
    with in_city():
        register.revoke_provider(provider=club, reason="违规收费", by=officer, now=NOON)
    return club


@pytest.mark.parametrize(
    "name", [CLUB, "青禾 青少年體育俱樂部", "青禾青少年体育俱乐部（湖滨店）", "青禾青少年体育俱乐部有限公司"]
)
def test_whom_the_bureau_refused_is_not_paid_as_a_shop_either(them, name):
    """S26: refused outright, whatever it sells."""
    revoked()
    with pytest.raises(payees.Withdrawn, match=f"撤销“{CLUB}”的核准"):
        ask(them, payee=shop(name))
    assert not Expenditure.objects.exists()


def test_a_refusal_that_came_meanwhile_stops_the_second_person_and_a_new_approval_lifts_it(held, them):
    asked = ask(them, payee=shop(CLUB))
    revoked()
    with pytest.raises(payees.Withdrawn):
        approve(asked, them.principal, reason="买的是足球")
    a_provider()
    assert approve(asked, them.principal, reason="买的是足球").state == "approved"


def test_pay_goes_to_hired_people_of_the_term(them):
    """S16, S18: one of them by the contract, or all by the pay sheet."""
    hired = makers.a_contract()
    later = makers.a_contract(from_date=date(2026, 9, 2))
    before = makers.a_contract(from_date=date(2026, 1, 1), until_date=date(2026, 8, 31))
    asked = ask(them, "teaching_pay", Payee("staff", contract_id=hired.pk))
    assert (asked.payee, asked.contract) == ("陈静", hired)
    assert ask(them, "volunteer_pay", BY_PAY_SHEET).payee_word == "按课时费表发给服务人员"
    for stranger in (
        Payee("staff", "张三"),
        Payee("staff", contract_id=later.pk),
        Payee("staff", contract_id=before.pk),
        Payee("staff", contract_id=asked.pk),
    ):
        with pytest.raises(payees.NotHired):
            ask(them, "teaching_pay", stranger)


def test_where_nobody_is_hired_there_is_no_pay_sheet(them):
    with pytest.raises(payees.NotHired):
        actions.request_expenditure(
            term_code=makers.TERM, item="teaching_pay", title="报酬", amount=Fen(1), payee=BY_PAY_SHEET,
            spent_date=date(2026, 9, 1), by=them.treasurer, now=NOON,
        )  # fmt: skip


# --- by the wrong person, with an old object, twice ----------------------------------------------------------------


def test_nobody_decides_on_the_own_pay(held, them):
    """By fact: the candidate's login is the decider's; the pay sheet pays everybody who is hired."""
    own = makers.a_contract(user=them.principal)
    other = makers.a_contract()
    for payee in (Payee("staff", contract_id=own.pk), BY_PAY_SHEET):
        asked = ask(them, "management_pay", payee)
        with pytest.raises(expenditure.OwnPay):
            approve(asked, them.principal)
        with pytest.raises(expenditure.OwnPay):
            actions.refuse_expenditure(expenditure=asked, reason="不行", by=them.principal, now=NOON)
        assert approve(asked, makers.a_user("deputy")).state == "approved"
    theirs = ask(them, "teaching_pay", Payee("staff", contract_id=other.pk))
    assert approve(theirs, them.principal).state == "approved"


def test_who_asked_neither_approves_nor_refuses(them):
    asked = ask(them, by=them.clerk)
    with pytest.raises(closed.SamePerson):
        approve(asked, them.clerk)
    with pytest.raises(closed.SamePerson):
        actions.refuse_expenditure(expenditure=asked, reason="不要了", by=them.clerk, now=NOON)


@pytest.mark.parametrize("first", ["approve", "refuse"])
@pytest.mark.parametrize("then", ["approve", "refuse"])
def test_an_object_read_before_somebody_else_decided_decides_nothing(held, them, first, then):
    asked = ask(them)
    stale = Expenditure.objects.get(pk=asked.pk)
    deeds = {
        "approve": lambda row, by: approve(row, by),
        "refuse": lambda row, by: actions.refuse_expenditure(
            expenditure=row, reason="没有发票", by=by, now=NOON
        ),
    }
    deeds[first](asked, them.principal)
    before = Transfer.objects.count()
    now = {"approve": "已支出", "refuse": "未批准"}[first]
    with pytest.raises(states.StateMoved, match=f"现在是“{now}”，不再是“待审批”"):
        deeds[then](stale, them.principal)
    with pytest.raises(states.MoveNotAllowed):
        deeds[then](Expenditure.objects.get(pk=asked.pk), them.principal)
    assert Transfer.objects.count() == before
    assert Entry.objects.filter(verb__startswith="finance.expenditure.").count() == 2


def test_the_same_form_sent_twice_is_one_request(held, them):
    """The same click twice; then something else with the same key, and somebody else's key."""
    key = uuid7()
    first = ask(them, key=key)
    assert ask(them, key=key) == first
    assert (
        Expenditure.objects.count(),
        Entry.objects.filter(verb="finance.expenditure.request").count(),
    ) == (
        1,
        1,
    )
    for other in ({"title": "另一笔"}, {"amount": Fen(501)}, {"by": them.clerk}, {"payee": shop("另一家")}):
        with pytest.raises(expenditure.AskedOtherwise):
            ask(them, key=key, **other)
    approve(first, them.principal)
    assert ask(them, key=key).state == "approved", "late: the answer is the request as it stands"
    assert ask(them) != ask(them), "without a key each is one of its own"


def test_what_the_object_in_hand_says_is_not_what_is_booked(held, them):
    """The row decides: an amount changed in memory posts nothing of its own."""
    asked = ask(them)
    asked.amount_fen, asked.kind, asked.requested_by_id = 1, "staff", them.principal.pk
    approve(asked, them.principal)
    booked = Transfer.objects.get(kind="expenditure")
    assert (booked.amount_fen, booked.cost_kind) == (500, "materials")


# --- months, money of the families, large values -------------------------------------------------------------------


def test_what_was_spent_in_a_closed_month_is_booked_in_the_first_open_one(held, them):
    """S36: and not in the month of the decision when an earlier one is open."""
    asked = ask(them)
    actions.close_month(term_code=makers.TERM, month="2026-09", by=them.treasurer, now=stage.NEXT)
    later = stage.NEXT + timedelta(days=60)
    actions.approve_expenditure(expenditure=asked, by=them.principal, now=later)
    assert Transfer.objects.get(kind="expenditure").month == "2026-10"
    assert ledger.open_month(makers.TERM, date(2026, 9, 30)) == "2026-10"
    assert ledger.open_month(makers.TERM, date(2026, 11, 1)) == "2026-11"
    assert promises.broken_promise() is None


@pytest.mark.parametrize("state", ["draft", "failed"])
def test_money_that_is_promised_to_families_is_not_there(held, them, state):
    refund = Refund.objects.create(
        agreement=held.agreement, term_code=makers.TERM, cause="exit", key="exit:1", amount_fen=9501, explanation="退费",
        created_at=NOON, prepared_by=them.treasurer, state=state,
        **({} if state == "draft" else {"issued_at": NOON, "issued_by": them.principal}),
    )  # fmt: skip
    assert owing.free(makers.TERM).left == 499
    asked = ask(them)
    with pytest.raises(ledger.NotEnoughCash, match=r"¥4\.99.*¥95\.01.*¥5\.00"):
        approve(asked, them.principal)
    Refund.objects.filter(pk=refund.pk).update(amount_fen=9500)
    assert approve(asked, them.principal).state == "approved"
    assert Account.objects.get(code="cash").balance_fen == 9500


def test_more_than_is_held_is_refused_in_words(them):
    with pytest.raises(ledger.NotEnoughCash, match=r"¥0\.00"):
        approve(ask(them), them.principal)


@pytest.mark.parametrize("fen", [MOST + 1, 10**16, 10**20])
def test_an_amount_that_no_school_has_is_a_sentence(them, fen):
    with pytest.raises(TooMuchMoney):
        ask(them, amount=Fen(fen))
    assert ask(them, amount=MOST).amount_fen == MOST


@pytest.mark.parametrize("title", ["", " ", "\x00", "\u200b"])
def test_a_title_of_nothing_is_none(them, title):
    with pytest.raises(expenditure.NothingSpent):
        ask(them, title=title)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(9999, 12, 31), date(2026, 9, 2)])
def test_a_day_outside_is_a_sentence(them, day):
    with pytest.raises(expenditure.DateOutsideTerm):
        ask(them, spent_date=day)
