"""What a settlement makes final is said before it, and nothing begins for which it has no place (S12, S36, S37)."""

from datetime import date, timedelta

import pytest

from schools.committee.models import Subject
from schools.finance import actions, ending, promises, proofs, queries, rules
from schools.finance.actions import months
from schools.planning import consultation_actions, drafting
from schools.planning import queries as plans
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

LATE = NOON.replace(month=11, day=20)


@pytest.fixture
def ended(north):
    """September charged and paid, October held and forgotten; the service ended early on 20 November."""
    stage.the_term("national-2024")
    with in_school(north):
        them, plan = stage.people(), stage.monthly_plan(10000)
        activity = makers.an_activity(plan)
        stage.sessions(activity, date(2026, 9, 1), 20, state="closed")
        stage.sessions(activity, date(2026, 10, 5), 20, state="closed")
        family = stage.a_family(plan, activity, school_signed_by=them.principal)
        actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
        stage.pays(family, 10000)
        actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=LATE)
        for month in ("2026-09", "2026-10", "2026-11"):
            actions.close_month(term_code=makers.TERM, month=month, by=them.treasurer, now=LATE)
        yield them, plan, family


def settled(them):
    made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=LATE)
    makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
    actions.resolve_settlement(settlement=made, by=them.chair, now=LATE)
    actions.batch_settlement(settlement=made, by=them.principal, now=LATE)
    return made


def test_lessons_that_nobody_was_charged_for_are_said_and_stand_in_the_vote(ended):
    them, _plan, _family = ended
    made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=LATE)
    said = "1 户已经上过的 20 天、40 课时没有收费。结算后不能再收，由结余承担。"
    assert said in ending.said_before(rules.term(makers.TERM), LATE.date())
    text = proofs.resolution_text(made)
    assert said in text
    assert "结算后，这个学期不能再有新的服务方案和收费" in text


def test_once_october_is_charged_nothing_of_it_is_said(ended):
    them, plan, _family = ended
    actions.charge_period(plan=plan, period="2026-10", by=them.clerk, now=LATE)
    made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=LATE)
    assert "没有收费" not in proofs.resolution_text(made)


def test_a_settled_term_has_no_place_for_another_plan(ended):
    """It is not offered, and its draft is refused with what to do, not only the charge of it months later."""
    them, plan, _family = ended
    assert makers.TERM in [term.code for term in plans.terms_to_plan(LATE.date())]
    settled(them)
    assert makers.TERM not in [term.code for term in plans.terms_to_plan(LATE.date())]
    with pytest.raises(consultation_actions.TermIsSettled, match="下一个学期"):
        drafting.refuse_draft(plan.consultation, LATE)
    with pytest.raises(consultation_actions.TermIsSettled):
        consultation_actions.refuse_ended_term(makers.TERM, LATE)


def test_a_month_after_a_gap_can_be_closed(ended):
    """A family pays in April: March, in which nothing was booked, is no month of the term and stands before nobody."""
    them, plan, family = ended
    actions.charge_period(plan=plan, period="2026-10", by=them.clerk, now=LATE)
    settled(them)
    term = rules.term(makers.TERM)
    december, january = (LATE.replace(year=2027, month=1, day=5), LATE.replace(year=2027, month=2, day=5))
    actions.close_month(term_code=makers.TERM, month="2026-12", by=them.treasurer, now=december)
    actions.close_month(term_code=makers.TERM, month="2027-01", by=them.treasurer, now=january)
    april = LATE.replace(year=2027, month=4, day=10)
    stage.pays(family, 5000, at=april)
    may = april + timedelta(days=30)
    assert [row.line.month for row in queries.months(term, may.date()) if row.statement is None] == [
        "2027-04"
    ]
    actions.close_month(term_code=makers.TERM, month="2027-04", by=them.treasurer, now=may)
    with pytest.raises(months.MonthOutsideTerm):
        actions.close_month(term_code=makers.TERM, month="2027-03", by=them.treasurer, now=may)
    june = may + timedelta(days=25)
    stage.pays(family, 100, at=june)
    stage.pays(family, 100, at=june + timedelta(days=30))
    with pytest.raises(months.MonthOutOfOrder, match="2027-06"):
        actions.close_month(
            term_code=makers.TERM, month="2027-07", by=them.treasurer, now=june + timedelta(days=70)
        )
    assert list(promises.broken_promises()) == []


def test_pay_that_was_booked_twice_is_asked_about_and_said_in_the_vote(ended):
    them, _plan, _family = ended
    stage.spends(1000, them, now=NOON)
    asked = stage.asks(1000, them, now=NOON)
    assert [found["kind"] for found in asked.findings] == ["twice"]
    with pytest.raises(actions.expenditure.NoDecisionReason):
        actions.approve_expenditure(expenditure=asked, by=them.principal, now=NOON)
    actions.approve_expenditure(expenditure=asked, by=them.principal, now=NOON, reason="两个班各一笔")
    assert any(
        "请核对有没有重复列支" in line for line in ending.said_before(rules.term(makers.TERM), LATE.date())
    )


def test_another_day_or_sum_and_one_that_was_refused_ask_nothing(ended):
    them, _plan, _family = ended
    first = stage.asks(1000, them, now=NOON)
    actions.refuse_expenditure(expenditure=first, reason="重复", by=them.principal, now=NOON)
    assert stage.asks(1000, them, now=NOON).findings == []
    assert stage.asks(1001, them, now=NOON).findings == []
    assert stage.asks(1001, them, now=NOON + timedelta(days=1)).findings == []


@pytest.mark.parametrize("proof", ["-", "有", "。。。。", "   低  "])
def test_a_waiver_needs_a_document(ended, proof):
    them, _plan, family = ended
    with pytest.raises(actions.waivers.NoProof):
        actions.request_waiver(
            charge=family.charges.get(), reason="hardship", proof=proof, by=them.clerk, now=LATE
        )
