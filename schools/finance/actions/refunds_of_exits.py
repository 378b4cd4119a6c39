"""Refunds of an exit that have not been sent: void where what they rest on has changed; another one is made (S37)."""

from datetime import datetime

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.finance.gathering import NOT_POSTED
from schools.finance.models import Refund, RefundCause
from schools.finance.states import RefundState


def void_open(agreement: Agreement, *, by: User | None, now: datetime) -> Fen:
    """Under the lock of the books. Gives their sum: so much is the family's again."""
    rows = Refund.objects.filter(agreement=agreement, cause=RefundCause.EXIT, state__in=NOT_POSTED)
    return Fen(sum(void(row, by=by, now=now) for row in rows.order_by("pk")))


def void(row: Refund, *, by: User | None, now: datetime) -> int:
    """One that has not been sent. Gives its sum, in fen."""
    Refund.objects.filter(pk=row.pk).update(state=RefundState.VOID, voided_at=now)
    details = {"amount_fen": row.amount_fen, "before": row.state}
    audit.record(verb="finance.refund.void", target=row, by=by, at=now, details=details)
    return row.amount_fen
