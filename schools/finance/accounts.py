"""The accounts of a term's books and what each kind of event does to them.

Balance = debits − credits. Every transfer debits one account and credits another, so the balances always sum to 0.

    event        debit             credit            what it says
    charge       family:<id>       fees              the family owes a fee
    waiver       fees              family:<id>       a reason of the policy takes (a part of) it back
    payment      cash              family:<id>       money came in, the debt is smaller
    expenditure  cost:<kind>       cash              money went out for staff, materials or other allowed things
    refund (1)   fees              family:<id>       the fee is given back on paper: from now on we owe the family
    refund (2)   family:<id>       cash              the money goes back, when the refund is issued
    reversal     the credit        the debit         undoes exactly one transfer; nothing is ever edited

    cash         money held; may not go below zero (a constraint of the database)
    family:<id>  what the family of agreement <id> owes; below zero: what we owe it
    fees         below zero: fees earned
    cost:<kind>  spent on that kind
"""

from typing import Final
from uuid import UUID

CASH: Final = "cash"
FEES: Final = "fees"
FAMILY: Final = "family:"
COST: Final = "cost:"


def family(agreement_id: UUID) -> str:
    """The account of one agreement's family."""
    return f"{FAMILY}{agreement_id}"


def cost(kind: str) -> str:
    """The account of one kind of cost."""
    return f"{COST}{kind}"


def agreement_of(code: str) -> UUID | None:
    """Whose account it is; None for the others."""
    return UUID(code.removeprefix(FAMILY)) if code.startswith(FAMILY) else None
