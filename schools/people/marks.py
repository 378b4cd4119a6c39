"""Says that the roll has changed: the days, their months, and every term that is not over are computed anew.

Who joins or leaves today is counted in the coming term too, once it is asked about or planned.
"""

from collections.abc import Collection
from datetime import date, datetime

from afterbell.outbox import actions as outbox
from tenants.models import Term


def roll_changed(*, days: Collection[date], now: datetime) -> None:
    """Call it in the action's transaction."""
    terms = Term.objects.filter(last_date__gte=min(days)).values_list("code", flat=True)
    outbox.mark(
        now=now, days=sorted(days), months=sorted({f"{day:%Y-%m}" for day in days}), terms=sorted(terms)
    )
