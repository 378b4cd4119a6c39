"""What two persons approved, as one digest: the audit log keeps it, so that a row changed afterwards is found."""

from hashlib import sha256
from typing import Final

from schools.finance.models import Expenditure

FIELDS: Final = (
    "id", "term_code", "kind", "item", "title", "payee_kind", "payee", "contract_id", "provider_id", "warning",
    "decision_reason", "amount_fen", "spent_date", "requested_by_id", "decided_by_id",
)  # fmt: skip


def digest(row: Expenditure) -> str:
    """SHA-256 over a line for each field: what, for whom, when, how much, by whom and why."""
    lines = "".join(f"{name}: {getattr(row, name)}\n" for name in FIELDS)
    return sha256(lines.encode()).hexdigest()
