"""Reads what a run would give back at once to those of it who have left: the preview shows both sums."""

from collections.abc import Mapping
from uuid import UUID

from afterbell.kernel.money import Fen
from schools.finance.lines import given_back
from schools.finance.runs import Draft


def returned(draft: Draft) -> Mapping[UUID, Fen]:
    """By agreement, of those who left before the plan's end; as charging them would do it. A fixed number of queries."""
    left = [line for line in draft.lines if line.agreement.has_left]
    return given_back(left, draft.plan, draft.billing.label) if left else {}
