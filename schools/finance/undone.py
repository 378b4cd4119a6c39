"""Which payments and expenditure were undone: the books say it, the row itself is never edited (S36)."""

from typing import Any, TypeVar

from django.db.models import CharField, OuterRef, QuerySet, Subquery
from django.db.models import Value as Is
from django.db.models.functions import Cast, Coalesce, Concat

from schools.finance.models import Expenditure, Payment, Transfer, TransferKind

Booked = TypeVar("Booked", Payment, Expenditure)


def marked(rows: QuerySet[Booked]) -> QuerySet[Booked]:
    """The rows with `undone_at` (None while it stands) and `undone_reason` (of ReversalReason; rows from before there
    were reasons have none). No query of its own: whoever shows a booking reads it through here.
    """
    kind = TransferKind.PAYMENT if rows.model is Payment else TransferKind.EXPENDITURE
    key = Concat(Is(f"{kind.value}:"), Cast(OuterRef("pk"), CharField()), output_field=CharField())
    undoing = Transfer.objects.filter(reverses__key=key)
    told: dict[str, Any] = {
        "undone_at": Subquery(undoing.values("posted_at")),
        "undone_reason": Coalesce(Subquery(undoing.values("reason")), Is("")),
    }
    return rows.annotate(**told)
