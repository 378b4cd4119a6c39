"""Reads of the settlement: its rounds, and each family's part."""

from uuid import UUID

from django.db.models import QuerySet

from schools.finance.models import Settlement, Share
from schools.finance.states import SettlementState


def rounds_of(term_code: str) -> list[Settlement]:
    """Every round that counts, the latest first: that one may still be open, the others have made their refunds."""
    rows = Settlement.objects.filter(term_code=term_code).exclude(state=SettlementState.VOID)
    return list(rows.order_by("-round", "-pk"))


def settlement(settlement_id: UUID) -> Settlement:
    """Raises Settlement.DoesNotExist."""
    return Settlement.objects.get(pk=settlement_id)


def shares(settlement: Settlement) -> QuerySet[Share]:
    """With the child."""
    return settlement.shares.select_related("agreement__pupil__school_class")


def share(share_id: UUID) -> Share:
    """Raises Share.DoesNotExist."""
    return Share.objects.select_related("settlement", "agreement__pupil__school_class").get(pk=share_id)


def is_settled(term_code: str) -> bool:
    """Whether the refunds of the term have been made."""
    return Settlement.objects.filter(term_code=term_code, state=SettlementState.BATCHED).exists()
