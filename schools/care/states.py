"""Lives of a session, of a child on its roll, and of an incident."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SessionState(models.TextChoices):
    """Planned by plan and calendar, open at the gate, closed when every child is accounted for."""

    PLANNED = "planned", _("待开始")
    OPEN = "open", _("进行中")
    CLOSED = "closed", _("已结束")
    CANCELLED = "cancelled", _("已取消")


UNDONE = "undone"
"""What a list may be asked for: neither held nor cancelled yet."""


class RollState(models.TextChoices):
    """应到 → 实到 → 已交接, or on to the next session; absent and excused children need no handover."""

    EXPECTED = "expected", _("应到")
    PRESENT = "present", _("在场")
    ABSENT = "absent", _("缺席")
    EXCUSED = "excused", _("请假")
    LEFT = "left", _("已离校")
    MOVED = "moved", _("已转到下一场")
    """Gone on to a later session of the day: it has not left the school."""


class IncidentState(models.TextChoices):
    """S23: an open incident reaches the bureau."""

    OPEN = "open", _("处理中")
    CLOSED = "closed", _("已处理")


SESSION_MOVES: dict[str, frozenset[str]] = {
    SessionState.PLANNED: frozenset({SessionState.OPEN, SessionState.CANCELLED}),
    SessionState.OPEN: frozenset({SessionState.CLOSED}),
    SessionState.CLOSED: frozenset(),
    SessionState.CANCELLED: frozenset({SessionState.PLANNED}),
}
ROLL_MOVES: dict[str, frozenset[str]] = {
    RollState.EXPECTED: frozenset({RollState.PRESENT, RollState.ABSENT, RollState.EXCUSED}),
    RollState.ABSENT: frozenset({RollState.PRESENT, RollState.EXCUSED}),
    RollState.EXCUSED: frozenset({RollState.PRESENT, RollState.ABSENT}),
    RollState.PRESENT: frozenset({RollState.LEFT, RollState.MOVED, RollState.ABSENT}),
    RollState.LEFT: frozenset(),
    RollState.MOVED: frozenset(),
}
UNDO_MOVES: dict[str, str] = {
    RollState.LEFT: RollState.PRESENT,
    RollState.MOVED: RollState.PRESENT,
    RollState.PRESENT: RollState.EXPECTED,
    RollState.ABSENT: RollState.EXPECTED,
    RollState.EXCUSED: RollState.EXPECTED,
}
"""A slip of the finger goes back one step, within the session alone."""

INCIDENT_MOVES: dict[str, frozenset[str]] = {
    IncidentState.OPEN: frozenset({IncidentState.CLOSED}),
    IncidentState.CLOSED: frozenset(),
}
UNACCOUNTED = (RollState.EXPECTED, RollState.PRESENT)
"""A child in one of these states keeps its session from closing (S24)."""
CAME = (RollState.PRESENT, RollState.LEFT, RollState.MOVED)
"""A child in one of these states was there; each of them has an arrival (roll_times_go_with_state)."""
GONE = (RollState.LEFT, RollState.MOVED)
"""And in one of these it is in somebody else's hands, which a handover names."""
