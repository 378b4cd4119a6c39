"""Anchoring: hourly the city writes down where each audit chain ends, and looks whether the last end still lies on it.

A school stands in its own schema and can write into no anchor; the city stands in its own and can write into no school's
chain. Who rewrites a chain unseen has to have both, or be quicker than the hour. The city's own chain is anchored beside
them; who owns all of the city's tables can rewrite both, and is found by the line that each pass leaves in the logs.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import structlog
from django.db import transaction

from afterbell.audit import actions as audit
from afterbell.audit import queries as chains
from afterbell.audit.chain import Anchor, Flaw
from afterbell.kernel import locks
from tenants import context
from tenants.anchors import queries
from tenants.anchors.models import ChainAnchor, ChainFlaw, ChainState
from tenants.models import School

log = structlog.get_logger(__name__)
SEEN = ("position", "last_entry_at", "seen_at", "failure", "flaw", "flaw_position")


class Pass(NamedTuple):
    """What one pass did: new ends, chains newly found off an anchor, and chains that could not be read."""

    anchored: int
    broken: int
    failed: int


class Sight(NamedTuple):
    """One chain as a pass saw it; an `end` at position 0 is that of a chain without entries."""

    school_id: UUID | None
    end: Anchor
    last_entry_at: datetime | None
    end_flaw: Flaw | None
    """What is wrong with the head itself: it is anchored only where it lies on its chain."""
    last_flaw: Flaw | None
    """What is wrong where the chain was anchored last."""


def anchor_all(*, now: datetime) -> Pass:
    """The city's chain and that of every school in service, each failure its own. Two queries a chain."""
    with context.in_city():
        schools = queries.in_service()
        before = queries.last_ones([school.pk for school in schools])
    seen: list[Sight] = []
    failed: dict[UUID, str] = {}
    for school in schools:
        try:
            seen.append(_seen(school, before.get(school.pk)))
        except Exception as error:
            log.exception("anchors.not_read", school=school.code)
            failed[school.pk] = type(error).__name__[:80]
    seen.append(_seen(None, before.get(None)))
    for one in seen:
        if one.last_flaw or one.end_flaw:
            log.error(
                "anchors.chain_broken", school_id=one.school_id and str(one.school_id), **_wrong(one, before)
            )
    return _keep(seen, failed, before, now)


def hold() -> None:
    """The city's own row is the lock of passes and verifications: what one wrote the next one finds."""
    ChainState.objects.bulk_create([ChainState()], ignore_conflicts=True)
    locks.lockable(ChainState.objects.filter(school=None)).get()


def _seen(school: School | None, last: ChainAnchor | None) -> Sight:
    """The end and what stands at the last anchor; entries that come meanwhile lie behind both."""
    with context.in_school(school) if school else context.in_city():
        end = chains.head()
        there = chains.places([end.position, *([last.position] if last else [])])
    return Sight(
        school_id=school.pk if school else None,
        end=end,
        last_entry_at=there[end.position].at if end.position in there else None,
        end_flaw=chains.flaw_at(end, there),
        last_flaw=chains.flaw_at(Anchor(last.position, last.hash), there) if last else None,
    )


def _keep(
    seen: list[Sight], failed: dict[UUID, str], before: dict[UUID | None, ChainAnchor], now: datetime
) -> Pass:
    """Of two passes at once the second finds what the first wrote; the entry of the city's own chain binds it."""
    with context.in_city(), transaction.atomic():
        hold()
        fresh = _fresh([one for one in seen if _has_moved(one, before.get(one.school_id))], now)
        broken = _newly_broken([one for one in seen if one.last_flaw], before, now)
        ChainAnchor.objects.bulk_create(fresh, batch_size=1000)
        ChainFlaw.objects.bulk_create(broken)
        states = [
            ChainState(
                school_id=one.school_id,
                position=one.end.position,
                last_entry_at=one.last_entry_at,
                seen_at=now,
                **_wrong(one, before),
            )
            for one in seen
        ]
        _note(states, SEEN)
        _note([ChainState(school_id=key, failure=kind) for key, kind in failed.items()], ["failure"])
        if fresh or broken:
            details = {"anchored": len(fresh), "broken": len(broken), "failed": len(failed)}
            audit.record(verb="anchors.heads.anchor", target="anchors", by=None, at=now, details=details)
    with context.in_city():
        head = chains.head()
    log.info(
        "anchors.city_head", position=head.position, hash=head.hash, anchored=len(fresh), broken=len(broken)
    )
    return Pass(len(fresh), len(broken), len(failed))


def _has_moved(one: Sight, last: ChainAnchor | None) -> bool:
    """The entry with which a pass ends does not by itself make the city's chain worth another anchor."""
    if one.end.position == 0 or one.end_flaw:
        return False
    own = 1 if one.school_id is None else 0
    return last is None or bool(one.last_flaw) or one.end.position > last.position + own


def _fresh(moved: list[Sight], now: datetime) -> list[ChainAnchor]:
    """Ends that are no anchor yet. One query."""
    rows = ChainAnchor.objects.filter(position__in={one.end.position for one in moved})
    known = set(rows.values_list("school", "position", "hash"))
    return [
        ChainAnchor(school_id=one.school_id, position=one.end.position, hash=one.end.hash, at=now)
        for one in moved
        if (one.school_id, one.end.position, one.end.hash) not in known
    ]


def _newly_broken(
    broken: list[Sight], before: dict[UUID | None, ChainAnchor], now: datetime
) -> list[ChainFlaw]:
    """Each is said once for its anchor. One query."""
    found = [ChainFlaw(anchor=before[one.school_id], flaw=str(one.last_flaw), at=now) for one in broken]
    known = set(
        ChainFlaw.objects.filter(anchor__in=[row.anchor for row in found]).values_list("anchor", "flaw")
    )
    return [row for row in found if (row.anchor_id, row.flaw) not in known]


def _wrong(one: Sight, before: dict[UUID | None, ChainAnchor]) -> dict[str, Any]:
    if one.last_flaw:
        return {"flaw": str(one.last_flaw), "flaw_position": before[one.school_id].position}
    return {"flaw": str(one.end_flaw or ""), "flaw_position": one.end.position if one.end_flaw else 0}


def _note(states: list[ChainState], fields: Sequence[str]) -> None:
    ChainState.objects.bulk_create(
        states, update_conflicts=True, unique_fields=["school"], update_fields=fields, batch_size=500
    )
