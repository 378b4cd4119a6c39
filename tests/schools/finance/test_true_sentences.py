"""Each refusal and each page of the books says what is so: months, decided things, hidden fields (S36)."""

import pytest

from afterbell.kernel import states
from schools.finance import actions
from schools.finance.actions import months
from schools.finance.models import Charge, Transfer
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_pages import Stage, a_payment, no_second_factor, school, text  # noqa: F401  (fixtures)


@pytest.fixture
def books(north):
    stage.the_term()
    return north


@pytest.mark.parametrize(
    ("month", "refusal", "said"),
    [
        ("x", months.NoSuchMonth, "“x”不是月份。请按“2026-09”这样填写。"),
        ("2026-13", months.NoSuchMonth, "不是月份"),
        ("", months.NoSuchMonth, "不是月份"),
        ("2027-02", months.MonthOutsideTerm, "2027-02 不在学期 2026-2027-1 的月份（2026-09 至 2027-01）之内"),
        ("2026-08", months.MonthOutsideTerm, "2026-08 不在学期"),
        ("2027-01", months.MonthNotOver, "2027-01 还没有结束"),
    ],
)
def test_closing_a_month_that_is_none_says_what_is_wrong_with_it(books, month, refusal, said):
    with in_school(books):
        them = stage.people()
        with pytest.raises(refusal, match=said):
            actions.close_month(term_code=makers.TERM, month=month, by=them.treasurer, now=NOON)


def test_what_is_decided_says_so_to_whoever_asks_again(books):
    """Not that another person is needed: that is no longer the question."""
    with in_school(books):
        them, plan = stage.people(), stage.monthly_plan()
        family = stage.a_family(plan)
        actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
        waiver = stage.waives(Charge.objects.get(), them, fen=100)
        actions.withdraw_waiver(waiver=waiver, reason="弄错了", by=them.clerk, now=NOON)
        with pytest.raises(states.MoveNotAllowed):
            actions.withdraw_waiver(waiver=waiver, reason="弄错了", by=them.principal, now=NOON)
        with pytest.raises(states.MoveNotAllowed):
            actions.refuse_waiver(waiver=waiver, reason="弄错了", by=them.clerk, now=NOON)
        stage.pays(family, 13000)
        spent = stage.spends(100, them)
        for deed in (actions.approve_expenditure, actions.refuse_expenditure):
            with pytest.raises(states.MoveNotAllowed):
                deed(expenditure=spent, reason="不需要了", by=them.principal, now=NOON)
        with pytest.raises(states.MoveNotAllowed):
            actions.refuse_expenditure(expenditure=spent, reason="不需要了", by=them.treasurer, now=NOON)


@pytest.mark.parametrize("seen", ["x", "1" * 400, "-", "1.5", "\x00"])
def test_a_bad_hidden_field_was_not_seen_and_is_asked_again(school, seen):  # noqa: F811  (a fixture)
    """No English name of a field that nobody sees."""
    on = Stage(school)
    page = text(on.as_(on.them.clerk).post("/finance/payments/", a_payment(on, seen_owed=seen)))
    assert "确认入账" in page or "\x00" in seen
    assert "Seen owed" not in page


def test_an_undone_expenditure_is_not_called_spent(school):  # noqa: F811  (a fixture)
    on = Stage(school)
    with in_school(school):
        spent = stage.spends(700, on.them)
    client = on.as_(on.them.principal)
    assert "已支出" in text(client.get(f"/finance/expenditure/{spent.pk}/"))
    with in_school(school):
        row = Transfer.objects.get(key=f"expenditure:{spent.pk}")
        actions.reverse_transfer(transfer=row, reason="wrong_amount", by=on.them.chair, now=NOON)
    page = text(client.get(f"/finance/expenditure/{spent.pk}/"))
    assert "已冲正" in page
    assert "已支出" not in page
    assert on.them.principal.name in page
