"""Reads days whose sessions are not what the calendar says now: the city changed a day after they were made (S21)."""

from datetime import date, datetime
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, Func, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, ExtractIsoWeekDay

from afterbell.kernel.dates import local_date
from schools.care.models import Session
from schools.care.states import SessionState
from schools.planning.models import Activity
from schools.planning.states import PlanState
from tenants.context import current_schema
from tenants.models import CalendarOverride, School


class ChangedDay(NamedTuple):
    """A day on which the city has said something, and what the school still has to do about it."""

    date: date
    is_school_day: bool
    reason: str
    planned: int
    """Sessions on a day without school: to be cancelled."""
    missing: int
    """Activities of the day's timetable that have no session: to be made."""


def changed_days(now: datetime) -> list[ChangedDay]:
    """From today on, in their order, those alone on which something is to be done. One query.

    A district's own day goes before the city's. Of a plan whose sessions nobody has made yet nothing is missing.
    """
    here = School.objects.filter(schema_name=current_schema()).values("district")
    rows = CalendarOverride.objects.filter(
        Q(district=None) | Q(district__in=here), date__gte=local_date(now)
    ).annotate(
        weekday=Coalesce("follows_weekday", ExtractIsoWeekDay("date")),
        planned=_number_of(planned_on(OuterRef("date"), now)),
        missing=_number_of(_without_session()),
    )
    found: dict[date, ChangedDay] = {}
    for row in rows.order_by("date", F("district").asc(nulls_first=True)):
        found[row.date] = ChangedDay(
            row.date,
            row.is_school_day,
            row.reason,
            planned=0 if row.is_school_day else row.planned,
            missing=row.missing if row.is_school_day else 0,
        )
    return [each for each in found.values() if each.planned or each.missing]


def planned_on(day: date | OuterRef, now: datetime) -> QuerySet[Session]:
    """What can still be cancelled of a day: its hour is not over. Not ordered."""
    return Session.objects.filter(date=day, state=SessionState.PLANNED, ends_at__gt=now)


def restorable(now: datetime) -> QuerySet[Session]:
    """Cancelled sessions that can still take place: not begun, never restored, within a running plan. Not ordered."""
    return Session.objects.filter(
        state=SessionState.CANCELLED,
        cancelled_at__isnull=False,
        restored_at=None,
        starts_at__gt=now,
        activity__plan__state=PlanState.PUBLISHED,
        date__lte=F("activity__plan__last_date"),
    )


def restorable_days(now: datetime) -> list[tuple[date, int]]:
    """Days with cancelled sessions that can still take place, and how many each has. One query."""
    counted = restorable(now).order_by("date").values_list("date").annotate(every=Count("pk"))
    return list(counted)


def _without_session() -> QuerySet[Activity]:
    made = Session.objects.filter(activity__plan=OuterRef("plan"))
    own = Session.objects.filter(activity=OuterRef("pk"), date=OuterRef(OuterRef("date")))
    return Activity.objects.filter(
        Exists(made),
        ~Exists(own),
        plan__state=PlanState.PUBLISHED,
        plan__first_date__lte=OuterRef("date"),
        plan__last_date__gte=OuterRef("date"),
        weekday=OuterRef("weekday"),
    )


def _number_of(rows: QuerySet[Any]) -> Subquery:
    counted = rows.order_by().annotate(every=Func(F("pk"), function="count")).values("every")
    return Subquery(counted, output_field=IntegerField())
