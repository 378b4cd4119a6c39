"""Reads of the books, for pages and API: one file a subject."""

from schools.finance.queries.charging import (
    charge,
    charges,
    doubled_charges,
    hardship_without_waiver,
    not_charged_after,
    periods_over,
    run,
    runs,
)
from schools.finance.queries.closing import MonthState, months, statement, statements, statements_of
from schools.finance.queries.family import OwnBill, agreements_of, own_agreement, own_bills, own_payment
from schools.finance.queries.paying import (
    agreement,
    agreement_by_number,
    is_booked,
    owed_by,
    payment,
    payments,
)
from schools.finance.queries.plans import (
    ended_plan,
    is_collector_forbidden,
    plan,
    policy_or_none,
    running_plan,
    service_ends,
    terms,
)
from schools.finance.queries.returning import (
    exits_to_compute,
    refund,
    refund_counts,
    refunds,
    refunds_on_the_way,
    refunds_prepared_by,
    refunds_to_issue,
)
from schools.finance.queries.rows import balances, kinds, transfer, transfers
from schools.finance.queries.settling import is_settled, rounds_of, settlement, share, shares
from schools.finance.queries.spending import expenditure, expenditures, pending_expenditure
from schools.finance.queries.waiting import waiting_for

__all__ = [
    "MonthState",
    "OwnBill",
    "agreement",
    "agreement_by_number",
    "agreements_of",
    "balances",
    "charge",
    "charges",
    "doubled_charges",
    "ended_plan",
    "exits_to_compute",
    "expenditure",
    "expenditures",
    "hardship_without_waiver",
    "is_booked",
    "is_collector_forbidden",
    "is_settled",
    "kinds",
    "months",
    "not_charged_after",
    "owed_by",
    "own_agreement",
    "own_bills",
    "own_payment",
    "payment",
    "payments",
    "pending_expenditure",
    "periods_over",
    "plan",
    "policy_or_none",
    "refund",
    "refund_counts",
    "refunds",
    "refunds_on_the_way",
    "refunds_prepared_by",
    "refunds_to_issue",
    "rounds_of",
    "run",
    "running_plan",
    "runs",
    "service_ends",
    "settlement",
    "share",
    "shares",
    "statement",
    "statements",
    "statements_of",
    "terms",
    "transfer",
    "transfers",
    "waiting_for",
]
