"""Alerts as the school itself may see them: nothing in them rests on complaints, which may be at the bureau (S46).

A complaint of forcing makes a red line of one sign of a class, and brings a closed alert back. The school sees the class's
own signs, and what these alone would have made of the alert, by its history: whether somebody complained or not, it is
the same alert, as old, as red, in the same place of the list.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from oversight.redlines.models import Alert, AlertEvent
from oversight.redlines.rules.coercion import FORCED, SCHOOL, SIGNS_FOR_RED
from oversight.redlines.states import AlertState, EventKind, Level, RuleCode


def without_complaints(alerts: Sequence[Alert], events: Iterable[AlertEvent]) -> list[Alert]:
    """Unresolved and red first. `events` are those of the alerts on forcing, in their order.

    The rows are changed in memory; nobody saves them.
    """
    histories: dict[UUID, list[AlertEvent]] = defaultdict(list)
    for event in events:
        histories[event.alert_id].append(event)
    kept = [
        alert
        for alert in alerts
        if alert.rule != RuleCode.COMPLAINTS
        and not (alert.rule == RuleCode.COERCION and alert.cause == SCHOOL)
    ]
    for alert in kept:
        if alert.rule == RuleCode.COERCION:
            _by_own_signs(alert, histories[alert.pk])
    kept.sort(
        key=lambda alert: (alert.rule, alert.term_code, alert.cause)
    )  # never as the city's list has them
    kept.sort(key=lambda alert: alert.raised_at, reverse=True)
    return sorted(kept, key=lambda alert: (alert.state == AlertState.CLOSED, alert.level != Level.RED))


def _by_own_signs(alert: Alert, history: Sequence[AlertEvent]) -> None:
    """The history told anew as evaluation.compare would have made it: worse is one sign more.

    Each change of signs is an event (findings.is_material). Whether an officer has looked at it is not the school's.
    """
    is_over, is_gone, known = False, False, 0
    raised_at = alert.first_raised_at
    for event in history:
        if event.kind in (EventKind.CLOSED, EventKind.GONE):
            is_over, is_gone = True, event.kind == EventKind.GONE
        elif event.after is not None:
            now = len(_own_signs(event.after))
            if is_gone or (is_over and now > known):
                is_over, is_gone, raised_at = False, False, event.at
            known = now
    signs = _own_signs(alert.numbers)
    alert.numbers = {**alert.numbers, "signs": signs, "forced": 0}
    alert.level = Level.RED if len(signs) >= SIGNS_FOR_RED else Level.NOTICE
    alert.state = AlertState.CLOSED if is_over else AlertState.OPEN
    alert.raised_at = raised_at


def _own_signs(numbers: Mapping[str, Any]) -> list[str]:
    return [sign for sign in numbers.get("signs", ()) if sign != FORCED]
