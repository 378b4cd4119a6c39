"""Says that the roll has changed: the day, its month and its term are computed anew."""

from collections.abc import Collection
from datetime import date, datetime

from afterbell.outbox import actions as outbox
from tenants.models import Term


def roll_changed(*, days: Collection[date], now: datetime) -> None:
    """Call it in the action's transaction."""
    terms = Term.objects.filter(first_date__lte=max(days), last_date__gte=min(days)).values_list(
        "code", flat=True
    )
    outbox.mark(
        now=now, days=sorted(days), months=sorted({f"{day:%Y-%m}" for day in days}), terms=sorted(terms)
    )
