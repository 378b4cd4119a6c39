"""Publishing the day's tables of participation, once, after the nightly pass (settings.AFTER_FULL_PASS)."""

from datetime import datetime

from django.db import transaction

from afterbell.audit import actions as audit
from afterbell.kernel.dates import local_date
from afterbell.kernel.ids import uuid7
from oversight.disclosure import participation, queries, releases
from oversight.disclosure.models import Release
from tenants import context


def publish(*, now: datetime) -> int:
    """Of each term that has begun, what today shows; a term that is over only where it shows something else than before.

    Returns how many are new: a second pass of the day, or another one at the same time, publishes nothing.
    """
    day, made = local_date(now), 0
    as_of = queries.pulse().as_of
    for term in queries.terms(now):
        with context.in_city():
            last = releases.last(term.code)
        if term.first_date > day or (last is not None and last.day >= day):
            continue
        grids = participation.kept(participation.grids(*queries.areas(term.code)))
        if not grids or (last is not None and term.last_date < day and last.tables == grids):
            continue
        with transaction.atomic(), context.in_city():
            row = Release(id=uuid7(), term_code=term.code, day=day, as_of=as_of, tables=grids, made_at=now)
            Release.objects.bulk_create([row], ignore_conflicts=True)
            if not Release.objects.filter(pk=row.pk).exists():
                continue
            audit.record(
                verb="disclosure.publish",
                target=row,
                by=None,
                at=now,
                details={"term": term.code, "day": day},
            )
            made += 1
    return made
