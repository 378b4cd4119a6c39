"""Entering school days by hand: for a year whose national calendar the platform does not know yet."""

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.dates import Period
from tenants.calendar import LAST_WEEKDAY
from tenants.models import CalendarOverride, District


def enter_days(
    *,
    period: Period,
    holidays: Collection[date],
    make_up_days: Mapping[date, int],
    reason: str,
    by: User | None,
    now: datetime,
    district: District | None = None,
) -> int:
    """Say for every day of a period whether there is school, as the State Council's notice has it.

    Monday to Friday without the holidays, and the make-up days with the weekday (1 to 7) whose timetable they run.
    Days that were entered before stay as they are. Returns how many days are new.
    """
    strangers = [day for day in (*holidays, *make_up_days) if day not in period]
    if strangers or set(holidays) & set(make_up_days):
        raise ValueError(f"holidays and make-up days lie in the period and are not the same: {strangers}")
    with transaction.atomic():
        known = set(
            CalendarOverride.objects.filter(
                district=district, date__range=(period.first, period.last)
            ).values_list("date", flat=True)
        )
        rows = [
            CalendarOverride(
                date=day,
                district=district,
                is_school_day=_is_open(day, holidays, make_up_days),
                follows_weekday=make_up_days.get(day),
                reason=reason,
            )
            for day in period
            if day not in known
        ]
        CalendarOverride.objects.bulk_create(rows)
        audit.record(
            verb="calendar.enter_days",
            target=f"district:{district.code}" if district else "city",
            by=by,
            at=now,
            details={"first": period.first, "last": period.last, "days": len(rows)},
        )
    return len(rows)


def _is_open(day: date, holidays: Collection[date], make_up_days: Mapping[date, int]) -> bool:
    return day in make_up_days or (day.isoweekday() <= LAST_WEEKDAY and day not in holidays)
