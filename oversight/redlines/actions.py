"""Writes of the alerts: what the evaluation finds, and what an officer notes and closes."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

import structlog
from django.db import transaction

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks, states
from oversight.facts import rollups
from oversight.facts.models import Pulse
from oversight.redlines import evaluation, loading
from oversight.redlines.models import Alert, AlertEvent
from oversight.redlines.refusals import AlreadyClosed, NoReason
from oversight.redlines.rules import registry
from oversight.redlines.states import ALERT_MOVES, AlertState, EventKind
from tenants import context, queries
from tenants.models import School
from tenants.states import SchoolState

log = structlog.get_logger(__name__)
AT_ONCE: Final = 100
FOLLOWS: Final = (
    "level",
    "state",
    "holds",
    "weight",
    "numbers",
    "times",
    "raised_at",
    "state_at",
    "closed_by",
)


def evaluate(*, school: School, terms: Collection[str], now: datetime) -> int:
    """Look at one school's terms after its roll-up (settings.AFTER_ROLL_UP); gives how many alerts changed."""
    return _evaluate([school], terms, loading.Rules(), now) if terms else 0


def evaluate_all(*, now: datetime) -> int:
    """Look at every school and term again (settings.AFTER_FULL_PASS): days pass, and the city's rates move."""
    schools = list(queries.schools().filter(state=SchoolState.ACTIVE))
    changed, rules = 0, loading.Rules()
    for some in _batches(schools):
        changed += _evaluate_some(some, rules, now)
    if changed:
        with transaction.atomic(), context.in_city():
            rollups.stir()
    return changed


def note(*, alert: Alert, text: str, by: User, now: datetime) -> None:
    """An officer has looked at it, and says what was found or done."""
    text = _said(text)
    with transaction.atomic():
        row = locks.locked(alert)
        if row.state == AlertState.OPEN:
            states.move(row, to=AlertState.SEEN, moves=ALERT_MOVES, at=now)
        AlertEvent.objects.create(
            alert=row, kind=EventKind.NOTED, at=now, by=by.pk, note=text, level=row.level
        )
        rollups.stir()
        record(verb="alert.note", target=row, by=by, at=now, details=_about(row))
    locks.follow(alert, row)


def close(*, alert: Alert, reason: str, by: User, now: datetime) -> None:
    """An officer ends it though its condition may hold: it comes back only when it gets worse, or was gone."""
    reason = _said(reason)
    with transaction.atomic():
        row = locks.locked(alert)
        if row.state == AlertState.CLOSED:
            raise AlreadyClosed
        states.move(row, to=AlertState.CLOSED, moves=ALERT_MOVES, at=now, also={"closed_by": by.pk})
        AlertEvent.objects.create(
            alert=row, kind=EventKind.CLOSED, at=now, by=by.pk, note=reason, level=row.level
        )
        rollups.stir()
        record(verb="alert.close", target=row, by=by, at=now, details=_about(row))
    locks.follow(alert, row)


def _evaluate_some(schools: Sequence[School], rules: loading.Rules, now: datetime) -> int:
    """Their terms with facts. One school's failure is one school's: the others are looked at without it."""
    try:
        with transaction.atomic(), context.in_city():
            terms = loading.terms_with_facts(school.pk for school in schools)
            return _evaluate(schools, terms, rules, now)
    except Exception:
        if len(schools) == 1:
            log.exception("redlines.evaluation_failed", school=schools[0].code)
            return 0
    middle = len(schools) // 2
    return sum(_evaluate_some(part, rules, now) for part in (schools[:middle], schools[middle:]))


def _evaluate(schools: Sequence[School], terms: Collection[str], rules: loading.Rules, now: datetime) -> int:
    """The schools' pulses are the lock under which their roll-ups and alerts are written; taken in one order."""
    ids = sorted(school.pk for school in schools)
    with transaction.atomic(), context.in_city():
        locks.watch(Pulse)
        rollups.wait_for_pulses(ids)
        found = {
            (school, term, finding.rule.value, finding.cause): finding
            for (school, term), one in loading.evidence(schools, terms, now=now, rules=rules).items()
            for finding in registry.findings(one)
        }
        kept = locks.lockable(Alert.objects.filter(school__in=ids, term_code__in=terms))
        outcome = evaluation.compare(kept, found, now=now)
        Alert.objects.bulk_create(outcome.raised, batch_size=500)
        Alert.objects.bulk_update(outcome.changed, FOLLOWS, batch_size=200)
        AlertEvent.objects.bulk_create(outcome.events, batch_size=500)
    return len(outcome.raised) + len(outcome.changed)


def _batches(schools: Sequence[School]) -> list[list[School]]:
    return [list(schools[start : start + AT_ONCE]) for start in range(0, len(schools), AT_ONCE)]


def _said(text: str) -> str:
    if not text.strip():
        raise NoReason
    return text.strip()


def _about(alert: Alert) -> dict[str, object]:
    return {"rule": alert.rule, "term": alert.term_code, "school": alert.school_id}
