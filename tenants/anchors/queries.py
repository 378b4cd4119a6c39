"""Reads of the anchors and of how each chain stands. In the city; no school means the city's own chain."""

from collections.abc import Collection
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from afterbell.audit.chain import Anchor
from tenants import queries
from tenants.anchors.models import ChainAnchor, ChainState, Verification
from tenants.models import School
from tenants.states import SchoolState

LATE: Final = timedelta(hours=2)
"""Anchored hourly: a chain that no pass has read for longer waits for one that does not come."""


def of_chain(school_id: UUID | None) -> list[Anchor]:
    """All of one chain, in the order of their positions. One query."""
    rows = ChainAnchor.objects.filter(school=school_id).order_by("position", "at")
    return [Anchor(*row) for row in rows.values_list("position", "hash")]


def last_ones(schools: Collection[UUID]) -> dict[UUID | None, ChainAnchor]:
    """The furthest of each school and of the city (None); without those that have none. One query."""
    rows = ChainAnchor.objects.filter(Q(school__in=schools) | Q(school=None))
    rows = rows.order_by("school", "-position", "-at", "-pk").distinct("school")
    return {row.school_id: row for row in rows}


def in_service() -> list[School]:
    """Whose chains can be read. One query."""
    return list(queries.schools().filter(state=SchoolState.ACTIVE))


def states() -> QuerySet[ChainState]:
    """Of every chain that was ever looked at, the school and district beside it."""
    return ChainState.objects.select_related("school__district")


def running() -> Verification | None:
    """The one that is not done. One query."""
    return Verification.objects.filter(done_at__isnull=True).first()


def verified(verification: Verification) -> int:
    """How many of its chains are done. One query."""
    return ChainState.objects.filter(verification=verification).count()
