"""Who else may act, or whom to appoint; exits that are to be looked at before their refund goes say why (S3, S37)."""

from datetime import date, timedelta

import pytest

from schools.finance import actions, exit_doubts, rules, second_persons
from schools.finance.models import Charge, Refund
from schools.finance.spending import Payee
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.test_pages import no_second_factor, text  # noqa: F401  (a fixture)


def the_chair_is_hired(them):
    contract = makers.a_contract(user=them.chair)
    return Payee("staff", contract_id=contract.pk)


def test_an_expenditure_that_pays_the_only_approver_says_whom_to_appoint(north):
    """Seed rules: the committee holds the money, its chair alone approves, and is paid."""
    stage.the_term("seed")
    with in_school(north):
        them = stage.people()
        asked = stage.asks(100, them, payee=the_chair_is_hired(them))
        said = second_persons.nobody_approves(asked, rules.term(makers.TERM), NOON)
        other = stage.asks(100, them, kind="materials")
        assert second_persons.nobody_approves(other, rules.term(makers.TERM), NOON) == ""
    assert said == (
        "现在没有人能批准这笔支出：吴主任是申请人或收款方，不能批准自己的。请家长委员会改选主任或财务，由另一位家长担任，"
        "或退回后改由别人申请。"
    )
    page = text(stage.logged_in(north, them.chair).get(f"/finance/expenditure/{asked.pk}/"))
    assert said in page


def test_where_the_school_holds_the_money_others_are_named(north):
    stage.the_term()
    with in_school(north):
        them = stage.people()
        asked = stage.asks(100, them, payee=the_chair_is_hired(them))
        assert second_persons.nobody_approves(asked, rules.term(makers.TERM), NOON) == ""
        assert second_persons.another_sends(makers.TERM, {them.principal.pk}, NOON) == (
            "现在没有另一位有权的人。请先任命副组长。"
        )
        makers.a_user("deputy", name="钱副校长")
        assert second_persons.another_sends(makers.TERM, {them.principal.pk}, NOON) == "请由钱副校长发放。"


@pytest.fixture
def left(north):
    """By the class hour, rule of nothing: left on the 9th of a month that is paid; an older exit cut the charge there."""
    stage.the_term("national-2024", refund={"kind": "none"})
    with in_school(north):
        them, plan = stage.people(), makers.a_plan(fee_unit="class_hour", fee_fen=280)
        activity = makers.an_activity(plan)
        held = stage.sessions(activity, date(2026, 9, 7), 10)
        family = stage.a_family(plan, activity)
        actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
        family.state, family.until_date, family.ended_at = "ended", date(2026, 9, 9), NOON + timedelta(days=8)
        family.save()
        Charge.objects.update(last_date=date(2026, 9, 9))
        yield family, held


def test_an_older_exit_says_which_lessons_are_paid_for_already(left):
    family, _held = left
    said = exit_doubts.kept_sentence(family, list(family.charges.all()))
    assert said == (
        "2026-09-09 之后到 2026-09-30 的课时没有退费，已经包含在原来的收费里；孩子再报名时不应再收，请办公室核对。"
    )
    Charge.objects.update(last_date=date(2026, 9, 30))
    assert exit_doubts.kept_sentence(family, list(family.charges.all())) == ""


def seen(family):
    """Of a refund that the family's exit gives."""
    refund = Refund(agreement=family, cause="exit")
    return str(exit_doubts.open_of([refund]).get(refund.pk, ""))


def test_an_exit_before_a_day_on_which_the_child_was_there_is_looked_at_first(left):
    family, held = left
    assert seen(family) == ""
    session = held[5]
    session.state, session.closed_at = "closed", NOON
    session.save()
    family.roll.create(session=session, pupil=family.pupil, state="present", arrived_at=NOON)
    assert "点名册上还有 1 天到课（最后一次 2026-09-14）" in seen(family)
