"""What a finding, or its absence, does to an alert. Pure: the rows are changed in memory, actions.py writes them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from oversight.redlines.findings import Finding, is_material, is_worse
from oversight.redlines.models import Alert, AlertEvent
from oversight.redlines.states import AlertState, EventKind

Cause = tuple[UUID, str, str, str]
"""School, term, rule, cause: what an alert is one of."""


@dataclass
class Outcome:
    """Rows to write."""

    raised: list[Alert] = field(default_factory=list)
    changed: list[Alert] = field(default_factory=list)
    events: list[AlertEvent] = field(default_factory=list)

    def happened(
        self, alert: Alert, kind: EventKind, now: datetime, *, before: object, after: object
    ) -> None:
        self.events.append(
            AlertEvent(alert=alert, kind=kind, at=now, level=alert.level, before=before, after=after)
        )


def cause_of(alert: Alert) -> Cause:
    return (alert.school_id, alert.term_code, alert.rule, alert.cause)


def compare(kept: Iterable[Alert], found: dict[Cause, Finding], *, now: datetime) -> Outcome:
    """Alerts as they are kept against what was found now. Of the same findings twice, the second changes nothing."""
    outcome = Outcome()
    known = {cause_of(alert): alert for alert in kept}
    for cause, finding in found.items():
        if cause in known:
            _found_again(known[cause], finding, outcome, now)
        else:
            _raise(cause, finding, outcome, now)
    for cause, alert in known.items():
        if cause not in found and alert.holds:
            _gone(alert, outcome, now)
    return outcome


def _raise(cause: Cause, finding: Finding, outcome: Outcome, now: datetime) -> None:
    school, term, rule, name = cause
    alert = Alert(
        school_id=school, term_code=term, rule=rule, cause=name, level=finding.level, weight=finding.weight,
        numbers=finding.kept, first_raised_at=now, raised_at=now, state_at=now,
    )  # fmt: skip
    outcome.raised.append(alert)
    outcome.happened(alert, EventKind.RAISED, now, before=None, after=alert.numbers)


def _found_again(alert: Alert, finding: Finding, outcome: Outcome, now: datetime) -> None:
    """Numbers follow quietly; a material change is history. What was gone, or got worse, is to be looked at again."""
    before, old_level, numbers = alert.numbers, alert.level, finding.kept
    material = is_material(old_level, alert.weight, before, finding)
    worse = is_worse(old_level, alert.weight, before, finding)
    is_back = not alert.holds or (alert.state == AlertState.CLOSED and worse)
    if not is_back and not material and before == numbers:
        return
    alert.numbers, alert.level, alert.holds = numbers, finding.level, True
    if is_back or material:
        alert.weight = finding.weight  # of the last event: what grows slowly is noticed, too
    if is_back:
        _open(alert, now)
        alert.times, alert.raised_at = alert.times + 1, now
        outcome.happened(alert, EventKind.REOPENED, now, before=before, after=numbers)
    elif material:
        if alert.state == AlertState.SEEN and worse:
            _open(alert, now)
        outcome.happened(alert, EventKind.CHANGED, now, before=before, after=numbers)
    outcome.changed.append(alert)


def _gone(alert: Alert, outcome: Outcome, now: datetime) -> None:
    alert.holds = False
    if alert.state != AlertState.CLOSED:
        alert.state, alert.state_at, alert.closed_by = AlertState.CLOSED, now, None
    outcome.changed.append(alert)
    outcome.happened(alert, EventKind.GONE, now, before=alert.numbers, after=None)


def _open(alert: Alert, now: datetime) -> None:
    alert.state, alert.state_at, alert.closed_by = AlertState.OPEN, now, None
