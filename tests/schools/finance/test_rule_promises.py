"""`afterbell verify` names what is planted among decisions and rules: waivers, approvals, holders, caps (S3, S36)."""

from datetime import date

import pytest
from django.db import connection

from afterbell.kernel.money import Fen
from schools.finance import accounts, actions, ledger, promises, rule_promises
from schools.finance.ledger import Posting
from schools.finance.models import Charge, TransferKind, Waiver
from tenants.context import as_owner, in_city, in_school
from tests import makers
from tests.city import NOON
from tests.schools.finance import stage
from tests.schools.finance.spending_stage import shop

OCTOBER = stage.NEXT


@pytest.fixture
def them(north):
    stage.the_term(
        "national-2024",
        caps=[{"per": "month", "fen": 10000, "meaning": "ceiling"}],
        waivers=[
            {"code": "hardship", "name": "困难", "reduction_percent": None},
            {"code": "orphan", "name": "孤儿", "reduction_percent": 100},
        ],
    )
    with in_school(north):
        yield stage.people()


@pytest.fixture
def books(them):
    """Two families: one is let off half of September, and of October by the same decision; goods were bought."""
    plan = stage.monthly_plan(8000)
    poor, other = (stage.a_family(plan) for _ in range(2))
    actions.charge_period(plan=plan, period="2026-09", by=them.clerk, now=NOON)
    stage.waives(poor.charges.get(), them, fen=4000, now=NOON.replace(hour=6))
    actions.charge_period(plan=plan, period="2026-10", by=them.clerk, now=OCTOBER)
    stage.pays(other, 16000, at=OCTOBER)
    asked = stage.asks(500, them, kind="materials", payee=shop("晨光文具店"), title="彩纸")
    actions.approve_expenditure(expenditure=asked, by=them.principal, now=OCTOBER)
    assert promises.broken_promise() is None
    return poor, other


def plant(*statements):
    """As somebody with the database's own password would."""
    with as_owner(connection.schema_name), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for statement in statements:
            cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("DELETE FROM finance_waiver", "no waiver was granted for it"),
        ("UPDATE finance_waiver SET state = 'refused', refusal_reason = 'x'", "no waiver was granted for it"),
        (
            "UPDATE finance_waiver SET reason = 'teachers_child'",
            "is waived for hardship, no waiver was granted",
        ),
        (
            "UPDATE finance_waiver SET reason = 'teachers_child';"
            "UPDATE finance_charge SET waiver_reason = 'teachers_child' WHERE waived_fen > 0",
            "is for teachers_child, which is no reason of the rules",
        ),
        ("UPDATE finance_waiver SET asked_fen = 8000", "grants 8000 fen, its charge waives 4000"),
        (
            "UPDATE finance_account SET holder = 'committee' WHERE code = 'cash'",
            "held by committee, the rules say school",
        ),
        ("UPDATE finance_charge SET cap_fen = NULL", "has no fen as its cap, the rules give 10000"),
        ("UPDATE finance_charge SET cap_fen = 10001", "has 10001 fen as its cap, the rules give 10000"),
        *(
            (f"UPDATE finance_expenditure SET {change}", "was changed after it was approved")
            for change in (
                "payee = '阳光教育'",
                "title = '彩笔'",
                "spent_date = '2026-09-02'",
                "item = 'books'",
                "decision_reason = 'x'",
                "requested_by_id = (SELECT id FROM accounts_user WHERE name = '孙老师')",
            )
        ),
    ],
)
def test_what_is_planted_in_the_tables_is_named(books, statement, said):
    plant(*statement.split(";"))
    assert said in (promises.broken_promise() or "")


def test_an_amount_that_was_changed_is_named_by_the_row_itself(books):
    """The ledger names it first; the digest does so alone, too."""
    plant("UPDATE finance_expenditure SET amount_fen = 501")
    assert "expenditure" in promises.broken_promise()
    assert "changed after it was approved" in next(rule_promises.approved_rows_are_as_they_were_approved())


def test_an_expenditure_that_nobody_approved_is_named(books):
    plant("UPDATE audit_entry SET target = 'x' WHERE verb = 'finance.expenditure.approve'")
    assert "the audit log has nobody who did it" in promises.broken_promise()


@pytest.mark.parametrize("reason", ["orphan", "friend"])
def test_a_full_waiver_without_a_row_is_named_though_the_books_agree(books, them, reason):
    """Posted as a waiver is, by somebody who can write rows."""
    _poor, other = books
    charge = other.charges.order_by("period").first()
    family = accounts.family(other.pk)
    posting = Posting(TransferKind.WAIVER, f"waiver:{charge.pk}", accounts.FEES, family, Fen(8000))
    ledger.post(posting, term_code=makers.TERM, by=them.clerk, now=OCTOBER)
    plant(f"UPDATE finance_charge SET waived_fen = 8000, waiver_reason = '{reason}' WHERE id = '{charge.pk}'")
    assert f"charge {charge.pk} is waived for {reason}, no waiver" in promises.broken_promise()


def test_a_waiver_that_waives_nothing_is_named(books, them):
    """Granted in the table; nothing of the fee was taken off."""
    _poor, other = books
    charge = other.charges.order_by("period").first()
    Waiver.objects.create(
        charge=charge, reason="hardship", proof="低保证 9", asked_fen=100, state="granted", requested_by=them.clerk,
        requested_at=NOON, decided_by=them.principal, decided_at=NOON,
    )  # fmt: skip
    assert f"nothing of charge {charge.pk} is waived" in promises.broken_promise()


def test_what_was_carried_on_and_what_was_withdrawn_breaks_nothing(books, them):
    """The right ways: by the same decision, by a new one, back again."""
    poor, other = books
    carried = poor.charges.get(period="2026-10")
    assert (carried.waived_fen, carried.waivers.count()) == (4000, 0)
    stage.waives(other.charges.get(period="2026-10"), them, "orphan", now=OCTOBER)
    assert promises.broken_promise() is None
    deputy = makers.a_user("deputy")
    actions.withdraw_waiver(
        waiver=Waiver.objects.get(reason="hardship"), reason="弄错了", by=deputy, now=OCTOBER
    )
    assert promises.broken_promise() is None


@pytest.mark.parametrize("state", ["ended", "void"])
def test_a_doubled_charge_is_named_whatever_the_agreement_is_called(books, them, state):
    """S27: of the same child, with its transfer, covering nothing so that the database lets it in."""
    poor, _other = books
    poor.application.state = "withdrawn"
    poor.application.save()
    given = {"guardian": poor.application.guardian, "school_signed_by": them.principal}
    second = makers.an_agreement(poor.pupil, plan=poor.plan, state="ended", ended_at=NOON, **given)
    first = poor.charges.get(period="2026-09")
    doubled = Charge.objects.create(
        agreement=second, term_code=makers.TERM, period="2026-09", first_date=date(2026, 9, 1),
        last_date=date(2026, 9, 30), covers="empty", unit="month", units=1, fee_fen=8000, gross_fen=8000,
        collector="school", created_at=NOON,
    )  # fmt: skip
    posting = Posting(
        TransferKind.CHARGE, f"charge:{doubled.pk}", accounts.family(second.pk), accounts.FEES, Fen(8000)
    )
    ledger.post(posting, term_code=makers.TERM, by=them.clerk, now=NOON)
    plant(f"UPDATE enrolment_agreement SET state = '{state}' WHERE id = '{second.pk}'")
    found = promises.broken_promise() or ""
    assert "stand for the same days of one child" in found
    assert str(doubled.pk) in found
    assert str(first.pk) in found


def test_rules_that_came_later_change_nothing_of_what_was_done(books):
    """A lower cap and another list from October on, published after October had been charged."""
    with in_city():
        makers.a_policy(
            stage.rules(
                caps=[{"per": "month", "fen": 100, "meaning": "ceiling"}],
                waivers=[],
                collector="committee",
            ),
            valid_from_date=date(2026, 9, 1),
            created_at=OCTOBER.replace(day=9),
        )
    assert promises.broken_promise() is None


@pytest.mark.parametrize("families", [2, 12])
def test_a_fixed_number_of_queries(them, families, django_assert_num_queries):
    plan = stage.monthly_plan(8000)
    signer = makers.a_user("principal")
    for _ in range(families):
        stage.a_family(plan, school_signed_by=signer)
    for period in ("2026-09", "2026-10"):
        actions.charge_period(plan=plan, period=period, by=them.clerk, now=OCTOBER)
    for charge in Charge.objects.filter(period="2026-09"):
        stage.waives(charge, them, fen=100, now=OCTOBER)
    with django_assert_num_queries(22):
        assert [line for check in rule_promises.CHECKS for line in check()] == []
