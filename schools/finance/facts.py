"""What the city may know of the books: sums by month, asked for the months that changed."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Min, Q, Sum
from django.db.models.functions import Coalesce

from afterbell.kernel.dates import local_date
from schools.finance import accounts, doubled, gathering, owing, proofs, rules
from schools.finance.models import Account, Refund, Settlement, Statement, Transfer, TransferKind
from schools.finance.states import RefundState, SettlementState
from schools.planning.models import CostKind
from tenants.models import Term
from tenants.policies.queries import NoPolicyInForce

MonthKey = tuple[str, str]
"""(month, term)."""
FIELD_OF: dict[str, str] = {
    TransferKind.CHARGE: "charged_fen",
    TransferKind.WAIVER: "waived_fen",
    TransferKind.PAYMENT: "received_fen",
    TransferKind.REFUND: "refunded_fen",
}
COST_FIELD: dict[str, str] = {
    CostKind.STAFF: "staff_fen",
    CostKind.MATERIALS: "materials_fen",
    CostKind.OTHER: "other_fen",
}
ON_PAPER: Final = Q(Q(kind=TransferKind.REFUND) | Q(reverses__kind=TransferKind.REFUND)) & (
    Q(debit__code=accounts.FEES) | Q(credit__code=accounts.FEES)
)
"""A fee that is given back, not yet in money; or that is owed again, because it is calculated again or was undone."""
OF_SETTLED_TERMS: Final = (
    "settled_at", "surplus_fen", "surplus_returned_fen", "surplus_unsettled_fen", "surplus_later_fen",
    "surplus_later_due_date", "shortfall_fen",
)  # fmt: skip
FIELDS = (*FIELD_OF.values(), *COST_FIELD.values())


def of_months(months: Collection[str]) -> dict[MonthKey, dict[str, Any]]:
    """Sums of each month and term in the books; a reversal counts against what it reverses, in its own month."""
    facts: dict[MonthKey, dict[str, Any]] = defaultdict(nothing)
    rows = (
        Transfer.objects.filter(month__in=months)
        .exclude(ON_PAPER)
        .annotate(of_kind=Coalesce("reverses__kind", "kind"))
        .values("month", "term_code", "of_kind", "cost_kind")
        .annotate(
            plus=Sum("amount_fen", filter=Q(reverses__isnull=True), default=0),
            minus=Sum("amount_fen", filter=Q(reverses__isnull=False), default=0),
        )
    )
    for row in rows:
        field = COST_FIELD.get(row["cost_kind"]) or FIELD_OF.get(row["of_kind"])
        if field:
            facts[row["month"], row["term_code"]][field] += row["plus"] - row["minus"]
    for statement in Statement.objects.filter(month__in=months).only(
        "month", "term_code", "due_date", "published_at", "sha256"
    ):
        facts[statement.month, statement.term_code].update(
            statement_due_date=statement.due_date,
            statement_published_at=statement.published_at,
            statement_sha256=statement.sha256,
        )
    return dict(facts)


def of_term(term_code: str) -> dict[str, Any]:
    """When the term was settled, what was left over or is missing, how much the families have; who was charged twice."""
    rounds = Settlement.objects.filter(term_code=term_code, state=SettlementState.BATCHED)
    last = rounds.order_by("-round").first()
    found = dict.fromkeys(OF_SETTLED_TERMS) if last is None else _settled(term_code, last)
    return {**found, **_charged_twice(term_code), **_collected(term_code)}


def _collected(term_code: str) -> dict[str, Any]:
    """What families are to pay, what of that has come, and what was paid above it; null without books.

    Family by family: who paid ahead does not make up for who has not paid. Worked: of two families with 100.00 each,
    one paid 150.00 and one nothing: 100.00 of 200.00 has come, 50.00 was paid ahead. What a service that ended early
    takes off is not to be paid, as the bills say it (owing.py).
    """
    fees = Account.objects.filter(term_code=term_code, code=accounts.FEES)
    booked = fees.values_list("balance_fen", flat=True).first()
    if booked is None:
        return {"due_fen": None, "paid_due_fen": None, "paid_ahead_fen": None}
    families = owing.of_term(term_code).values()
    due = max(0, -booked - sum(each.taken_off for each in families))
    return {
        "due_fen": due,
        "paid_due_fen": max(0, due - sum(each.owes for each in families)),
        "paid_ahead_fen": sum(each.gets for each in families),
    }


def _settled(term_code: str, last: Settlement) -> dict[str, Any]:
    """What all rounds gave to families, and what came after the last one and waits for another; below zero the gap.

    A round with a gap takes nothing from what a later one has to give back. Worked: a gap of 100.00, then 180.00 come
    late: 80.00 are left over. Missing is what families are to get of their own and the account does not hold.
    """
    rounds = Settlement.objects.filter(term_code=term_code, state=SettlementState.BATCHED)
    given = Refund.objects.filter(term_code=term_code, settlement__isnull=False).aggregate(
        fen=Sum("amount_fen", default=0),
        confirmed=Sum("amount_fen", filter=Q(state=RefundState.CONFIRMED), default=0),
    )
    held = gathering.unshared(term_code)
    waits = max(0, held)
    return {
        "settled_at": rounds.aggregate(first=Min("batched_at"))["first"],
        "surplus_fen": given["fen"] + waits or min(0, held),
        "surplus_returned_fen": given["confirmed"],
        "surplus_unsettled_fen": waits,
        "shortfall_fen": max(0, proofs.owed(last).missing - held),
        **_later(term_code, last, waits),
    }


def _later(term_code: str, last: Settlement, waits: int) -> dict[str, Any]:
    """Of the surplus, what later rounds have on its way and what waits for one: due by a date of its own.

    The policy's days for a return, from the round that it is of, or from the day on which the money came.
    """
    open_ones = Refund.objects.filter(term_code=term_code, settlement__round__gt=1).exclude(
        state=RefundState.CONFIRMED
    )
    found = open_ones.aggregate(fen=Sum("amount_fen", default=0), since=Min("settlement__batched_at"))
    since = [found["since"]]
    if waits:
        came = Transfer.objects.filter(gathering.CASH_IN, term_code=term_code, posted_at__gte=last.batched_at)
        since.append(came.aggregate(first=Min("posted_at"))["first"] or last.batched_at)
    known = [moment for moment in since if moment is not None]
    due = _due(term_code, local_date(min(known))) if known else None
    return {"surplus_later_fen": found["fen"] + waits, "surplus_later_due_date": due}


def _due(term_code: str, day: date) -> date | None:
    """None while no policy is in force, or where the city knows no such term."""
    term = Term.objects.filter(code=term_code).first()
    try:
        policy = rules.policy_on(term.first_date) if term is not None else None
    except NoPolicyInForce:
        policy = None
    return day + timedelta(days=policy.policy.deadlines.refund_days) if policy is not None else None


def _charged_twice(term_code: str) -> dict[str, Any]:
    """How many children; none where the city knows no such term."""
    term = Term.objects.filter(code=term_code).first()
    found = doubled.charges(term) if term is not None else []
    return {"children_charged_twice": len({each.pupil_id for each in found})}


def months_in_the_books() -> list[str]:
    """Every month that has a fact, for the full pass."""
    return list(Transfer.objects.order_by("month").values_list("month", flat=True).distinct())


def nothing() -> dict[str, Any]:
    """A month in which no money moved."""
    return {
        **dict.fromkeys(FIELDS, 0),
        "statement_due_date": None,
        "statement_published_at": None,
        "statement_sha256": "",
    }
