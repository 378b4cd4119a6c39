"""Reads of the anchors: of one school, and the last one of each. In the city."""

from collections.abc import Collection
from uuid import UUID

from afterbell.audit.chain import Anchor
from tenants.anchors.models import ChainAnchor


def of_school(school_id: UUID) -> list[Anchor]:
    """In their order. One query."""
    rows = ChainAnchor.objects.filter(school=school_id).order_by("position")
    return [Anchor(*row) for row in rows.values_list("position", "hash")]


def last_ones(schools: Collection[UUID]) -> dict[UUID, ChainAnchor]:
    """By school; without those that have none. One query."""
    rows = ChainAnchor.objects.filter(school__in=schools).order_by("school", "-position").distinct("school")
    return {row.school_id: row for row in rows}
