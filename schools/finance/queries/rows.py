"""Reads of the books: rows, and what the accounts hold."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Sum

from afterbell.kernel.money import Fen
from schools.finance import accounts
from schools.finance.models import Account, Transfer, TransferKind


def transfers(term_code: str, *, month: str = "", kind: str = "", cost_kind: str = "") -> QuerySet[Transfer]:
    """Rows of the books; a kind has its reversals with it, so that the rows sum to the number they stand behind."""
    found = Transfer.objects.filter(term_code=term_code).select_related(
        "debit__agreement", "credit__agreement"
    )
    if month:
        found = found.filter(month=month)
    if kind:
        found = found.filter(Q(kind=kind) | Q(reverses__kind=kind))
    if cost_kind:
        found = found.filter(cost_kind=cost_kind)
    return found.annotate(is_reversed=Exists(Transfer.objects.filter(reverses=OuterRef("pk"))))


def transfer(transfer_id: UUID) -> Transfer:
    """Raises Transfer.DoesNotExist."""
    return Transfer.objects.select_related("debit", "credit").get(pk=transfer_id)


def balances(term_code: str) -> dict[str, Fen]:
    """Money held; what families owe, and what is owed to them. One query."""
    families = ~Q(agreement=None)
    found = Account.objects.filter(term_code=term_code).aggregate(
        cash=Sum("balance_fen", filter=Q(code=accounts.CASH), default=0),
        families_owe=Sum("balance_fen", filter=families & Q(balance_fen__gt=0), default=0),
        owed_to_families=Sum("balance_fen", filter=families & Q(balance_fen__lt=0), default=0),
    )
    return {
        "cash": Fen(found["cash"]),
        "families_owe": Fen(found["families_owe"]),
        "owed_to_families": Fen(-found["owed_to_families"]),
    }


def kinds() -> list[tuple[str, str]]:
    """For the filter of the rows."""
    return [(kind.value, str(kind.label)) for kind in TransferKind]
