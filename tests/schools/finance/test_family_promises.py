"""`afterbell verify` names what was moved in the tables from one family to another, or off its run, rule or vote (S37)."""

from datetime import date

import pytest

from afterbell.kernel.money import Fen
from schools.care.models import RollEntry
from schools.committee.models import Subject
from schools.finance import accounts, actions, ledger, promises
from schools.finance.ledger import Posting
from schools.finance.models import (
    Calculation,
    Charge,
    ChargeRun,
    Payment,
    Refund,
    Settlement,
    Share,
    TransferKind,
)
from tenants.context import in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage

OVER = stage.OVER


@pytest.fixture
def them(north):
    stage.the_term("national-2024", refund=stage.rules("ezhou")["refund"])
    with in_school(north):
        yield stage.people()


@pytest.fixture
def families(them):
    """Three have paid September; the first was away a day."""
    plan = stage.monthly_plan(7000)
    activity = makers.an_activity(plan)
    first, *_more = stage.sessions(activity, date(2026, 9, 7), 10, state="closed")
    made = [stage.a_family(plan, activity) for _ in range(3)]
    RollEntry.objects.create(session=first, agreement=made[0], pupil=made[0].pupil, state="absent")
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    for family in made:
        stage.pays(family, 7000)
    actions.refund_absences(plan=plan, period="2026-09", by=them.clerk, now=stage.NEXT)
    assert promises.broken_promise() is None
    return made


def payment_of_another(families, them):
    given = {
        "receipt_number": "R1",
        "provider_key": "zz",
        "amount_fen": 100,
        "paid_at": NOON,
        "recorded_at": NOON,
    }
    made = Payment.objects.create(agreement=families[0], **given)
    posting = Posting(
        TransferKind.PAYMENT, f"payment:{made.pk}", accounts.CASH, accounts.family(families[2].pk), Fen(100)
    )
    ledger.post(posting, term_code=makers.TERM, by=them.clerk, now=NOON)


def charge_of_another(families, _them):
    another = stage.a_family(families[0].plan)
    Charge.objects.filter(agreement=families[2]).update(agreement=another)


def refund_on_another_account(families, them):
    refund = Refund.objects.get()
    family = accounts.family(families[2].pk)
    _post(them, f"refund:{refund.pk}:1", family, accounts.CASH, refund.amount_fen)
    Refund.objects.update(state="confirmed", sent=1)


def money_out(families, them):
    _post(them, "money:out", accounts.family(families[2].pk), accounts.CASH, 100)


def credit_of_nothing(families, them):
    _post(them, "credit:bogus", accounts.FEES, accounts.family(families[2].pk), 5000)


def calculation_gone(_families, _them):
    Calculation.objects.all().delete()


def calculation_changed(_families, _them):
    Calculation.objects.update(credit_fen=1)


def run_taken_back_alone(_families, them):
    ChargeRun.objects.update(taken_back_at=NOON, taken_back_by=them.clerk, taken_back_reason="x")


def run_of_more_families(_families, _them):
    ChargeRun.objects.update(families=99)


def _post(them, key, debit, credit, fen):
    posting = Posting(TransferKind.REFUND, key, debit, credit, Fen(fen))
    ledger.post(posting, term_code=makers.TERM, by=them.principal, now=NOON)


@pytest.mark.parametrize(
    ("plant", "said"),
    [
        (payment_of_another, "its row of family"),
        (charge_of_another, "its row of family"),
        (refund_on_another_account, "its row of family"),
        (money_out, "stands for no row"),
        (credit_of_nothing, "stands for no row"),
        (calculation_gone, "stands for no row"),
        (calculation_changed, "its transfer"),
        (run_taken_back_alone, "taken back"),
        (run_of_more_families, "99 families"),
    ],
)
def test_what_is_planted_among_rows_is_named(families, them, plant, said):
    plant(families, them)
    assert said in (promises.broken_promise() or "")


@pytest.fixture
def settled(families, them):
    stage.spends(5000, them)
    stage.closes_the_term(them)
    made = actions.preview_settlement(term_code=makers.TERM, by=them.treasurer, now=OVER)
    passed = makers.a_passed_resolution(Subject.SETTLEMENT, object_id=made.pk)
    actions.resolution_closed(resolution=passed, by=them.chair, now=OVER)
    actions.batch_settlement(settlement=made, by=them.principal, now=OVER)
    assert promises.broken_promise() is None
    return made


def test_fen_moved_from_one_share_to_another_are_named(settled):
    one, other = Share.objects.filter(amount_fen__gt=500)[:2]
    for share, more in ((one, -500), (other, 500)):
        fen = share.amount_fen + more
        Share.objects.filter(pk=share.pk).update(amount_fen=fen)
        Refund.objects.filter(settlement=settled, agreement=share.agreement).update(amount_fen=fen)
    assert "its part is" in promises.broken_promise()


def test_a_settlement_written_off_has_no_refunds(settled):
    Settlement.objects.update(state="void")
    assert "is not batched" in promises.broken_promise()
