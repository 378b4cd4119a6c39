"""Anchoring: hourly the city writes down where each school's audit chain ends, and looks whether the last end still lies on it.

A school stands in its own schema and can write into no anchor; the city stands in its own and can write into no chain. Who
rewrites a chain has to have both, and the hour in between.
"""

from datetime import datetime
from typing import NamedTuple

import structlog
from django.db import transaction

from afterbell.audit import actions as audit
from afterbell.audit import queries as chains
from afterbell.audit.chain import Anchor, Flaw
from tenants import context, queries
from tenants.anchors.models import ChainAnchor, ChainFlaw
from tenants.anchors.queries import last_ones
from tenants.models import School
from tenants.states import SchoolState

log = structlog.get_logger(__name__)


class Pass(NamedTuple):
    """What one pass did: schools whose head had moved, whose chain does not hold, and that could not be read."""

    anchored: int
    broken: int
    failed: int


def anchor_all(*, now: datetime) -> Pass:
    """Every school in service, each failure its own. Two queries a school, and one transaction in the city."""
    with context.in_city():
        schools = list(queries.schools().filter(state=SchoolState.ACTIVE))
        before = last_ones([school.pk for school in schools])
    fresh: list[ChainAnchor] = []
    broken: list[ChainFlaw] = []
    failed = 0
    for school in schools:
        last = before.get(school.pk)
        try:
            head, flaw = _seen(school, last)
        except Exception:
            log.exception("anchors.not_read", school=school.code)
            failed += 1
            continue
        if flaw is not None and last is not None:
            log.error("anchors.chain_broken", school=school.code, position=last.position, flaw=flaw.value)
            broken.append(ChainFlaw(anchor=last, flaw=flaw.value, at=now))
        elif head.position > (last.position if last else 0):
            fresh.append(ChainAnchor(school=school, position=head.position, hash=head.hash, at=now))
    if fresh or broken:
        _keep(fresh, broken, now)
    return Pass(len(fresh), len(broken), failed)


def _seen(school: School, last: ChainAnchor | None) -> tuple[Anchor, Flaw | None]:
    """The head, and what is wrong with the last anchor: read before the head, as the chain may grow meanwhile."""
    with context.in_school(school):
        flaw = chains.flaw_at(Anchor(last.position, last.hash)) if last else None
        return chains.head(), flaw


def _keep(fresh: list[ChainAnchor], broken: list[ChainFlaw], now: datetime) -> None:
    """Two passes at once keep the same anchors; the entry of the city's own chain binds them."""
    with context.in_city(), transaction.atomic():
        ChainAnchor.objects.bulk_create(fresh, ignore_conflicts=True, batch_size=1000)
        ChainFlaw.objects.bulk_create(broken, ignore_conflicts=True)
        details = {"anchored": len(fresh), "broken": len(broken)}
        audit.record(verb="anchors.heads.anchor", target="anchors", by=None, at=now, details=details)
    with context.in_city():
        head = chains.head()
    log.info("anchors.city_head", position=head.position, hash=head.hash, anchored=len(fresh), broken=len(broken))
