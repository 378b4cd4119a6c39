"""A settlement never pays twice and never rests on something that has moved since (S37)."""

from datetime import date

import pytest

from afterbell.kernel.money import Fen
from afterbell.kernel.states import StateMoved
from schools.committee import actions as committee
from schools.committee.models import Subject
from schools.finance import actions, carrying, ending, gathering, promises, proofs
from schools.finance.actions import service_end, settlement
from schools.finance.models import Account, Refund, Settlement
from schools.planning.models import Plan
from tenants.context import in_school
from tenants.exchange.models import Envelope
from tenants.models import Term
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

OVER = stage.OVER


@pytest.fixture
def school(north):
    stage.the_term("national-2024", refund={"kind": "none"})
    with in_school(north):
        yield north


@pytest.fixture
def them(school):
    return stage.people()


def resolved(them, now=OVER):
    """Previewed, and passed by the committee."""
    stage.closes_the_term(them, now)
    made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=now)
    passed = makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
    actions.resolution_closed(resolution=passed, by=them.chair, now=now)
    made.refresh_from_db()
    return made


def two_families(them, fee=10000, paid=15000):
    plan = stage.monthly_plan(fee)
    families = [stage.a_family(plan) for _ in range(2)]
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    for family in families:
        stage.pays(family, paid)
    return families


def leaves(family, last=date(2026, 9, 10)):
    family.state, family.ended_at, family.until_date = "ended", NOON, last
    family.save()
    actions.after_exit(agreement=family, by=None, now=OVER)


def batch(made, them):
    return actions.batch_settlement(settlement=made, by=them.principal, now=OVER)


def test_an_exit_between_preview_and_batch_voids_it(them):
    """Fee 100, paid 150, rule "none": a draft refund of 50 without a posting came, and 200 of 150 went back."""
    family, _other = two_families(them)
    made = resolved(them)
    leaves(family)
    assert Refund.objects.get().amount_fen == 5000
    with pytest.raises(settlement.BooksMoved):
        batch(made, them)
    again = resolved(them)
    refunds = batch(again, them)
    actions.issue_refunds(refunds=[*refunds, Refund.objects.get(cause="exit")], by=them.clerk, now=OVER)
    back = sum(row.amount_fen for row in Refund.objects.filter(agreement=family))
    assert back <= 15000
    assert Account.objects.get(code="cash").balance_fen == 0
    assert promises.broken_promise() is None


@pytest.mark.parametrize("what", ["lesson", "exit without money"])
def test_everything_that_the_preview_rested_on_is_looked_at_again(them, what):
    """Nothing of it touches the ledger."""
    family, _other = two_families(them, paid=10000)
    activity = makers.an_activity(family.plan)
    (session,) = stage.sessions(activity, date(2026, 9, 7), 1, state="cancelled")
    made = resolved(them)
    if what == "lesson":
        session.state, session.closed_at, session.cancel_reason = "closed", OVER, ""
        session.save()
    else:
        leaves(family)
    with pytest.raises(settlement.BooksMoved):
        batch(made, them)
    assert not Refund.objects.filter(cause="settlement").exists()


@pytest.mark.parametrize("what", ["waiver", "expenditure"])
def test_a_question_is_decided_before_the_batch_and_a_refused_one_changes_nothing(them, what):
    """1.00 was asked for and refused later: the committee's vote was void."""
    family, _other = two_families(them, paid=10000)
    made = resolved(them)
    if what == "waiver":
        asked = actions.request_waiver(
            charge=family.charges.get(), reason="hardship", proof="低保证 33-1", amount=Fen(100), by=them.clerk, now=OVER,
        )  # fmt: skip
    else:
        asked = stage.asks(100, them)
    with pytest.raises(settlement.NotDecided, match="待审批。请先决定；不批准的不影响这份结算"):
        batch(made, them)
    assert carrying.no_longer_carries(object_id=made.pk) == ""
    if what == "waiver":
        actions.refuse_waiver(waiver=asked, reason="证明已过期", by=them.principal, now=OVER)
    else:
        actions.refuse_expenditure(expenditure=asked, reason="不需要", by=them.principal, now=OVER)
    assert len(batch(made, them)) == 2
    assert promises.broken_promise() is None


def test_an_approved_expenditure_voids_the_vote_and_its_page_says_so(them, school, settings):
    """S7: nobody reads 通过 of a vote that decides nothing any more."""
    settings.SECOND_FACTOR = "optional"
    two_families(them)
    stage.closes_the_term(them)
    made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=OVER)
    asked = actions.propose_settlement(settlement=made, by=them.chair, now=OVER)
    for by in (them.chair, them.treasurer):
        committee.vote(resolution=asked, choice="yes", by=by, now=OVER)
    committee.close_resolution(resolution=asked, by=them.chair, now=OVER)
    client = stage.logged_in(school, them.chair)
    (page, one, books) = (f"/committee/resolutions/{asked.pk}/", f"/api/v1/resolutions/{asked.pk}/",
                          f"/finance/settlement/?term={makers.TERM}")  # fmt: skip
    assert "已不再有效" not in client.get(page).content.decode()
    assert client.get(one).json()["void_because"] == ""
    stage.spends(100, them)
    said = "预览之后账上又记了 1 笔，最后一笔在 2026-09-01，通过的决议不再有效，不能据此退费。请重新预览结算，再提交表决。"
    for address in (page, books):
        assert said in client.get(address).content.decode()
    assert "通过，已不再有效" in client.get(page).content.decode()
    assert client.get(one).json()["void_because"] == said
    actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=OVER)
    assert "请对最新的一份结算表决" in client.get(page).content.decode()


def test_two_persons_batch_once(them):
    """Both read it before the other acted."""
    two_families(them)
    made = resolved(them)
    stale = Settlement.objects.get(pk=made.pk)
    batch(made, them)
    with pytest.raises((StateMoved, settlement.states.MoveNotAllowed)):
        batch(stale, them)
    assert Refund.objects.filter(cause="settlement").count() == 2


def test_a_term_is_not_settled_before_it_ends(them):
    """On 26 November a term to 22 January was settled, and November's pay was refused."""
    two_families(them)
    november = OVER.replace(year=2026, month=11, day=26)
    with pytest.raises(settlement.TermNotOver, match="服务方案到 2027-01-22 才结束"):
        actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=november)
    waits = [wait.sentence for wait in ending.waits_for(Term.objects.get(code=makers.TERM), november.date())]
    assert waits[1:] == [
        f"{month} 还没有月结公示" for month in ("2026-09", "2026-10", "2026-11", "2026-12", "2027-01")
    ]


def test_what_there_is_to_pay_from_is_said_where_it_is_not_enough(them):
    """To book it first is no way then: the committee reads why it stays unpaid."""
    family, _other = two_families(them)
    activity = makers.an_activity(family.plan)
    makers.a_session(
        activity, day=date(2026, 9, 7), contract=makers.a_contract(), state="closed", closed_at=NOON
    )
    stage.spends(gathering.unshared(makers.TERM) - 5000, them, kind="materials", title="教具")
    stage.closes_the_term(them)
    with pytest.raises(settlement.PayNotBooked, match=r"只剩 ¥50\.00，不够列支全部"):
        actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=OVER)


def test_pay_that_is_not_booked_is_explained_to_the_committee_or_booked(them):
    """Two class hours of 55.00 were held and nothing was booked for them."""
    family, _other = two_families(them)
    activity = makers.an_activity(family.plan)
    makers.a_session(
        activity, day=date(2026, 9, 7), contract=makers.a_contract(), state="closed", closed_at=NOON
    )
    stage.closes_the_term(them)
    with pytest.raises(settlement.PayNotBooked, match=r"应付报酬 ¥110\.00，已列支 ¥0\.00"):
        actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=OVER)
    for nothing_said in ("x", "\u200b\u200b\u200b\u200b", "　 。", "。。。。。"):
        with pytest.raises(settlement.PayNotBooked, match="至少 4 个字"):
            actions.preview_settlement(
                term_code=makers.TERM, by=them.treasurer, now=OVER, pay_note=nothing_said
            )
    made = actions.preview_settlement(
        term_code=makers.TERM, by=them.treasurer, now=OVER, pay_note="从学校公用经费列支。"
    )
    asked = actions.propose_settlement(settlement=made, by=them.chair, now=OVER)
    assert "原因：从学校公用经费列支。\n" in asked.text


# --- an earlier end ----------------------------------------------------------------------------------------------


def test_a_school_that_closes_its_service_settles_early_by_a_decision_of_its_own(them):
    """Later lessons are cancelled and cost nobody anything; families and the bureau read why."""
    plan = stage.monthly_plan(10000)
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 7), 2, state="closed")
    stage.sessions(activity, date(2026, 10, 12), 2)
    family = stage.a_family(plan, activity)
    actions.charge_period(plan=plan, period=makers.TERM, by=them.clerk, now=NOON)
    stage.pays(family, 50000)
    early = NOON.replace(month=9, day=18)
    with pytest.raises(service_end.NoReason):
        actions.end_service(plan=plan, reason="停", by=them.principal, now=early)
    assert actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=early) == 2
    with pytest.raises(service_end.NotRunning):
        actions.end_service(plan=plan, reason="校舍维修，服务停止", by=them.principal, now=early)
    assert Plan.objects.get().ended_date == early.date()
    assert "校舍维修" in Envelope.objects.get(kind="report").payload["note"]
    actions.close_month(term_code=makers.TERM, month="2026-09", by=them.treasurer, now=early)
    made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=early)
    assert made.shares.get().credit_fen == 40000  # October was cancelled, later months had no lesson at all


def test_a_preview_that_is_void_or_carried_out_is_not_put_to_the_vote(them):
    two_families(them)
    stage.closes_the_term(them)
    void = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=OVER)
    live = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=OVER)
    with pytest.raises(settlement.NotAPreview, match="作废"):
        actions.propose_settlement(settlement=void, by=them.chair, now=OVER)
    actions.propose_settlement(settlement=live, by=them.chair, now=OVER)
    with pytest.raises(settlement.UnderVote):
        actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=OVER)


def test_what_the_committee_has_passed_is_not_written_off_while_the_books_stand_still(them):
    two_families(them)
    made = resolved(them)
    with pytest.raises(settlement.Decided):
        actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=OVER)
    made.refresh_from_db()
    assert made.state == "resolved"
    batch(made, them)
    with pytest.raises(settlement.NotAPreview):
        actions.propose_settlement(settlement=made, by=them.chair, now=OVER)


def test_a_pool_too_small_for_the_families_own_money_says_so_before_the_vote(them):
    """200.00 spent of 300.00; 50.00 of each 150.00 paid is the family's own, and 100.00 are there: nothing is missing. At
    250.00 spent only half of it is there."""
    two_families(them)
    stage.spends(20000, them)
    assert_missing(them, 0)
    stage.spends(5000, them)
    assert_missing(them, 5000)


def assert_missing(them, fen):
    stage.closes_the_term(them)
    made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=OVER)
    assert proofs.owed(made).missing == fen
    words = proofs.resolution_text(made)
    assert ("还差 ¥50.00" in words) == bool(fen)
    assert ("其余按" in words) == (not fen)
    lines = "".join(proofs.Words.read(made).lines(made.shares.first()))
    assert ("您家还差 ¥25.00" in lines) == bool(fen)
