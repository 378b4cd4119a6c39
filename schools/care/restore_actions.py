"""Cancelled sessions that take place after all: the typhoon turned away, or the wrong day was cancelled.

A fee by the class hour is for the sessions that stood when it was charged. So a session keeps both moments: whoever was
charged between them is asked for it by the period's next run (finance.timetable), whoever was charged before has paid for
it. It is restored once: two gaps could not be told apart. Who was on duty is assigned anew.
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks
from afterbell.kernel.errors import Refused
from afterbell.outbox.actions import mark
from schools.care import refusals, room_actions, telling
from schools.care.models import Room, Session
from schools.care.states import SessionState
from schools.planning.models import Plan
from schools.planning.states import PlanState
from tenants import calendar
from tenants.exchange import names
from tenants.exchange.queries import school_here

A_TICK: Final = timedelta(microseconds=1)


class NotToRestore(Refused):
    """Restored before, or meanwhile; its hour has come; its plan has ended; sessions of several days."""

    code = "care.not_to_restore"
    message = gettext_lazy(
        "其中有服务不能恢复：已经恢复过、时间已过、方案已结束，或者不是同一天的。没有执行，请刷新后再看。"
    )


class NoSchoolThatDay(Refused):
    """The calendar says so; the city changes it first."""

    code = "care.no_school_that_day"
    message = gettext_lazy("%(date)s 按校历不上课，不能恢复。校历改为上课以后再来。")


def restore(*, sessions: Iterable[Session], reason: str, by: User, now: datetime) -> int:
    """These cancelled sessions of one day are planned again; all or none. Returns how many adults of children were told.

    Raises NoReason, NamesAChild (the families read it), NotToRestore, NoSchoolThatDay, RoomUnfit, RoomTooSmall, RoomTaken.
    """
    said = " ".join(reason.split())[:200]
    if not said:
        raise refusals.NoReason
    names.refuse_children([said])
    shown = {row.pk: row for row in sessions}
    with transaction.atomic():
        plans = locks.locked_rows(Plan, {row.activity.plan_id for row in shown.values()})
        running = {row.pk: row for row in plans if row.state == PlanState.PUBLISHED}
        rooms = {row.pk: row for row in locks.locked_rows(Room, {row.room_id for row in shown.values()})}
        held = locks.locked_rows(Session, shown, also=("activity__plan",))
        rows = sorted(held, key=lambda row: (row.starts_at, row.pk))
        days = {row.date for row in rows}
        if len(days) != 1 or len(rows) != len(shown) or not all(_may(row, running, now) for row in rows):
            raise NotToRestore
        (day,) = days
        _refuse_a_day_off(day)
        for room, there in groupby(sorted(rows, key=lambda row: row.room_id), key=lambda row: row.room_id):
            room_actions.refuse_unfit(rooms[room], list(there))
        for pk, plan in running.items():
            Session.objects.filter(pk__in=shown, activity__plan=pk).update(
                state=SessionState.PLANNED,
                cancel_reason="",
                restored_at=Greatest(
                    Value(plan.next_moment(now)), F("cancelled_at") + A_TICK
                ),  # it may have waited
            )
        told = telling.concerned(
            rows, title=_("%(date)s 课后服务恢复") % {"date": day}, body=_letter(rows, said), by=by, now=now
        )
        mark(now=now, days=[day], terms={row.activity.plan.term_code for row in rows})
        details = {"date": day, "sessions": [row.pk for row in rows], "told": told}
        record(verb="care.sessions.restore", target=rows[0].activity.plan, by=by, at=now, details=details)
    return told


def _may(row: Session, running: Mapping[UUID, Plan], now: datetime) -> bool:
    plan = running.get(row.activity.plan_id)
    return (
        plan is not None
        and row.date <= plan.last_date
        and row.state == SessionState.CANCELLED
        and row.cancelled_at is not None
        and row.restored_at is None
        and row.starts_at > now
    )


def _refuse_a_day_off(day: date) -> None:
    try:
        has_school = calendar.is_school_day(day, school_here().district)
    except calendar.CalendarUnknown:
        return  # sessions were made for the day
    if not has_school:
        raise NoSchoolThatDay(date=day)


def _letter(rows: list[Session], reason: str) -> str:
    titles = "、".join(f"{timezone.localtime(row.starts_at):%H:%M} {row.activity.title}" for row in rows)
    return _(
        "%(date)s 的课后服务恢复开展：%(titles)s。以前的取消通知作废，按原定时间接孩子。说明：%(reason)s。"
    ) % {
        "date": rows[0].date,
        "titles": titles,
        "reason": reason,
    }
