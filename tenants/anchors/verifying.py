"""Verifying chains from a page: one run at a time, chain by chain in the background, so that it goes on wherever it stopped.

A try is noted before it begins. A chain that fails, or takes its worker with it, counts as one that could not be
verified, and keeps no other from its turn.
"""

from datetime import datetime, timedelta
from typing import Final

import structlog
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.audit import findings
from afterbell.kernel.errors import Refused
from afterbell.kernel.snapshots import snapshot
from tenants import context
from tenants.anchors import queries, wake
from tenants.anchors.actions import hold
from tenants.anchors.models import ChainState, Verdict, Verification
from tenants.models import School
from tenants.states import SchoolState

log = structlog.get_logger(__name__)
STANDS_STILL: Final = timedelta(minutes=15)
"""Longer than a task may take: one without a sign of life for so long has no worker any more."""


class AlreadyRunning(Refused):
    code = "anchors.verification_running"
    message = _("正在核验：%(chains)s 条审计链已完成 %(done)s 条。请等这次核验完成后再开始。")


class NotInService(Refused):
    code = "anchors.not_in_service"
    message = _("%(name)s不在服务中，现在不能核验。请在学校重新启用后再核验。")


def begin(*, school: School | None = None, by: User, now: datetime) -> Verification:
    """Of one school's chain, or of the city's and all schools'. One that stands still is given up for it."""
    with context.in_city(), transaction.atomic():
        hold()
        before = queries.running()
        if before is not None and now - before.moved_at < STANDS_STILL:
            raise AlreadyRunning(chains=before.chains, done=queries.verified(before))
        if before is not None:
            Verification.objects.filter(pk=before.pk).update(done_at=now)
            audit.record(verb="anchors.verification.give_up", target=before, by=by, at=now)
        if school is not None and not School.objects.filter(pk=school.pk, state=SchoolState.ACTIVE).exists():
            raise NotInService(name=school.name)
        chains = 1 if school is not None else 1 + len(queries.in_service())
        made = Verification.objects.create(school=school, by=by, begun_at=now, moved_at=now, chains=chains)
        details = {"chains": chains, **({"school": school.code} if school else {})}
        audit.record(verb="anchors.verification.begin", target=made, by=by, at=now, details=details)
        transaction.on_commit(lambda: wake.verification(made.pk))
    return made


def left(verification: Verification) -> list[School | None]:
    """Whose chains it has not tried; the city's (None) first. Two queries."""
    with context.in_city():
        done = set(ChainState.objects.filter(verification=verification).values_list("school", flat=True))
        schools = queries.in_service()
    if verification.school_id is not None:
        schools = [school for school in schools if school.pk == verification.school_id]
    wanted = [*([] if verification.school_id else [None]), *schools]
    return [school for school in wanted if (school.pk if school else None) not in done]


def verify(verification: Verification, school: School | None, *, now: datetime) -> None:
    """One chain. Anchors are read before it: one that comes meanwhile lies behind them."""
    with context.in_city(), transaction.atomic():
        hold()
        _note_try(verification, school, now)
        anchors = queries.of_chain(school.pk if school else None)
    try:
        with context.in_school(school) if school else context.in_city(), snapshot():
            found = [one._asdict() for one in findings.found(anchors)]
    except Exception:
        log.exception("anchors.not_verified", school=school.code if school else "")
        return
    if found:
        log.error("anchors.verified_broken", school=school.code if school else "", findings=len(found))
    with context.in_city():
        ours = ChainState.objects.filter(school=school, verification=verification)
        for state in ours:  # what was found once stays, also of a row that somebody has put back
            every = [*found, *(each for each in state.findings if each not in found)]
            ours.update(verdict=Verdict.BROKEN if every else Verdict.HOLDS, findings=every)


def finish(verification: Verification, *, now: datetime) -> None:
    """Once, whoever comes first; the entry says what came out."""
    with context.in_city(), transaction.atomic():
        hold()
        states = ChainState.objects.filter(verification=verification)
        counts = {
            "broken": states.filter(verdict=Verdict.BROKEN).count(),
            "unread": states.filter(verdict=Verdict.UNREAD).count(),
        }
        ours = Verification.objects.filter(pk=verification.pk, done_at__isnull=True)
        if ours.update(done_at=now, moved_at=now, **counts):
            audit.record(
                verb="anchors.verification.end", target=verification, by=None, at=now, details=counts
            )


def wake_still(*, now: datetime) -> None:
    """With each hour's pass: one whose wake-up or worker was lost goes on."""
    with context.in_city():
        found = queries.running()
    if found is not None and now - found.moved_at >= STANDS_STILL:
        wake.verification(found.pk)


def _note_try(verification: Verification, school: School | None, now: datetime) -> None:
    """Takes back nothing that was found before."""
    Verification.objects.filter(pk=verification.pk).update(moved_at=now)
    tried = {"verdict": Verdict.UNREAD, "verification": verification, "verified_at": now}
    state, is_new = ChainState.objects.get_or_create(school=school, defaults=tried)
    if not is_new:
        tried["verdict"] = Verdict.BROKEN if state.findings else Verdict.UNREAD
        ChainState.objects.filter(pk=state.pk).update(**tried)
