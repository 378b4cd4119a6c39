"""Tells who is on duty what changes for them: one letter a person, however many sessions (S21)."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet, prefetch_related_objects
from django.utils import timezone
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from schools.care import telling
from schools.care.models import Duty, DutyRole, Session
from schools.notices import actions as notices
from schools.notices.models import NoticeKind
from schools.staffing.models import Clearance
from schools.staffing.states import ContractState

PERSON: Final = "clearance__contract__candidate__user"
Line = tuple[str, Session]
"""What is said, and of which session."""


@dataclass(frozen=True)
class Turn:
    """A duty that passes from one person to another; from or to nobody where it was or is now empty."""

    session: Session
    role: str
    gone: Clearance | None = None
    come: Clearance | None = None


def changed(turns: Collection[Turn], *, by: User, now: datetime) -> None:
    """Who comes, who goes, and who else is on duty there. Call it when the duties stand as they will."""
    lines: dict[User, list[Line]] = defaultdict(list)
    prefetch_related_objects([turn.session for turn in turns], "room", "activity")
    others = _on_duty(Duty.objects.filter(session__in={turn.session.pk for turn in turns}))
    for turn in turns:
        words = _words(turn)
        concerned = {_user(turn.gone): words.gone, _user(turn.come): words.come}
        for user in others[turn.session.pk]:
            concerned.setdefault(user, words.there)
        for person, said in concerned.items():
            if person is not None:
                lines[person].append((said, turn.session))
    _send(lines, title=_("值班有变化"), by=by, now=now)


def cancelled(duties: Collection[Duty], *, reason: str, by: User, now: datetime) -> None:
    """Who was on duty in sessions that do not take place; the duties are gone by then."""
    prefetch_related_objects(list(duties), "session__room", "session__activity", PERSON)
    lines: dict[User, list[Line]] = defaultdict(list)
    for duty in duties:
        user = _user(duty.clearance)
        if user is not None:
            lines[user].append((_("取消。原因：%(reason)s") % {"reason": reason}, duty.session))
    _send(lines, title=_("值班的服务取消"), by=by, now=now)


@dataclass(frozen=True)
class _Words:
    gone: str
    come: str
    there: str


def _words(turn: Turn) -> _Words:
    said = {
        "role": DutyRole(turn.role).label,
        "gone": turn.gone.contract.candidate.name if turn.gone else "",
        "come": turn.come.contract.candidate.name if turn.come else "",
    }
    if turn.gone is None:
        there = _("%(role)s是 %(come)s")
    elif turn.come is None:
        there = _("%(gone)s 不再担任%(role)s，待排班")
    else:
        there = _("%(role)s由 %(gone)s 改为 %(come)s")
    gone = _("不再由您担任%(role)s，改由 %(come)s 担任") if turn.come else _("不再由您担任%(role)s")
    return _Words(gone % said, _("由您担任%(role)s") % said, there % said)


def _user(clearance: Clearance | None) -> User | None:
    """Who has an account."""
    user = clearance.contract.candidate.user if clearance else None
    return user if user is not None and user.is_active else None


def _on_duty(duties: QuerySet[Duty]) -> dict[UUID, list[User]]:
    """Accounts by session, under a contract in force. One query."""
    found: dict[UUID, list[User]] = defaultdict(list)
    rows = duties.filter(clearance__contract__state=ContractState.ACTIVE)
    for duty in rows.select_related(PERSON).order_by("pk"):
        user = _user(duty.clearance)
        if user is not None:
            found[duty.session_id].append(user)
    return found


def _send(lines: dict[User, list[Line]], *, title: str, by: User, now: datetime) -> None:
    for user, found in lines.items():
        body = "\n".join(_together(found))
        notices.publish(kind=NoticeKind.LETTER, title=title, body=body, to=[user], by=by, now=now)


def _together(found: Iterable[Line]) -> list[str]:
    """One line for what is the same but for its day."""
    days: dict[str, list[str]] = defaultdict(list)
    for said, session in sorted(found, key=lambda line: (line[1].starts_at, line[1].pk)):
        what = {
            "hours": f"{_hour(session.starts_at)}—{_hour(session.ends_at)}",
            "title": session.activity.title,
            "room": session.room.name,
            "said": said,
        }
        days[_("%(hours)s “%(title)s”（%(room)s）：%(said)s。") % what].append(f"{session.date:%Y-%m-%d}")
    return [f"{telling.days(each)} {line}" for line, each in days.items()]


def _hour(moment: datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M}"
