"""Alerts as the school itself may see them: nothing in them rests on complaints, which may be at the bureau (S46).

A complaint of forcing makes a red line of one sign of a class. The school sees the class's own signs, and the level that
these alone would have: the same whether somebody complained or not.
"""

from collections.abc import Sequence

from oversight.redlines.models import Alert
from oversight.redlines.rules.coercion import FORCED, SCHOOL, SIGNS_FOR_RED
from oversight.redlines.states import AlertState, Level, RuleCode


def without_complaints(alerts: Sequence[Alert]) -> list[Alert]:
    """Unresolved and red first. The rows are changed in memory; nobody saves them."""
    kept = [
        alert
        for alert in alerts
        if alert.rule != RuleCode.COMPLAINTS
        and not (alert.rule == RuleCode.COERCION and alert.cause == SCHOOL)
    ]
    for alert in kept:
        if alert.rule == RuleCode.COERCION:
            signs = [sign for sign in alert.numbers["signs"] if sign != FORCED]
            alert.numbers = {**alert.numbers, "signs": signs, "forced": 0}
            alert.level = Level.RED if len(signs) >= SIGNS_FOR_RED else Level.NOTICE
    kept.sort(key=lambda alert: alert.raised_at, reverse=True)
    return sorted(kept, key=lambda alert: (alert.state == AlertState.CLOSED, alert.level != Level.RED))
