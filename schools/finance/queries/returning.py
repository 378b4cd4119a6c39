"""Reads of money that goes back: by state, by who may send it, and exits that wait for their sum."""

from uuid import UUID

from django.db.models import Count, Exists, OuterRef, QuerySet, Sum

from afterbell.accounts.models import User
from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import exit_doubts
from schools.finance.models import Calculation, Charge, Refund, RefundCause
from schools.finance.queries.settling import is_settled
from schools.finance.states import RefundState


def refunds(term_code: str, *, state: str = "") -> QuerySet[Refund]:
    """With the child."""
    rows = Refund.objects.filter(term_code=term_code).select_related("agreement__pupil__school_class")
    return rows.filter(state=state) if state else rows


def refund(refund_id: UUID) -> Refund:
    """Raises Refund.DoesNotExist."""
    return Refund.objects.select_related("agreement__pupil__school_class").get(pk=refund_id)


def refunds_to_issue(term_code: str, user: User) -> tuple[list[Refund], list[tuple[Refund, str]]]:
    """Drafts, and those that the bank sent back, that the user may send: not what the user prepared.

    Apart from them those that are looked at one by one first, each with why (exit_doubts.open_of).
    """
    rows = Refund.objects.filter(term_code=term_code, state__in=[RefundState.DRAFT, RefundState.FAILED])
    own_left_out = rows.exclude(prepared_by=user).select_related("agreement").defer("agreement__text")
    found = list(own_left_out.order_by("created_at", "pk"))
    doubts = exit_doubts.open_of(found)
    ready = [refund for refund in found if refund.pk not in doubts]
    return ready, [(refund, str(doubts[refund.pk])) for refund in found if refund.pk in doubts]


def refunds_prepared_by(term_code: str, user: User) -> int:
    """How many wait for somebody else because the user prepared them."""
    rows = Refund.objects.filter(term_code=term_code, state__in=[RefundState.DRAFT, RefundState.FAILED])
    return rows.filter(prepared_by=user).count()


def refunds_on_the_way(term_code: str) -> list[Refund]:
    """Issued, not yet confirmed."""
    rows = Refund.objects.filter(term_code=term_code, state=RefundState.ISSUED)
    return list(rows.order_by("created_at", "pk"))


def refund_counts(term_code: str) -> dict[str, tuple[int, Fen]]:
    """By state: how many, how much."""
    rows = Refund.objects.filter(term_code=term_code).values_list("state")
    return {state: (n, Fen(fen)) for state, n, fen in rows.annotate(n=Count("pk"), fen=Sum("amount_fen"))}


def exits_to_compute(term_code: str) -> list[Agreement]:
    """Ended, charged, and nobody has looked at what goes back; a settlement has looked at all that were left."""
    looked_at = Calculation.objects.filter(term_code=term_code, cause=RefundCause.EXIT, undone_at=None)
    standing = Charge.objects.filter(agreement=OuterRef("pk"), taken_back_at=None)
    rows = Agreement.objects.filter(Exists(standing), plan__term_code=term_code).exclude(
        state=AgreementState.ACTIVE
    )
    if is_settled(term_code):
        return []
    found = rows.exclude(pk__in=looked_at.values("agreement"))
    return list(found.select_related("pupil__school_class", "plan").order_by("ended_at", "pk"))
