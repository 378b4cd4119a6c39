"""{{ moment|hour }}, {{ phone|phone }}, {{ state|roll_badge }}: how the gate writes hours, phones and states."""

from datetime import datetime
from typing import Final

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import phones
from afterbell.pages import cells
from schools.care.refusals import SENTENCES
from schools.care.roll import Kind
from schools.care.states import IncidentState, RollState, SessionState

register = template.Library()

COLOURS: Final[dict[str, str]] = {
    RollState.EXPECTED: "now",
    RollState.PRESENT: "info",
    RollState.LEFT: "good",
    RollState.MOVED: "good",
    RollState.ABSENT: "warn",
    RollState.EXCUSED: "quiet",
}
SESSION_COLOURS: Final[dict[str, str]] = {
    SessionState.PLANNED: "quiet",
    SessionState.OPEN: "now",
    SessionState.CLOSED: "good",
    SessionState.CANCELLED: "warn",
}
INCIDENT_COLOURS: Final[dict[str, str]] = {IncidentState.OPEN: "bad", IncidentState.CLOSED: "good"}

register.filter("phone", phones.shown)


@register.filter
def hour(moment: datetime | None) -> str:
    """17:32 at the school; nothing for none."""
    return f"{timezone.localtime(moment):%H:%M}" if moment else ""


@register.filter
def roll_badge(state: str) -> SafeString:
    """A child's state."""
    return cells.badge(COLOURS[state], str(RollState(state).label))


@register.filter
def session_badge(state: str) -> SafeString:
    """A session's state."""
    return cells.badge(SESSION_COLOURS[state], str(SessionState(state).label))


DEED_WORDS: Final = {
    Kind.OPEN: _("开始点名"),
    Kind.PRESENT: _("到"),
    Kind.ABSENT: _("缺席"),
    Kind.EXCUSED: _("请假"),
    Kind.HANDOVER: _("交接"),
    Kind.ALONE: _("自行离校"),
    Kind.NEXT: _("转到下一场"),
    Kind.UNDO: _("撤销"),
    Kind.CLOSE: _("结束服务"),
}


@register.filter
def deed_word(kind: str) -> str:
    """What was done at the gate."""
    return str(DEED_WORDS[Kind(kind)]) if kind in set(Kind) else str(_("不认识的操作"))


@register.filter
def refusal_sentence(code: str) -> str:
    """Why the gate did not do it."""
    return str(SENTENCES[code]) if code else ""


@register.filter
def incident_badge(state: str) -> SafeString:
    """An incident's state."""
    return cells.badge(INCIDENT_COLOURS[state], str(IncidentState(state).label))
