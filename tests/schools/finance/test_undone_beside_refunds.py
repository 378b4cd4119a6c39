"""A payment that bounced takes along what was to go back of it (S37): a draft never rests on money that did not come."""

from datetime import date, timedelta

import pytest
from django.db.models import F

from schools.committee.models import Subject
from schools.finance import actions, gathering, promises
from schools.finance.actions import reversals
from schools.finance.models import Refund, Settlement, Transfer
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage


@pytest.fixture
def books(north):
    stage.the_term("wuzhou")
    with in_school(north):
        them, plan = stage.people(), stage.monthly_plan(10000)
        activity = makers.an_activity(plan)
        stage.sessions(activity, date(2026, 9, 1), 20, state="closed")
        families = [stage.a_family(plan, activity, school_signed_by=them.principal) for _ in range(2)]
        actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
        yield them, families


def leaves(family):
    family.refresh_from_db()
    family.state, family.ended_at, family.until_date = "ended", NOON, date(2026, 9, 25)
    family.save()
    actions.after_exit(agreement=family, by=None, now=NOON)


def bounces(payment, them, now=stage.NEXT):
    row = Transfer.objects.get(key=f"payment:{payment.pk}")
    return reversals.reverse_transfer(transfer=row, reason="bounced", by=them.principal, now=now)


def standing(family):
    return gathering.standings(makers.TERM, family.pk)[family.pk]


def open_drafts(family):
    return list(Refund.objects.filter(agreement=family, state="draft").values_list("amount_fen", flat=True))


@pytest.mark.parametrize(
    ("ahead", "left"), [((3000,), []), ((3000, 1000), [1000]), ((1000, 3000), [3000])], ids=str
)
def test_a_draft_of_an_exit_is_what_is_left_of_the_money(books, ahead, left):
    them, (stays, goes) = books
    stage.pays(stays, 10000, by=them.clerk)
    stage.pays(goes, 10000, by=them.clerk)
    first, *_more = [stage.pays(goes, fen, by=them.clerk) for fen in ahead]
    leaves(goes)
    assert open_drafts(goes) == [sum(ahead)]
    bounces(first, them)
    assert open_drafts(goes) == left
    assert standing(goes).net_paid == standing(goes).due == 10000
    for refund in Refund.objects.filter(agreement=goes, state="draft"):
        assert "冲正" in refund.explanation
        actions.issue_refund(refund=refund, by=them.principal, now=stage.NEXT)
    assert standing(goes).net_paid == standing(goes).due
    assert list(promises.broken_promises()) == []


def test_what_is_owed_after_it_is_owed_whatever_was_drafted(books):
    """The bounced payment was the fee itself: nothing goes back, and the family owes what it does."""
    them, (stays, goes) = books
    stage.pays(stays, 10000, by=them.clerk)
    fee, _ahead = stage.pays(goes, 10000, by=them.clerk), stage.pays(goes, 3000, by=them.clerk)
    leaves(goes)
    bounces(fee, them)
    assert open_drafts(goes) == []
    assert standing(goes).balance == 7000
    assert list(promises.broken_promises()) == []


def test_money_that_has_left_is_not_taken_back_by_a_draft(books):
    them, (stays, goes) = books
    stage.pays(stays, 10000, by=them.clerk)
    fee, _ahead = stage.pays(goes, 10000, by=them.clerk), stage.pays(goes, 3000, by=them.clerk)
    leaves(goes)
    actions.issue_refund(refund=Refund.objects.get(agreement=goes), by=them.principal, now=stage.NEXT)
    bounces(fee, them)
    assert (standing(goes).balance, open_drafts(goes)) == (10000, [])
    assert list(promises.broken_promises()) == []


def test_its_own_draft_does_not_hold_up_what_bounced(books):
    """All that was paid is spent but for the 30.00 that came back: nothing else is promised to anybody."""
    them, (_stays, goes) = books
    stage.pays(goes, 10000, by=them.clerk)
    ahead = stage.pays(goes, 3000, by=them.clerk)
    stage.spends(10000, them)
    leaves(goes)
    bounces(ahead, them)
    assert open_drafts(goes) == []
    assert list(promises.broken_promises()) == []


def test_a_settlement_stands_as_it_counted_whatever_is_void_since(books):
    """30.00 of an exit were on their way when the term was settled, and were counted; what they rested on bounced later."""
    them, (stays, goes) = books
    stage.pays(stays, 10000, by=them.clerk)
    stage.pays(goes, 10000, by=them.clerk)
    ahead = stage.pays(goes, 3000, by=them.clerk)
    leaves(goes)
    stage.closes_the_term(them)
    made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=stage.OVER)
    passed = makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
    actions.resolution_closed(resolution=passed, by=them.chair, now=stage.OVER)
    made.refresh_from_db()
    actions.batch_settlement(settlement=made, by=them.principal, now=stage.OVER)
    assert (made.refunded_fen, list(promises.broken_promises())) == (3000, [])
    bounces(ahead, them, stage.OVER + timedelta(days=1))
    assert Refund.objects.get(agreement=goes, cause="exit").state == "void"
    assert list(promises.broken_promises()) == []


def test_verify_still_names_a_settlement_that_counted_another_sum(books):
    them, (stays, _goes) = books
    stage.pays(stays, 10000, by=them.clerk)
    stage.closes_the_term(them)
    made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=stage.OVER)
    passed = makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
    actions.resolution_closed(resolution=passed, by=them.chair, now=stage.OVER)
    made.refresh_from_db()
    actions.batch_settlement(settlement=made, by=them.principal, now=stage.OVER)
    Settlement.objects.update(refunded_fen=1, received_fen=F("received_fen") + 1)
    assert any("it counted 1 fen of refunds" in said for said in promises.broken_promises())
