"""What `afterbell verify` checks of facts and roll-ups: what is kept equals a recomputation, once the marks are taken."""

from collections.abc import Iterator

from django.db import connections
from django.utils import timezone

from afterbell.outbox.models import Mark
from oversight.facts import actions, rollups
from tenants import queries
from tenants.context import PUBLIC, current_schema


def broken_promises() -> Iterator[str]:
    """How many facts of the school, or roll-ups of the city, differ; the comparison is rolled back."""
    if current_schema() == PUBLIC:
        yield from rollups.broken_promises()
        return
    if Mark.objects.exists():
        return  # marked facts are known to be old
    school = queries.school_by_id(connections["default"].tenant.pk)  # type: ignore[attr-defined]  # of tenants.backend
    drift = actions.drift(school=school, now=timezone.now())
    if drift:
        yield f"{drift} facts differ from their recomputation"
