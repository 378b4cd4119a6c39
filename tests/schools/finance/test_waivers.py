"""减免: a proof, two persons, neither the child's own adult; granted, refused, taken back (S36)."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from afterbell.audit.models import Entry
from afterbell.kernel import states
from afterbell.kernel.money import Fen
from schools.finance import actions, gathering, ledger, offering, promises, queries, waiving
from schools.finance.actions import calculations, closed, expenditure, settlement, waivers, withdrawals
from schools.finance.models import Account, Charge, Refund, Transfer, Waiver
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

PROOF = "低保证 2026-118，孙老师 9 月 3 日核对原件"
FIFTY = Fen(5000)


@pytest.fixture
def school(north):
    stage.the_term()
    with in_school(north):
        yield north


@pytest.fixture
def them(school):
    return stage.people()


@pytest.fixture
def poor(north):
    """Ezhou names the share: all of it."""
    stage.the_term("ezhou")
    with in_school(north):
        yield stage.people()


def charged(them, plan=None, period="2026-09", **family):
    plan = plan or stage.monthly_plan()
    family = stage.a_family(plan, **family)
    actions.charge_period(plan=plan, period=period, by=them.clerk, now=NOON)
    return Charge.objects.get(agreement=family, period=period)


def asks(charge, them, *, reason="hardship", proof=PROOF, amount=FIFTY, by=None):
    by = by or them.clerk
    return actions.request_waiver(charge=charge, reason=reason, proof=proof, amount=amount, by=by, now=NOON)


def grants(waiver, them, *, by=None, now=NOON):
    return actions.grant_waiver(waiver=waiver, by=by or them.principal, now=now)


def withdraws(waiver, by, *, reason="证明是另一名学生的", now=NOON):
    return actions.withdraw_waiver(waiver=waiver, reason=reason, by=by, now=now)


def owed(charge):
    return Account.objects.get(code=f"family:{charge.agreement_id}").balance_fen


def test_asked_by_one_and_granted_by_another(them):
    charge = charged(them)
    asked = asks(charge, them)
    assert (owed(charge), asked.state) == (13000, "requested")
    granted = grants(asked, them)
    charge.refresh_from_db()
    assert (granted.state, granted.decided_by, charge.waived_fen, charge.waiver_reason) == (
        "granted", them.principal, 5000, "hardship",
    )  # fmt: skip
    assert owed(charge) == 8000
    verbs = list(Entry.objects.filter(verb__startswith="finance.waiver").values_list("verb", flat=True))
    assert sorted(verbs) == ["finance.waiver.grant", "finance.waiver.request"]
    assert promises.broken_promise() is None


def test_one_person_alone_waives_nothing(them):
    """The deed of before: one person waived by herself."""
    charge = charged(them)
    asked = asks(charge, them, by=them.principal)
    for deed in (
        grants,
        lambda waiver, _: actions.refuse_waiver(waiver=waiver, reason="x", by=them.principal, now=NOON),
    ):
        with pytest.raises(closed.SamePerson):
            deed(asked, them)
    assert owed(charge) == 13000
    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.filter(pk=asked.pk).update(state="granted", decided_by=them.principal)


@pytest.mark.parametrize("proof", ["", "   ", "\n\t"])
def test_no_waiver_without_a_proof(them, proof):
    charge = charged(them)
    with pytest.raises(waivers.NoProof):
        asks(charge, them, proof=proof)
    assert not Waiver.objects.exists()


def test_a_reason_of_the_list_and_an_amount_within_the_fee(them):
    charge = charged(them)
    with pytest.raises(offering.ReasonNotListed):
        asks(charge, them, reason="teachers_child")
    for amount in (None, Fen(0), Fen(-1), Fen(13001)):
        with pytest.raises(offering.WaiverAmount):
            asks(charge, them, amount=amount)
    assert not Waiver.objects.exists()


@pytest.mark.parametrize(("profile", "reason"), [("ezhou", "poor"), ("shandong", "hardship")])
def test_the_policys_share_needs_no_amount(north, profile, reason):
    stage.the_term(profile)
    with in_school(north):
        them = stage.people()
        charge = charged(them, stage.monthly_plan(7000))
        asked = asks(charge, them, reason=reason, amount=None)
        assert asked.asked_fen is None
        grants(asked, them)
        charge.refresh_from_db()
        assert (charge.waived_fen, owed(charge)) == (7000, 0)


def test_an_amount_beside_the_policys_share_is_refused_and_never_passed_over(north):
    """50.00 was typed, the whole fee was waived, and nobody was told. The share itself may be typed."""
    stage.the_term("shandong")
    with in_school(north):
        them = stage.people()
        charge = charged(them, stage.monthly_plan(7000))
        for fen in (5000, 7001, 0, -1):
            with pytest.raises(offering.AmountIsThePolicys, match=r"按政策减免 100%，即 ¥70\.00"):
                asks(charge, them, amount=Fen(fen))
        assert asks(charge, them, amount=Fen(7000)).asked_fen is None


@pytest.mark.parametrize("tie", [{}, {"ended_at": NOON}, {"is_denied": True, "denied_reason": "法院裁定"}])
@pytest.mark.parametrize("known_by", ["login", "phone"])
def test_nobody_asks_or_decides_for_the_own_child(them, tie, known_by):
    """By fact: a tie by login or by telephone, whatever became of it."""
    charge = charged(them)
    for user in (them.clerk, them.principal):
        user.phone = f"+86138{makers.number():08d}"
        user.save()
        adult = makers.a_guardian(**({"user": user} if known_by == "login" else {"phone": user.phone}))
        makers.a_tie(adult, charge.agreement.pupil, **tie)
    with pytest.raises(offering.OwnChild):
        asks(charge, them)
    asked = asks(charge, them, by=them.treasurer)
    with pytest.raises(offering.OwnChild):
        grants(asked, them)
    with pytest.raises(offering.OwnChild):
        actions.refuse_waiver(waiver=asked, reason="x", by=them.principal, now=NOON)
    deputy = makers.a_user("deputy")
    assert grants(asked, them, by=deputy).state == "granted"
    with pytest.raises(offering.OwnChild):
        withdraws(asked, them.principal)


def test_asked_twice_and_granted_twice(them):
    charge = charged(them)
    asked = asks(charge, them)
    with pytest.raises(waivers.AlreadyAsked):
        asks(charge, them)
    grants(asked, them)
    with pytest.raises(states.MoveNotAllowed):
        grants(Waiver.objects.get(), them)
    with pytest.raises(offering.AlreadyWaived):
        asks(charge, them)
    assert owed(charge) == 8000


def test_an_object_read_before_somebody_refused_grants_nothing(them):
    charge = charged(them)
    stale = asks(charge, them)
    actions.refuse_waiver(waiver=Waiver.objects.get(), reason="证明过期", by=them.principal, now=NOON)
    with pytest.raises(states.MoveNotAllowed):
        grants(stale, them)
    assert owed(charge) == 13000


def test_a_stale_charge_decides_nothing(them):
    """Waived since it was read."""
    stale = charged(them)
    grants(asks(Charge.objects.get(), them), them)
    with pytest.raises(offering.AlreadyWaived):
        asks(stale, them)


def test_whoever_refuses_says_why_and_it_can_be_asked_again(them):
    charge = charged(them)
    asked = asks(charge, them)
    with pytest.raises(expenditure.NoReason):
        actions.refuse_waiver(waiver=asked, reason=" ", by=them.principal, now=NOON)
    refused = actions.refuse_waiver(waiver=asked, reason="证明过期", by=them.principal, now=NOON)
    assert (refused.state, refused.refusal_reason) == ("refused", "证明过期")
    assert grants(asks(charge, them), them).state == "granted"


def test_a_charge_taken_back_is_not_waived(them):
    charge = charged(them)
    asked = asks(charge, them)
    Charge.objects.update(taken_back_at=NOON, covers="empty")
    with pytest.raises(offering.ChargeTakenBack):
        grants(asked, them)
    other = charged(them, charge.agreement.plan)
    Charge.objects.filter(pk=other.pk).update(taken_back_at=NOON, covers="empty")
    with pytest.raises(offering.ChargeTakenBack):
        asks(other, them)


def test_an_open_question_stands_before_the_settlement_and_a_settled_term_waives_nothing(them):
    charge = charged(them)
    asked = asks(charge, them)
    stage.closes_the_term(them)
    with pytest.raises(settlement.TermNotOver, match="1 笔减免待审批"):
        actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=stage.OVER)
    actions.refuse_waiver(waiver=asked, reason="没有证明", by=them.principal, now=stage.OVER)
    made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=stage.OVER)
    makers.a_passed_resolution("settlement", object_id=made.pk)
    actions.batch_settlement(settlement=made, by=them.principal, now=stage.OVER)
    with pytest.raises(closed.TermSettled):
        asks(charge, them)


def test_not_more_than_is_left_to_pay(them):
    """An exit or absences took 100.00 off: a waiver of the whole fee would make money out of nothing."""
    charge = charged(them)
    asked = asks(charge, them, amount=Fen(13000))
    posting = calculations.credit(charge.agreement, "exit:x", Fen(10000))
    ledger.post(posting, term_code=makers.TERM, by=them.treasurer, now=NOON)
    with pytest.raises(waivers.MoreThanIsDue, match=r"30\.00"):
        grants(asked, them)
    assert owed(charge) == 3000


# --- taking back -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("is_refused", [False, True])
def test_what_nobody_has_granted_is_not_taken_back(them, is_refused):
    asked = asks(charged(them), them)
    if is_refused:
        actions.refuse_waiver(waiver=asked, reason="证明过期", by=them.principal, now=NOON)
    with pytest.raises(states.MoveNotAllowed):
        withdraws(asked, makers.a_user("deputy"))


def test_a_wrong_waiver_is_taken_back_by_a_third_step(them):
    charge = charged(them)
    granted = grants(asks(charge, them), them)
    deputy = makers.a_user("deputy")
    with pytest.raises(closed.SamePerson):
        withdraws(granted, them.principal)
    with pytest.raises(withdrawals.NoWithdrawalReason):
        withdraws(granted, deputy, reason=" ")
    taken = withdraws(granted, deputy)
    charge.refresh_from_db()
    assert (taken.state, charge.waived_fen, charge.waiver_reason, owed(charge)) == ("withdrawn", 0, "", 13000)
    assert gathering.fees(makers.TERM) == (13000, 0)
    assert promises.broken_promise() is None
    with pytest.raises(states.MoveNotAllowed):
        withdraws(granted, deputy)
    assert owed(charge) == 13000


def test_after_taking_back_it_can_be_granted_anew(them):
    """Another posting, not the reversed one again."""
    charge = charged(them)
    deputy = makers.a_user("deputy")
    withdraws(grants(asks(charge, them), them), deputy)
    second = grants(asks(charge, them), them)
    assert owed(charge) == 8000
    withdraws(second, deputy)
    assert owed(charge) == 13000
    grants(asks(charge, them, amount=Fen(7000)), them)
    assert owed(charge) == 6000
    assert promises.broken_promise() is None


def test_what_was_carried_on_goes_with_it(poor):
    plan = stage.monthly_plan(7000)
    september = charged(poor, plan)
    granted = grants(asks(september, poor, reason="poor", amount=None), poor)
    actions.charge_period(plan=plan, period="2026-10", by=poor.clerk, now=NOON + timedelta(days=30))
    assert owed(september) == 0
    withdraws(granted, makers.a_user("deputy"))
    assert owed(september) == 14000
    assert set(Charge.objects.values_list("waived_fen", flat=True)) == {0}
    assert promises.broken_promise() is None


def test_a_decision_of_its_own_stays(them):
    """October was decided by itself: taking September's back leaves it."""
    plan = stage.monthly_plan()
    september = charged(them, plan)
    actions.charge_period(plan=plan, period="2026-10", by=them.clerk, now=NOON)
    october = Charge.objects.get(period="2026-10")
    first, second = (grants(asks(row, them), them) for row in (september, october))
    withdraws(first, makers.a_user("deputy"))
    october.refresh_from_db()
    assert (october.waived_fen, owed(september)) == (5000, 21000)
    assert second.state == "granted"


def test_a_waiver_that_a_refund_rests_on_stays(them):
    charge = charged(them)
    stage.pays(charge.agreement, 13000)
    granted = grants(asks(charge, them), them)
    Refund.objects.create(
        agreement=charge.agreement, term_code=makers.TERM, cause="absence", key="absence:x:2026-09", amount_fen=5000,
        explanation="多缴退还", created_at=NOON, prepared_by=them.treasurer,
    )  # fmt: skip
    actions.issue_refund(refund=Refund.objects.get(), by=them.principal, now=NOON)
    with pytest.raises(withdrawals.MoneyRestsOnIt):
        withdraws(granted, makers.a_user("deputy"))
    assert owed(charge) == 0


def test_a_refund_that_the_whole_fee_leaves_stops_nothing(them):
    """13.00 too much came in: that goes back whether the fee is waived or not."""
    charge = charged(them)
    stage.pays(charge.agreement, 14300)
    granted = grants(asks(charge, them), them)
    Refund.objects.create(
        agreement=charge.agreement, term_code=makers.TERM, cause="absence", key="absence:x:2026-09", amount_fen=1300,
        explanation="多缴退还", created_at=NOON, prepared_by=them.treasurer,
    )  # fmt: skip
    assert withdraws(granted, makers.a_user("deputy")).state == "withdrawn"


# --- many ------------------------------------------------------------------------------------------------------


def many(them, count=3):
    plan = stage.monthly_plan()
    families = [stage.a_family(plan, school_signed_by=them.principal) for _ in range(count)]
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    return [asks(Charge.objects.get(agreement=family), them) for family in families]


def shown(them):
    found = offering.offers(waiving.waivers(makers.TERM, state="requested"), them.principal)
    return [offer.waiver.pk for offer in found], offering.digest(found)


def grant_all(them, seen):
    pks, digest = seen
    return actions.grant_waivers(waivers=pks, shown=digest, by=them.principal, now=NOON)


def test_many_are_granted_as_they_were_shown(them):
    many(them)
    assert len(grant_all(them, shown(them))) == 3
    assert gathering.fees(makers.TERM) == (39000, 15000)
    assert promises.broken_promise() is None


def test_many_are_not_granted_when_one_has_moved(them):
    asked = many(them)
    seen = shown(them)
    actions.refuse_waiver(waiver=asked[0], reason="证明过期", by=them.principal, now=NOON)
    with pytest.raises(waivers.WaiversMoved):
        grant_all(them, seen)
    assert set(Waiver.objects.values_list("state", flat=True)) == {"requested", "refused"}


def test_many_are_not_granted_when_an_amount_has_moved(them):
    many(them)
    seen = shown(them)
    Waiver.objects.filter(pk=seen[0][0]).update(asked_fen=12000)
    with pytest.raises(waivers.WaiversMoved):
        grant_all(them, seen)
    assert not Transfer.objects.filter(kind="waiver").exists()


def test_granting_many_twice_is_granting_once(them):
    many(them)
    seen = shown(them)
    grant_all(them, seen)
    with pytest.raises(waivers.WaiversMoved):
        grant_all(them, seen)
    assert gathering.fees(makers.TERM) == (39000, 15000)


def test_own_questions_and_own_children_are_not_among_them(them):
    asked = many(them)
    Waiver.objects.filter(pk=asked[0].pk).update(requested_by=them.principal)
    makers.a_guardian(asked[1].charge.agreement.pupil, user=them.principal)
    assert shown(them)[0] == [asked[2].pk]


@pytest.mark.parametrize("count", [2, 20])
def test_granting_many_is_set_based(them, count, django_assert_max_num_queries):
    many(them, count)
    seen = shown(them)
    with django_assert_max_num_queries(45):
        grant_all(them, seen)


def test_what_waits_for_whom(them):
    asked = many(them)
    makers.a_guardian(asked[1].charge.agreement.pupil, user=them.principal)
    title = lambda user: [str(one.title) for one in queries.waiting_for(user, NOON)]  # noqa: E731
    assert "2 笔减免待审批" in title(them.principal)
    assert not any("减免待审批" in each for each in title(them.clerk))
    actions.refuse_waiver(waiver=asked[0], reason="证明过期", by=them.principal, now=NOON)
    assert "您申请的 1 笔减免未获批准" in title(them.clerk)
    asks(asked[0].charge, them)
    assert not any("未获批准" in each for each in title(them.clerk))


def test_dates_of_a_charge_are_not_needed(them):
    """Charges from before days were kept."""
    charge = charged(them, from_date=date(2026, 9, 2))
    Charge.objects.update(first_date=None, last_date=None)
    assert grants(asks(charge, them), them).state == "granted"
