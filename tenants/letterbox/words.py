"""The history of a complaint as pages show it."""

from collections.abc import Mapping, Sequence
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from tenants.letterbox.models import Step, StepKind

STATES: Final[Mapping[str, str]] = {
    StepKind.SUBMITTED: "info",
    StepKind.RECEIVED: "now",
    StepKind.ANSWERED: "good",
    StepKind.CLOSED: "good",
    StepKind.BOUNCED: "warn",
    StepKind.EXPOSED: "warn",
    StepKind.NAMED: "warn",
    StepKind.DOUBTED: "warn",
    StepKind.REOPENED: "warn",
}


def timeline(steps: Sequence[Step], names: Mapping[UUID, str]) -> list[dict[str, object]]:
    """For <c-timeline>; `names` are those of officers, for the bureau alone."""
    return [
        {
            "at": step.at,
            "title": StepKind(step.kind).label,
            "who": _("家长") if step.by_family else names.get(step.by_id, "") if step.by_id else "",
            "text": step.said,
            "state": STATES.get(step.kind, "quiet"),
        }
        for step in steps
    ]
