"""A payee is compared with the registers: who is known there is asked about, and whom the bureau refused is refused."""

from datetime import date

import pytest

from afterbell.audit.models import Entry
from schools.finance import actions, payees, trade_names
from schools.finance.actions import expenditure
from schools.finance.models import Expenditure, Transfer
from schools.finance.spending import Payee
from schools.finance.trade_names import brand, core, credit_codes, looks_like_a_person, same_brand
from tenants.context import in_city, in_school
from tenants.exchange.names import NamesAChild
from tenants.providers import actions as register
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.spending_stage import CODE, a_provider, shop

GREEN = "青禾教育科技有限公司"
INSURER, INSURERS_CODE = "安和财产保险有限公司", "9144030071526726XG"


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


def ask(them, payee, title="九月支出", **more):
    return stage.asks(500, them, item="activity_goods", payee=shop(payee), title=title, **more)


def kinds(asked):
    return {found["kind"] for found in asked.findings}


def approve(asked, by, **more):
    return actions.approve_expenditure(expenditure=asked, by=by, now=NOON, **more)


def revoked(name=GREEN, **more):
    with in_city():
        officer = makers.a_user("bureau_supervisor")
    found = a_provider(name, **more)
    with in_city():
        register.revoke_provider(provider=found, reason="违规收费", by=officer, now=NOON)
    return found


# --- names, pure ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "short"),
    [
        (GREEN, "青禾"),
        ("青禾青少年体育俱乐部", "青禾"),
        ("杭州青禾教育科技有限公司", "杭州青禾"),
        ("杭州市湖滨区青禾教育科技有限责任公司（城西分公司）", "青禾"),
        ("青禾", "青禾"),
        ("湖滨青禾文具店", "青禾"),
        (INSURER, "安和"),
        ("湖滨舞蹈艺术中心", "舞蹈"),
        ("湖滨文化用品商店", ""),
        ("教育科技有限公司", ""),
        ("", ""),
    ],
)
def test_a_short_name_is_what_stands_before_the_business(name, short):
    assert brand(name, ["湖滨区"]) == short


def test_a_core_has_no_place_and_no_legal_form():
    for written in (
        GREEN,
        "青禾教育科技",
        "青 禾 教 育 科 技 有 限 公 司",
        "杭州市青禾教育科技股份有限公司（总部）",
    ):
        assert core(written) == "青禾教育科技"
    assert core("有限公司") == "有限公司"
    assert same_brand("青禾", "杭州青禾")
    assert not same_brand("", "青禾")
    assert not same_brand("青山", "青禾")


def test_a_credit_code_is_found_however_it_is_written():
    for written in (
        CODE,
        CODE.lower(),
        f"代码：{CODE[:8]} {CODE[8:]}",
        CODE.translate({48 + n: 0xFF10 + n for n in range(10)}),
    ):
        assert CODE in credit_codes(written)
    assert credit_codes("九月 300 张画纸") == frozenset()


@pytest.mark.parametrize("name", ["王芳", "王 芳", "欧阳小明", "王芳老师", "張三", "李师傅", "上官婉"])
def test_a_persons_name_looks_like_one(name):
    assert looks_like_a_person(name)


@pytest.mark.parametrize(
    "name",
    [
        "大润发",
        "沃尔玛",
        "晨光文具店",
        "王芳文具店",
        "新华书店",
        "得力",
        "王",
        "农夫山泉水站",
        "李宁体育用品",
    ],
)
def test_a_shops_name_does_not(name):
    assert not looks_like_a_person(name)


# --- people ----------------------------------------------------------------------------------------------------------


def test_a_person_is_no_shop_and_both_persons_read_why(held, them):
    """Issue 8, 11: 王芳 passed."""
    asked = ask(them, "王芳")
    assert (kinds(asked), asked.warning) == ({"person"}, "王芳")
    with pytest.raises(expenditure.NoDecisionReason, match="王芳"):
        approve(asked, them.principal)
    assert approve(asked, them.principal, reason="个体户，有发票").state == "approved"


@pytest.mark.parametrize("written", ["陈静", "陈 静", "陈静文具店", "陳静"])
def test_who_is_hired_is_known_by_name_under_a_shops_sign(them, written):
    """The one who is hired is called 陈静 (stage); the finding names no role and no parent."""
    makers.a_contract()
    asked = ask(them, written)
    assert kinds(asked) == {"known"}


def test_staff_are_known_in_the_purpose_too_and_parents_as_payees(them):
    makers.a_guardian(name="欧阳明月")
    makers.a_guardian(name="安康")
    assert kinds(ask(them, "晨光文具店", title="还给郑校长")) >= {"known"}
    assert kinds(ask(them, "欧阳明月的小店")) == {"known"}
    assert kinds(ask(them, "安康")) == {"known"}
    assert kinds(ask(them, "安康文具店")) == set(), "two signs stand together by chance"


def test_nobody_decides_on_a_shop_of_the_own_name(held, them):
    """The principal is called 郑校长; however it is written."""
    asked = ask(them, "郑 校长")
    with pytest.raises(expenditure.OwnPay):
        approve(asked, them.principal, reason="买的是画纸")
    with pytest.raises(expenditure.OwnPay):
        actions.refuse_expenditure(expenditure=asked, reason="不要了", by=them.principal, now=NOON)
    assert approve(asked, makers.a_user("deputy"), reason="核对过发票").state == "approved"


# --- organisations -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        GREEN,
        "青禾教育科技",
        "杭州青禾教育科技店",
        CODE,
        f"某商店 {CODE.lower()}",
        f"代码{CODE[:9]}-{CODE[9:]}",
    ],
)
def test_whom_the_bureau_refused_is_refused_by_name_and_by_credit_code(them, name):
    """Issue 8, 11: the code of a revoked organisation passed as a shop."""
    revoked()
    with pytest.raises(payees.Withdrawn, match=GREEN):
        ask(them, name)
    assert not Expenditure.objects.exists()


def test_a_refused_ones_code_in_the_purpose_is_refused_too(them):
    revoked()
    with pytest.raises(payees.Withdrawn, match=GREEN):
        ask(them, "晨光文具店", title=f"付 {CODE}")


@pytest.mark.parametrize("name", ["青禾", "青 禾", "青禾文具店", "杭州青禾", "青禾商行"])
def test_a_refused_ones_short_name_is_asked_about(held, them, name):
    """It may be somebody else of that name: the sentence says whom the register means."""
    revoked()
    asked = ask(them, name)
    assert "revoked" in kinds(asked)
    (found,) = [found for found in asked.findings if found["kind"] == "revoked"]
    assert (found["word"], found["about"]) == (found["word"], GREEN)
    with pytest.raises(expenditure.NoDecisionReason):
        approve(asked, them.principal)
    assert approve(asked, them.principal, reason="同名文具店，营业执照已核对").state == "approved"


@pytest.mark.parametrize("name", [INSURER, INSURERS_CODE, "安和财产保险", "安和", "安和保险湖滨营业部"])
def test_the_registered_insurer_is_no_shop(them, name):
    a_provider(INSURER, credit_code=INSURERS_CODE, services="学生意外伤害保险")
    assert "provider" in kinds(ask(them, name))


def test_an_approval_that_has_run_out_is_said_as_such(them):
    a_provider(GREEN, approved_until_date=date(2026, 8, 31))
    assert "expired" in kinds(ask(them, "青禾"))


def test_a_shop_that_nobody_knows_is_asked_nothing(them):
    a_provider(GREEN)
    a_provider(INSURER, credit_code=INSURERS_CODE)
    for name in ("晨光文具店", "湖滨文化用品商店", "大润发", "新华书店", "湖滨体育用品店"):
        assert ask(them, name).findings == []


def test_what_came_to_the_registers_meanwhile_is_asked_of_the_second_person(held, them):
    """Late: nobody was known when it was asked for; then an organisation of that name lost its approval."""
    asked = ask(them, "青禾文具店")
    assert asked.findings == []
    revoked()
    with pytest.raises(expenditure.NoDecisionReason, match="青禾"):
        approve(asked, them.principal)
    assert not Transfer.objects.filter(kind="expenditure").exists()
    decided = approve(asked, them.principal, reason="同名文具店，已核对执照")
    assert (decided.warning, kinds(decided)) == ("青禾", {"revoked"})
    assert Entry.objects.get(verb="finance.expenditure.approve").details["warned"] is True


def test_for_work_and_services_the_lists_decide_and_nobody_is_asked_about_names(them):
    club = a_provider(GREEN)
    for payee, item in (
        (Payee("provider", provider_id=club.pk), "approved_service"),
        (Payee("staff"), "teaching_pay"),
    ):
        asked = stage.asks(5, them, item=item, payee=payee, title="九月")
        assert asked.findings == []


def test_a_common_word_of_a_trade_is_no_short_name():
    assert trade_names.brand("少儿艺术中心") == ""


# --- children --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("written", ["郑杰", "郑 杰", "郑·杰", "郑\u200b杰", "郑\u3000杰", "给郑（杰）"])
@pytest.mark.parametrize("where", ["title", "payee"])
def test_no_childs_name_stands_in_the_purpose_nor_in_the_payee(them, written, where):
    """The accounts are public; the payee was not looked at, and a blank in the name hid it."""
    makers.a_pupil(name="郑杰")
    with pytest.raises(NamesAChild):
        ask(
            them,
            written if where == "payee" else "晨光文具店",
            title=written if where == "title" else "九月支出",
        )
    assert not Expenditure.objects.exists()


def test_who_is_paid_by_a_list_is_no_text_of_the_school(them):
    """A teacher may have the name of a child; contracts and the register say who is meant."""
    makers.a_pupil(name="陈静")
    hired = makers.a_contract()
    asked = stage.asks(5, them, item="teaching_pay", payee=Payee("staff", contract_id=hired.pk), title="九月")
    assert asked.payee == "陈静"
