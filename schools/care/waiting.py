"""What waits for somebody in care: today's sessions, sessions without a teacher, days not closed, open incidents."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db.models import CharField, QuerySet, Value
from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.waiting import Waiting
from schools.care import alarms, day_queries, homeward, incident_queries, queries
from schools.care.roll import day_of
from schools.care.states import UNDONE, SessionState

AHEAD: Final = timedelta(days=14)
LEFT, ALONE = "left", "alone"


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """Named in settings.WAITING. One query a line at most."""
    today = day_of(now)
    found: list[Waiting] = []
    if user.has(Permission.SESSIONS_HOLD):
        found += _of_today(user, today)
    if user.has(Permission.CHILD_MANAGE):
        found += _asked_to_say(user, today)
    if user.has(Permission.ROSTER_MANAGE):
        found += _unstaffed(today)
        found += _changed_days(now)
    if user.has(Permission.INCIDENTS_REPORT):
        found += _alarms(user)
    if user.has(Permission.SESSIONS_READ):
        found += _sent_late(user)
    found += _about_children(user, today)
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


def _changed_days(now: datetime) -> list[Waiting]:
    """The city has changed the calendar since the sessions were made."""
    found = day_queries.changed_days(now)
    said = _("市里改了校历，有 %(n)s 天的服务要取消或补生成") % {"n": len(found)}
    return [Waiting(said, reverse("care:days"))] if found else []


def _asked_to_say(user: User, today: date) -> list[Waiting]:
    """A guardian who signs: how the child goes home, since who had agreed to it signs no longer (S24)."""
    own = homeward.unsettled(homeward.of_family(user, today))
    said = _("请今天确认：%(pupil)s 怎样离校")
    return [
        Waiting(said % {"pupil": row.pupil.name}, reverse("care:home", args=[row.pk]), is_urgent=True)
        for row in own.order_by("pk")
    ]


def _alarms(user: User) -> list[Waiting]:
    """Until somebody who leads has looked."""
    return [
        Waiting(
            _("【警报】%(title)s") % {"title": alarms.title(row)},
            reverse("care:alarm", args=[row.pk]),
            is_urgent=True,
        )
        for row in alarms.unseen(user).order_by("-told_at", "-pk")
    ]


def _sent_late(user: User) -> list[Waiting]:
    """For who leads the session, by role or by duty."""
    unseen = queries.unseen_late(user).count()
    said = _("%(n)s 条登记是隔天或换班后补传的，请查看") % {"n": unseen}
    return [Waiting(said, reverse("care:late"))] if unseen else []


def _about_children(user: User, today: date) -> list[Waiting]:
    """What the office puts right of some children. One query for both.

    The gate takes whom it sees, so whether a child has left is the office's to put right; and a child whose consent to go
    home alone holds no longer waits for a guardian's word.
    """
    parts = []
    if user.has(Permission.PUPILS_MANAGE):
        parts.append(_named(queries.left_and_there(), LEFT))
    if user.has(Permission.ROSTER_MANAGE):
        parts.append(_named(homeward.unsettled(homeward.running(today)), ALONE))
    rows = sorted(set(parts[0].union(*parts[1:]))) if parts else []
    left = _("%(name)s 已登记离校，之后又到过课，请核对离校日期")
    found = [
        Waiting(left % {"name": name}, reverse("people:pupil", args=[pupil]))
        for pupil, name, why in rows
        if why == LEFT
    ]
    alone = sum(why == ALONE for _pupil, _name, why in rows)
    if alone:
        said = _("%(n)s 名学生自行离校的同意已失效，还没有监护人重新确认") % {"n": alone}
        found.append(Waiting(said, reverse("care:homes"), is_urgent=True))
    return found


def _named(rows: QuerySet[Any], why: str) -> QuerySet[Any, Any]:
    told: QuerySet[Any, Any] = rows.annotate(why=Value(why, output_field=CharField())).order_by()
    return told.values_list("pupil", "pupil__name", "why")


def _for_leaders(today: date) -> list[Waiting]:
    found = []
    late, incidents = queries.late_sessions(today).count(), incident_queries.open_incidents()
    if late:
        said = _("%(n)s 次过去的服务还没有登记或没有结束，请补记") % {"n": late}
        last = today - timedelta(days=1)
        found.append(Waiting(said, f"{reverse('care:sessions')}?state={UNDONE}&last={last}"))
    if incidents:
        said = _("%(n)s 起突发情况还在处理") % {"n": incidents}
        found.append(Waiting(said, f"{reverse('care:incidents')}?state=open"))
    return found
