"""Cancelling what is left of a day: a typhoon, a day on which the city has put off school."""

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction
from django.db.models import Value
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks
from afterbell.kernel.errors import Refused
from afterbell.outbox.actions import mark
from schools.care import day_queries, day_telling, refusals, telling
from schools.care.actions import ChildrenOnTheirWay, DayIsOver
from schools.care.models import Duty, Handover, Session
from schools.care.roll import day_of
from schools.care.states import SessionState
from schools.planning.models import Plan
from tenants.exchange import names


class NothingPlanned(Refused):
    """Cancelled before, or never made."""

    code = "care.nothing_planned_that_day"
    message = gettext_lazy("%(date)s 没有待开始的服务，不用取消。")


class DayMoved(Refused):
    """A bulk step does what the page showed."""

    code = "care.day_moved"
    message = gettext_lazy("页面打开之后，%(date)s 的服务有变动，没有取消。请核对新的名单后再确认。")


def cancel_day(
    *, day: date, sessions: Iterable[Session], reason: str, by: User, now: datetime
) -> tuple[int, int]:
    """All that has not begun of a day, which are these that the page showed; all or none. Each family and who is on duty
    get one letter. Returns how many sessions, and how many adults of children were told.

    Raises NoReason, NamesAChild (the other families read it), DayIsOver, NothingPlanned, DayMoved, ChildrenOnTheirWay.
    """
    said = " ".join(reason.split())[:200]
    if not said:
        raise refusals.NoReason
    names.refuse_children([said])
    shown = {row.pk for row in sessions}
    with transaction.atomic():
        if day < day_of(now):
            raise DayIsOver
        here = Session.objects.filter(date=day).values_list("activity__plan", flat=True)
        plans = {row.pk: row for row in locks.locked_rows(Plan, set(here))}
        held = locks.lockable(day_queries.planned_on(day, now), also=("activity__plan",))
        rows = sorted(held, key=lambda row: (row.starts_at, row.pk))
        if not rows:
            raise NothingPlanned(date=day)
        keys = [row.pk for row in rows]
        if shown != set(keys):
            raise DayMoved(date=day)
        if Handover.objects.filter(entry__session__date=day, next_session__in=keys, undone_at=None).exists():
            raise ChildrenOnTheirWay
        for pk, plan in plans.items():
            Session.objects.filter(pk__in=keys, activity__plan=pk).update(
                state=SessionState.CANCELLED,
                cancel_reason=said,
                cancelled_at=Coalesce("cancelled_at", Value(plan.next_moment(now))),
            )
        duties = list(locks.lockable(Duty.objects.filter(session__in=keys)).values_list("pk", flat=True))
        told = telling.concerned(
            rows,
            title=_("%(date)s 课后服务取消") % {"date": day},
            body=day_telling.of_day(day, said),
            by=by,
            now=now,
        )
        Duty.objects.filter(pk__in=duties).delete()
        mark(now=now, days=[day], terms={row.activity.plan.term_code for row in rows})
        details = {"date": day, "sessions": keys, "told": told}
        record(verb="care.sessions.cancel_day", target=rows[0].activity.plan, by=by, at=now, details=details)
    return len(rows), told
