"""The settlement in the database: preview, resolution, batch, issue; receipts = expenditure + refunds, to the fen (S37)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from schools.committee.models import Subject
from schools.finance import actions, facts, gates, ledger, promises, proofs, queries, rules
from schools.finance.actions import closed, payments, settlement
from schools.finance.models import Account, Refund, Settlement, Share
from schools.finance.states import RefundState, SettlementState
from schools.planning.queries import served_plan
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

LATE = stage.OVER


@pytest.fixture
def school(north):
    stage.the_term()
    with in_school(north):
        yield north


@pytest.fixture
def them(school):
    return stage.people()


def three_families(them, *, spent=10001):
    plan = stage.monthly_plan(10000)
    families = [stage.a_family(plan) for _ in range(3)]
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    for family in families:
        stage.pays(family, 10000)
    if spent:
        stage.spends(spent, them)
    return families


def preview(them, now=LATE, by=None):
    stage.closes_the_term(them, now)
    return actions.preview_settlement(term_code=makers.TERM, by=by or them.treasurer, now=now)


def resolved(them, now=LATE, by=None):
    made = preview(them, now, by)
    makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
    actions.resolve_settlement(settlement=made, by=them.chair, now=now)
    return made


def shares(made):
    return list(made.shares.order_by("agreement_id").values_list("amount_fen", flat=True))


def test_from_the_preview_to_the_last_fen(them):
    """300.00 received, 100.01 spent: 199.99 go back, 66.67, 66.66, 66.66."""
    three_families(them)
    made = resolved(them)
    assert (made.received_fen, made.spent_fen, made.pool_fen) == (30000, 10001, 19999)
    assert shares(made) == [6667, 6666, 6666]
    refunds = actions.batch_settlement(settlement=made, by=them.principal, now=LATE)
    actions.issue_refunds(refunds=refunds, by=them.clerk, now=LATE)
    assert actions.confirm_refunds(refunds=refunds, by=them.principal, now=LATE) == 3
    assert Refund.objects.aggregate(fen=Sum("amount_fen"))["fen"] == 19999
    assert set(Account.objects.filter(code__in=["cash"]).values_list("balance_fen", flat=True)) == {0}
    assert not Account.objects.filter(code__startswith="family:").exclude(balance_fen=0).exists()
    assert promises.broken_promise() is None
    assert "按实缴金额分摊" in refunds[0].explanation
    assert refunds[0].explanation.endswith("合计退还 ¥66.67。")


def test_no_batch_without_the_committees_resolution(them):
    """S7, S37."""
    three_families(them)
    made = preview(them)
    makers.a_passed_resolution(Subject.SETTLEMENT)  # on something else
    with pytest.raises(settlement.NoResolution):
        actions.batch_settlement(settlement=made, by=them.principal, now=LATE)
    with pytest.raises(IntegrityError, match="settlement_needs_a_resolution"), transaction.atomic():
        Settlement.objects.update(state=SettlementState.BATCHED)


def test_a_change_in_the_books_voids_the_preview(them):
    families = three_families(them)
    made = resolved(them)
    stage.pays(families[0], 1, at=LATE)
    with pytest.raises(settlement.BooksMoved):
        actions.batch_settlement(settlement=made, by=them.principal, now=LATE)
    assert not Refund.objects.exists()
    again = preview(them)
    made.refresh_from_db()
    assert (made.state, again.pool_fen) == (SettlementState.VOID, 20000)


def test_the_batch_is_made_by_another_person(them):
    three_families(them)
    made = resolved(them, by=them.clerk)
    with pytest.raises(closed.SamePerson):
        actions.batch_settlement(settlement=made, by=them.clerk, now=LATE)
    refunds = actions.batch_settlement(settlement=made, by=them.principal, now=LATE)
    with pytest.raises(closed.SamePerson):
        actions.issue_refunds(refunds=refunds, by=them.principal, now=LATE)
    with pytest.raises(IntegrityError, match="refund_needs_two_persons"), transaction.atomic():
        Refund.objects.update(issued_by=them.principal)
    actions.issue_refunds(refunds=refunds, by=them.clerk, now=LATE)


def test_money_that_comes_after_the_settlement_is_settled_in_another_round(them):
    """Late: B pays its 100.00 after the batch. It is never turned away, and goes back by the same rule."""
    families = three_families(them)
    late = stage.a_family(families[0].plan)
    actions.charge_period(plan=late.plan, period="2026-10", by=them.clerk, now=NOON)
    refunds = actions.batch_settlement(settlement=resolved(them), by=them.principal, now=LATE)
    with pytest.raises(settlement.NothingNew):
        preview(them)
    stage.pays(late, 10000, at=LATE)
    assert facts.of_term(makers.TERM)["surplus_fen"] == 19999 + 10000
    again = resolved(them)
    assert (again.round, again.pool_fen) == (2, 10000)
    assert sum(shares(again)) == 10000
    more = actions.batch_settlement(settlement=again, by=them.principal, now=LATE)
    actions.issue_refunds(refunds=[*refunds, *more], by=them.clerk, now=LATE)
    assert Account.objects.get(code="cash").balance_fen == 0
    assert promises.broken_promise() is None


def surplus():
    found = facts.of_term(makers.TERM)
    return tuple(
        found[name] for name in ("surplus_fen", "surplus_returned_fen", "surplus_unsettled_fen", "settled_at")
    )


def batched(them, now=LATE):
    return actions.batch_settlement(settlement=resolved(them, now), by=them.principal, now=now)


def paid_out(refunds, them):
    actions.issue_refunds(refunds=refunds, by=them.clerk, now=LATE)
    actions.confirm_refunds(refunds=refunds, by=them.principal, now=LATE)


def test_the_city_sees_what_is_settled_what_is_returned_and_what_waits_for_another_round(them):
    """S37: two rounds, and money in between; nothing is counted twice, and the term was settled by the first."""
    families = three_families(them)
    late = stage.a_family(families[0].plan)
    actions.charge_period(plan=late.plan, period="2026-10", by=them.clerk, now=NOON)
    assert surplus() == (None, None, None, None)
    refunds = batched(them)
    assert surplus() == (19999, 0, 0, LATE)
    paid_out(refunds, them)
    assert surplus() == (19999, 19999, 0, LATE)
    stage.pays(late, 10000, at=LATE)
    assert surplus() == (29999, 19999, 10000, LATE)
    more = batched(them, LATE + timedelta(days=1))
    assert surplus() == (29999, 19999, 0, LATE)
    paid_out(more, them)
    assert surplus() == (29999, 29999, 0, LATE)


def test_a_later_round_has_a_day_of_its_own_by_which_its_money_is_back(them):
    """S37: from the day on which money came, then from the round that shares it; nothing once it is back."""
    days = timedelta(days=rules.policy_on(makers.FIRST).policy.deadlines.refund_days)
    families = three_families(them)
    late = stage.a_family(families[0].plan)
    actions.charge_period(plan=late.plan, period="2026-10", by=them.clerk, now=NOON)

    def later():
        found = facts.of_term(makers.TERM)
        return found["surplus_later_fen"], found["surplus_later_due_date"]

    assert later() == (None, None)
    batched(them)
    assert later() == (0, None)
    came = LATE + timedelta(days=3)
    stage.pays(late, 10000, at=came)
    assert later() == (10000, came.date() + days)
    more = batched(them, LATE + timedelta(days=5))
    assert later() == (10000, (LATE + timedelta(days=5)).date() + days)
    paid_out(more, them)
    assert later() == (0, None)


def test_the_city_hears_of_what_the_families_are_to_get_and_nobody_holds(them):
    """S37: 100.00 too little on the account; what comes late fills it."""
    assert facts.of_term(makers.TERM)["shortfall_fen"] is None
    families = a_term_with_a_gap(them)
    assert facts.of_term(makers.TERM)["shortfall_fen"] == 10000
    stage.pays(families[0], 8000, at=LATE)
    assert facts.of_term(makers.TERM)["shortfall_fen"] == 2000
    stage.pays(families[0], 8000, at=LATE)
    assert facts.of_term(makers.TERM)["shortfall_fen"] == 0


def a_term_with_a_gap(them):
    """300.00 paid, 300.00 spent, one payment of 100.00 bounced; all else is settled."""
    families = three_families(them, spent=30000)
    booked = payments.Payment.objects.get(agreement=families[0])
    Account.objects.filter(code="cash").update(may_go_below_zero=True)
    transfer = stage.actions.reversals.Transfer.objects.get(key=f"payment:{booked.pk}")
    actions.reverse_transfer(transfer=transfer, reason="bounced", by=them.principal, now=LATE)
    assert batched(them) == []
    return families


def test_a_gap_of_one_round_does_not_hide_what_a_later_one_owes(them):
    """100.00 too little; 180.00 come late: 80.00 are the families', before and after the second round."""
    families = a_term_with_a_gap(them)
    assert surplus() == (-10000, 0, 0, LATE)
    stage.pays(families[0], 10000, at=LATE)
    assert surplus() == (0, 0, 0, LATE)
    stage.pays(families[0], 8000, at=LATE)
    assert surplus() == (8000, 0, 8000, LATE)
    refunds = batched(them, LATE + timedelta(days=1))
    assert surplus() == (8000, 0, 0, LATE)
    paid_out(refunds, them)
    assert surplus() == (8000, 8000, 0, LATE)


def test_money_that_is_promised_to_families_is_not_spent(them):
    """After the batch the cash is there until the refunds go out, and belongs to them."""
    three_families(them)
    actions.batch_settlement(settlement=resolved(them), by=them.principal, now=LATE)
    with pytest.raises(ledger.NotEnoughCash):
        stage.spends(100, them, now=NOON)


def test_a_payment_is_not_undone_from_money_that_is_promised_to_families(them):
    """After the batch the cash is the families': a small payment bounces, and is paid again first."""
    families = three_families(them)
    stage.pays(families[0], 100, at=NOON)
    actions.batch_settlement(settlement=resolved(them), by=them.principal, now=LATE)
    paid = families[0].payments.order_by("pk").last()
    booked = stage.actions.reversals.Transfer.objects.get(key=f"payment:{paid.pk}")
    with pytest.raises(stage.actions.reversals.Promised, match="补缴"):
        actions.reverse_transfer(transfer=booked, reason="bounced", by=them.principal, now=LATE)
    assert promises.broken_promise() is None
    stage.pays(families[0], 100, at=LATE)
    actions.reverse_transfer(transfer=booked, reason="bounced", by=them.principal, now=LATE)
    assert promises.broken_promise() is None


def test_a_negative_pool_returns_nothing_and_shows_the_gap(them):
    """More spent than received is only possible by a reversed payment."""
    families = three_families(them, spent=30000)
    booked = payments.Payment.objects.get(agreement=families[0])
    Account.objects.filter(code="cash").update(may_go_below_zero=True)
    transfer = stage.actions.reversals.Transfer.objects.get(key=f"payment:{booked.pk}")
    actions.reverse_transfer(transfer=transfer, reason="bounced", by=them.principal, now=LATE)
    made = resolved(them)
    assert (made.pool_fen, set(shares(made))) == (-10000, {0})
    assert actions.batch_settlement(settlement=made, by=them.principal, now=LATE) == []


def test_refunds_in_flight_count_as_gone(them):
    families = three_families(them, spent=0)
    stage.waives(families[0].charges.get(), them, fen=10000)
    family = families[0]
    family.state, family.ended_at, family.until_date = "ended", NOON, NOON.date()
    family.save()
    found = actions.refund_exit(agreement=family, by=them.treasurer, now=LATE)
    assert (found.refund.amount_fen, found.refund.state) == (10000, RefundState.DRAFT)
    made = preview(them)
    assert (made.refunded_fen, made.pool_fen, sorted(shares(made))) == (10000, 20000, [0, 10000, 10000])


def test_hours_that_were_not_held_come_back_first(them):
    """3.00 a class hour: A's activity was cancelled twice of five times, B's never. 12.00 are A's own."""
    plan = makers.a_plan()
    for_a, for_b = makers.an_activity(plan), makers.an_activity(plan)
    stage.sessions(for_a, date(2026, 9, 7), 5)
    stage.sessions(for_b, date(2026, 9, 7), 5)
    a, b = stage.a_family(plan, for_a), stage.a_family(plan, for_b)
    actions.charge_period(plan=plan, period=makers.TERM, by=them.clerk, now=NOON)
    for family in (a, b):
        stage.pays(family, 3000)
        family_sessions = {a.pk: for_a, b.pk: for_b}[family.pk].sessions
        family_sessions.update(state="closed", closed_at=NOON)
    cancelled = for_a.sessions.order_by("date")[:2]
    for_a.sessions.filter(pk__in=[row.pk for row in cancelled]).update(
        state="cancelled", cancel_reason="台风"
    )
    stage.spends(4000, them)
    made = resolved(them)
    own = Share.objects.get(settlement=made, agreement=a)
    assert (own.credit_fen, own.own_fen) == (1200, 1200)
    assert made.pool_fen == 2000
    assert own.amount_fen == 1200 + 300  # 8.00 by 18.00 : 30.00
    assert sum(shares(made)) == 2000
    refunds = actions.batch_settlement(settlement=made, by=them.principal, now=LATE)
    actions.issue_refunds(refunds=refunds, by=them.clerk, now=LATE)
    assert not Account.objects.filter(code__startswith="family:").exclude(balance_fen=0).exists()
    assert promises.broken_promise() is None


def test_a_lesson_that_nobody_closed_or_cancelled_stands_before_the_settlement(them):
    """S37: a past one that is forgotten as well as one still to come."""
    plan = makers.a_plan()
    activity = makers.an_activity(plan)
    stage.sessions(activity, date(2026, 9, 7), 4, state="closed")
    (forgotten,) = stage.sessions(activity, date(2026, 9, 14), 1)
    family = stage.a_family(plan, activity)
    actions.charge_period(plan=plan, period=makers.TERM, by=them.clerk, now=NOON)
    stage.pays(family, 3000)
    with pytest.raises(settlement.TermNotOver, match="1 节课还没有开展或取消"):
        actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=LATE)
    forgotten.state, forgotten.cancel_reason = "cancelled", "台风"
    forgotten.save()
    assert Share.objects.get(settlement=preview(them)).credit_fen == 600


@pytest.mark.parametrize("families", [2, 12])
def test_a_settlement_is_set_based(them, families, django_assert_max_num_queries):
    plan = stage.monthly_plan()
    signer = makers.a_user("principal")
    rows = [stage.a_family(plan, school_signed_by=signer) for _ in range(families)]
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    for row in rows:
        stage.pays(row, 13000)
    stage.closes_the_term(them)
    with django_assert_max_num_queries(41):  # with the last refund's moment
        made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=LATE)
    makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
    with django_assert_max_num_queries(62):  # one more since what bills promise is looked at (decision 31)
        refunds = actions.batch_settlement(settlement=made, by=them.principal, now=LATE)
        actions.issue_refunds(refunds=refunds, by=them.clerk, now=LATE)
    assert len(refunds) == families


def test_the_committee_votes_on_this_very_settlement(them):
    three_families(them)
    made = preview(them)
    asked = actions.propose_settlement(settlement=made, by=them.chair, now=LATE)
    assert (asked.subject, asked.object_id) == (Subject.SETTLEMENT, made.pk)
    assert "¥199.99" in asked.text


def test_the_committees_count_resolves_the_settlement_by_itself(them):
    """settings.RESOLUTION_CLOSED."""
    families = three_families(them)
    made = preview(them)
    passed = makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
    actions.resolution_closed(resolution=passed, by=them.chair, now=LATE)
    made.refresh_from_db()
    assert (made.state, made.resolution_id) == (SettlementState.RESOLVED, passed.pk)
    waits = [str(one.title) for one in queries.waiting_for(them.principal, LATE)]
    assert f"结算决议已通过，请生成退费：{made.term_code}" in waits  # the step that nobody has to remember
    stage.pays(families[0], 1, at=LATE)
    again = preview(them)
    later = makers.a_passed_resolution(Subject.SETTLEMENT, object_id=again.pk)
    stage.pays(families[0], 1, at=LATE)
    actions.resolution_closed(resolution=later, by=them.chair, now=LATE)
    again.refresh_from_db()
    assert again.state == SettlementState.PREVIEW


def test_the_citys_facts_count_returned_money_once(them):
    """What is given back on paper is no money yet."""
    three_families(them)
    refunds = actions.batch_settlement(settlement=resolved(them), by=them.principal, now=LATE)
    month = facts.of_months(["2027-02"]).get(("2027-02", makers.TERM), facts.nothing())
    assert month["refunded_fen"] == 0
    actions.issue_refunds(refunds=refunds, by=them.clerk, now=LATE)
    assert facts.of_months(["2027-02"])["2027-02", makers.TERM]["refunded_fen"] == 19999


def test_the_rooms_gates_follow_the_term(them):
    """S38."""
    first = [gate.state for gate in gates.gates(makers.TERM, served_plan(makers.TERM), NOON)]
    three_families(them)
    charged = [gate.state for gate in gates.gates(makers.TERM, served_plan(makers.TERM), NOON)]
    actions.batch_settlement(settlement=resolved(them), by=them.principal, now=LATE)
    assert [first, charged] == [["blocked", "blocked"], ["done", "now"]]
    assert [gate.state for gate in gates.gates(makers.TERM, served_plan(makers.TERM), LATE)] == [
        "done",
        "done",
    ]


def test_a_stale_preview_is_neither_put_to_the_vote_nor_resolved(them):
    families = three_families(them)
    made = preview(them)
    makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
    stage.pays(families[0], 1, at=LATE)
    for deed in (actions.propose_settlement, actions.resolve_settlement):
        with pytest.raises(settlement.BooksMoved):
            deed(settlement=made, by=them.chair, now=LATE)


def test_who_paid_ahead_does_not_make_up_for_who_has_not_paid(them):
    """The rate was 105.3 %: what is paid ahead stands apart, and no rate is above 100 %."""
    plan = stage.monthly_plan(10000)
    one, other = stage.a_family(plan), stage.a_family(plan)
    names = ("due_fen", "paid_due_fen", "paid_ahead_fen")
    assert [facts.of_term(makers.TERM)[name] for name in names] == [None, None, None]
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    stage.pays(one, 15000)
    assert [facts.of_term(makers.TERM)[name] for name in names] == [20000, 10000, 5000]
    stage.pays(other, 10000)
    assert [facts.of_term(makers.TERM)[name] for name in names] == [20000, 20000, 5000]


def late_payer(them):
    """A, B, C owe 100.00 each; A and B pay, 100.00 are spent: 50.00 each go back. Then C pays: 200.00 over three."""
    plan = stage.monthly_plan(10000)
    families = [stage.a_family(plan) for _ in range(3)]
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    for family in families[:2]:
        stage.pays(family, 10000)
    stage.spends(10000, them)
    first = actions.batch_settlement(settlement=resolved(them), by=them.principal, now=LATE)
    stage.pays(families[2], 10000, at=LATE)
    return families, first


def test_who_pays_late_gets_as_much_over_all_rounds_as_who_paid_in_time(them):
    """S37, decision 21: 66.67, 66.67, 66.66 and not 75.00, 75.00, 50.00."""
    families, first = late_payer(them)
    again = resolved(them)
    assert shares(again) == [1667, 1667, 6666]
    assert list(again.shares.order_by("agreement_id").values_list("before_fen", flat=True)) == [5000, 5000, 0]
    more = actions.batch_settlement(settlement=again, by=them.principal, now=LATE)
    actions.issue_refunds(refunds=[*first, *more], by=them.clerk, now=LATE)
    assert Account.objects.get(code="cash").balance_fen == 0
    assert promises.broken_promise() is None
    last = next(refund for refund in more if refund.agreement_id == families[2].pk)
    assert (
        "各次结算合在一起，按实缴金额重新分摊：¥200.00 × ¥100.00 ÷ ¥300.00 = ¥66.66；此前已分到 ¥0.00，这次分到 ¥66.66"
        in last.explanation
    )
    with pytest.raises(settlement.NothingNew):
        preview(them)


def test_the_vote_and_the_page_say_how_the_rounds_share_together(them, school, settings):
    settings.SECOND_FACTOR = "optional"
    late_payer(them)
    again = preview(them)
    said = "这是第 2 次结算：此前各次已分摊 ¥100.00，与这次合在一起，按现在的实缴金额重新分摊，减去各家已得，只补不退。"
    assert said in proofs.resolution_text(again)
    page = stage.logged_in(school, them.treasurer).get(f"/finance/settlement/?term={makers.TERM}")
    assert said in page.content.decode()


def test_who_has_had_more_keeps_it_and_reads_why_nothing_more_comes(them):
    """60.00 more were spent: 140.00 over three are 46.66 each. A and B keep their 50.00, C gets the other 40.00."""
    families, _first = late_payer(them)
    asked = stage.asks(6000, them, now=LATE, spent_date=NOON.date())
    actions.approve_expenditure(expenditure=asked, by=them.principal, now=LATE)
    again = resolved(them)
    assert shares(again) == [0, 0, 4000]
    words = proofs.Words.read(again)
    assert words.lines(again.shares.get(agreement=families[0]))[2:4] == [
        "各次结算共分摊 ¥140.00，2 户此前已多得，共 ¥100.00，其余各家分摊 ¥40.00。",
        "各次结算合在一起，按实缴金额您家应分到 ¥40.00；此前已分到 ¥50.00，多得的不用退回，这次不再分。",
    ]
    assert "2 户此前已多得，不用退回" in proofs.rounds_sentence(again)


def test_verify_names_a_later_round_that_says_another_sum_was_had(them):
    """Planted: C is said to have had 20.00 already."""
    late_payer(them)
    again = resolved(them)
    actions.batch_settlement(settlement=again, by=them.principal, now=LATE)
    Share.objects.filter(settlement=again, before_fen=0).update(before_fen=2000)
    assert "is said to have had 2000 fen by earlier rounds, they gave 0" in promises.broken_promise()
    Share.objects.filter(settlement=again).update(before_fen=0)
    assert "its part is" in promises.broken_promise()
