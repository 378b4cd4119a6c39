"""Marks facts as dirty, in the transaction of the action that changed them."""

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.db import connections, transaction

from afterbell.kernel.strings import dotted
from afterbell.outbox.models import Grain, Mark


def mark(
    *, now: datetime, days: Iterable[date] = (), months: Iterable[str] = (), terms: Iterable[str] = ()
) -> None:
    """Say which days, months (2026-09) and terms (2026-2027-1) must be computed anew, and wake the roll-up after commit.

    One row each, never merged with rows that are there: a mark merged into one that the roll-up just took would be
    lost (architecture §5).
    """
    buckets = [
        *((Grain.DAY, day.isoformat()) for day in days),
        *((Grain.MONTH, month) for month in months),
        *((Grain.TERM, term) for term in terms),
    ]
    Mark.objects.bulk_create(
        [Mark(grain=grain, bucket=bucket, marked_at=now) for grain, bucket in dict.fromkeys(buckets)]
    )
    school_id = str(connections["default"].tenant.pk)  # type: ignore[attr-defined]  # of tenants.backend
    transaction.on_commit(lambda: dotted(settings.OUTBOX_WAKE)(school_id))
