"""Marks facts as dirty, in the transaction of the action that changed them."""

from collections.abc import Iterable
from datetime import date, datetime

from afterbell.outbox.models import Grain, Mark


def mark(
    *, now: datetime, days: Iterable[date] = (), months: Iterable[str] = (), terms: Iterable[str] = ()
) -> None:
    """Say which days, months (2026-09) and terms (2026-2027-1) must be computed anew.

    One row each, never merged here: a mark that is merged into one that the roll-up just took would be lost
    (architecture §5).
    """
    buckets = [
        *((Grain.DAY, day.isoformat()) for day in days),
        *((Grain.MONTH, month) for month in months),
        *((Grain.TERM, term) for term in terms),
    ]
    Mark.objects.bulk_create(
        [Mark(grain=grain, bucket=bucket, marked_at=now) for grain, bucket in dict.fromkeys(buckets)]
    )
