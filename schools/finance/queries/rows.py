"""Reads of the books: rows, and what the accounts hold."""

from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from afterbell.kernel.money import Fen
from schools.finance import accounts, owing
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
    """Money held; what families owe, and what is owed to them, as their bills say it (owing.py)."""
    cash = Account.objects.filter(term_code=term_code, code=accounts.CASH)
    families = owing.of_term(term_code).values()
    return {
        "cash": Fen(cash.values_list("balance_fen", flat=True).first() or 0),
        "families_owe": Fen(sum(each.owes for each in families)),
        "owed_to_families": Fen(sum(each.gets for each in families)),
    }


def kinds() -> list[tuple[str, str]]:
    """For the filter of the rows."""
    return [(kind.value, str(kind.label)) for kind in TransferKind]
