"""Writes of sessions: made from plan and calendar, cancelled with a reason."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks
from afterbell.kernel.dates import Period
from afterbell.kernel.errors import Refused
from afterbell.kernel.locks import lockable
from afterbell.kernel.states import move
from afterbell.outbox.actions import mark
from schools.care import day_telling, duty_telling, queries, refusals, room_actions, telling
from schools.care.models import Duty, Handover, Session
from schools.care.roll import day_of
from schools.care.states import SESSION_MOVES, SessionState
from schools.planning.models import Activity, Plan
from schools.planning.rules import class_hours
from schools.planning.states import PlanState
from tenants import calendar
from tenants.exchange import names
from tenants.models import School
from tenants.policies import queries as policies

BATCH: Final = 1000


class PlanNotPublished(Refused):
    """S38: sessions come after the published plan."""

    code = "care.plan_not_published"
    message = gettext_lazy("服务方案还没有公示，不能生成服务场次。")


class DayIsOver(Refused):
    """A day that has passed can't be cancelled."""

    code = "care.day_is_over"
    message = gettext_lazy("这一天已经过去，不能再取消。")


class HourIsOver(Refused):
    """Families would read that they need not come, hours after they came."""

    code = "care.hour_is_over"
    message = gettext_lazy("这次服务的时间已经过去，不能再取消。没有开展的，明天起由带班领导登记为没有开展。")


class ChildrenOnTheirWay(Refused):
    """S24: somebody has sent children here."""

    code = "care.children_on_their_way"
    message = gettext_lazy("已经有学生从前一场转来，不能取消。请先让前一场的老师撤销转场。")


@dataclass(frozen=True)
class Made:
    """What making a term's sessions came to."""

    created: int
    unsettled: list[date]
    """Make-up days whose timetable the city has still to say."""
    unknown: list[Refused]
    """Months that the calendar can't decide yet; run again when the city has entered them."""
    strays: int
    """Planned sessions on days that are no longer school days: to be cancelled by hand."""


def make_sessions(*, plan: Plan, school: School, by: User | None, now: datetime) -> Made:
    """All sessions of the plan's term from its activities and the school calendar; run again, it adds what is missing.

    Only what is not over: nothing is made up for the past.
    """
    with transaction.atomic():
        row = locks.locked(plan)  # two clerks who press at once stand in line here, not at each session
        if row.state != PlanState.PUBLISHED:
            raise PlanNotPublished
        minutes = policies.for_school(school, row.first_date).policy.class_hour_minutes
        activities = list(row.activities.order_by("weekday", "starts", "pk"))
        rooms = room_actions.fit_for(activities)
        first = max(row.first_date, timezone.localdate(now))
        days, unknown = _days(first, row.last_date, school) if first <= row.last_date else ([], [])
        wanted = [
            _session(activity, rooms[activity.pk], day.date, minutes, row.next_moment(now))
            for day in days
            for activity in activities
            if activity.weekday == day.weekday
        ]
        wanted = [each for each in wanted if each.ends_at > now]
        before = Session.objects.filter(activity__plan=row).count()
        Session.objects.bulk_create(wanted, batch_size=BATCH, ignore_conflicts=True)
        created = Session.objects.filter(activity__plan=row).count() - before
        strays = queries.strays(row, first, [day.date for day in days], unknown_months=bool(unknown))
        mark(now=now, days={session.date for session in wanted}, terms=[row.term_code])
        details = {"created": created, "strays": strays}
        record(verb="care.sessions.make", target=row, by=by, at=now, details=details)
    return Made(created, calendar.unsettled(days), unknown, strays)


def cancel_session(*, session: Session, reason: str, by: User, now: datetime) -> int:
    """Before it begins, with a reason; the families with a place in it and who is on duty are told. Returns how many
    adults of children were. Until its hour it can be restored (restore_actions).

    Raises NoReason, NamesAChild (the other families read it), DayIsOver, HourIsOver, ChildrenOnTheirWay, MoveNotAllowed.
    """
    if not reason.strip():
        raise refusals.NoReason
    names.refuse_children([reason])
    with transaction.atomic():
        plan = locks.locked(session.activity.plan)  # a charge run that has counted the session is over
        row = locks.locked(session, also=("activity__plan",))
        if row.date < day_of(now):
            raise DayIsOver
        if row.ends_at <= now:
            raise HourIsOver
        if Handover.objects.filter(entry__session__date=row.date, next_session=row, undone_at=None).exists():
            raise ChildrenOnTheirWay
        also = {"cancel_reason": reason.strip(), "cancelled_at": row.cancelled_at or plan.next_moment(now)}
        move(row, to=SessionState.CANCELLED, moves=SESSION_MOVES, at=now, also=also)
        duties = locks.lockable(Duty.objects.filter(session=row)).values_list("pk", flat=True)
        held = list(duties)
        told = telling.concerned(
            [row],
            title=_("%(date)s “%(title)s”取消") % {"date": row.date, "title": row.activity.title},
            body=day_telling.of_one(row, reason.strip()),
            by=by,
            now=now,
        )
        Duty.objects.filter(pk__in=held).delete()
        mark(now=now, days=[row.date], terms=[row.activity.plan.term_code])
        record(verb="care.session.cancel", target=row, by=by, at=now, details={"told": told})
    locks.follow(session, row)
    return told


def say_not_held(*, session: Session, reason: str, by: User, now: datetime) -> int:
    """A past day on which nobody opened it and nobody came together: a leader says why, the families and who was on
    duty are told the truth. Returns how many adults of children were. Raises NotYours, NotOverYet, NoReason,
    NamesAChild, and MoveNotAllowed for one that was opened."""
    if not reason.strip():
        raise refusals.NoReason
    names.refuse_children([reason])
    with transaction.atomic():
        row = locks.locked(session, also=("activity__plan",))
        if not queries.led_by(by).filter(pk=row.pk).exists():
            raise refusals.NotYours
        if row.date >= day_of(now):
            raise refusals.NotOverYet
        also = {"cancel_reason": reason.strip()}
        move(row, to=SessionState.CANCELLED, moves=SESSION_MOVES, at=now, also=also)
        said = {"date": row.date, "title": row.activity.title, "reason": reason.strip()}
        told = telling.concerned(
            [row],
            title=_("%(date)s “%(title)s”没有开展") % said,
            body=_("%(date)s 的“%(title)s”没有开展。原因：%(reason)s。本次不收费。有疑问请联系学校。") % said,
            by=by,
            now=now,
        )
        mark(now=now, days=[row.date], terms=[row.activity.plan.term_code])
        details = {"told": told, "late": True}
        record(verb="care.session.not_held", target=row, by=by, at=now, details=details)
    locks.follow(session, row)
    return told


def cancel_after(*, plan: Plan, after: date, reason: str, by: User, now: datetime) -> int:
    """Cancel all lessons of a plan after a day, because the service ends; gives how many. Whoever decides tells families;
    who was on duty hears of it here, in one letter each."""
    waiting = Session.objects.filter(activity__plan=plan, state=SessionState.PLANNED, date__gt=after)
    with transaction.atomic():
        rows = list(lockable(waiting))
        pks = [row.pk for row in rows]
        Session.objects.filter(pk__in=pks).update(state=SessionState.CANCELLED, cancel_reason=reason)
        duties = list(Duty.objects.filter(session__in=pks))
        Duty.objects.filter(session__in=pks).delete()
        duty_telling.cancelled(duties, reason=reason, by=by, now=now)
        mark(now=now, days={row.date for row in rows}, terms=[plan.term_code])
        details = {"sessions": len(rows), "after": after}
        record(verb="care.sessions.cancel_after", target=plan, by=by, at=now, details=details)
    return len(rows)


def _days(first: date, last: date, school: School) -> tuple[list[calendar.SchoolDay], list[Refused]]:
    """Month by month: one that the calendar does not know yet does not keep the others from being made."""
    days: list[calendar.SchoolDay] = []
    unknown: list[Refused] = []
    for part in _months(Period(first, last)):
        try:
            days += calendar.school_calendar(part.first, part.last, school.district)
        except calendar.CalendarUnknown as refusal:
            unknown.append(refusal)
    return days, unknown


def _months(period: Period) -> Iterator[Period]:
    for month in period.months():
        part = month.period.overlap(period)
        if part is not None:
            yield part


def _session(activity: Activity, room: UUID, day: date, minutes: int, now: datetime) -> Session:
    return Session(
        activity=activity,
        room_id=room,
        date=day,
        starts_at=timezone.make_aware(datetime.combine(day, activity.starts)),
        ends_at=timezone.make_aware(datetime.combine(day, activity.ends)),
        planned_units=class_hours(activity.starts, activity.ends, minutes),
        made_at=now,
    )
