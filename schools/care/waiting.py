"""What waits for somebody in care: today's sessions, sessions without a teacher, days not closed, open incidents."""

from datetime import date, datetime, timedelta
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.dates import local_date
from afterbell.kernel.waiting import Waiting
from schools.care import queries
from schools.care.states import SessionState

AHEAD: Final = timedelta(days=14)


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """Named in settings.WAITING. One query a line at most."""
    today = local_date(now)
    found: list[Waiting] = []
    if user.has(Permission.SESSIONS_HOLD):
        found += _of_today(user, today)
    if user.has(Permission.ROSTER_MANAGE):
        found += _unstaffed(today)
    if user.has(Permission.INCIDENTS_MANAGE):
        found += _for_leaders(today)
    return found


def _of_today(user: User, today: date) -> list[Waiting]:
    return [
        Waiting(
            _("今天的服务：%(title)s") % {"title": session.activity.title},
            reverse("care:session", args=[session.pk]),
            due=session.ends_at,
        )
        for session in queries.my_sessions(user, today)
        if session.state != SessionState.CLOSED
    ]


def _unstaffed(today: date) -> list[Waiting]:
    found = queries.filtered(queries.sessions(), first=today, last=today + AHEAD, unstaffed=True).count()
    said = _("两周内有 %(n)s 次服务没有服务教师，请排班") % {"n": found}
    return (
        [Waiting(said, f"{reverse('care:sessions')}?unstaffed=on&first={today}&last={today + AHEAD}")]
        if found
        else []
    )


def _for_leaders(today: date) -> list[Waiting]:
    found = []
    late, incidents = queries.late_sessions(today).count(), queries.open_incidents()
    if late:
        said = _("%(n)s 次过去的服务还没有结束，请补记") % {"n": late}
        found.append(Waiting(said, f"{reverse('care:sessions')}?state=open"))
    if incidents:
        said = _("%(n)s 起突发情况还在处理") % {"n": incidents}
        found.append(Waiting(said, f"{reverse('care:incidents')}?state=open"))
    return found
