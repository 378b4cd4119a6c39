"""Entering school days: of a year whose national calendar the platform does not know yet, and single days that differ."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.dates import Period, local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.locks import lockable
from tenants.calendar import LAST_WEEKDAY, is_year_known
from tenants.models import CalendarOverride, District

REASON_MOST: Final = 80


class DayIsPast(Refused):
    """Lessons, bills and refunds rest on it."""

    code = "calendar.day_is_past"
    message = _("%(date)s 已经过去，点名、收费和退费都按当时的校历计算，不能再改。")


class NoReasonForDay(Refused):
    """Schools read why."""

    code = "calendar.no_reason"
    message = _("请写明原因，最多 %(most)s 个字，不能有换行等看不见的字符。学校会看到。")
    status = 400


class TimetableWithoutSchool(Refused):
    """A day off runs nobody's timetable."""

    code = "calendar.timetable_without_school"
    message = _("不上课的日子没有课表。请选择“上课”，或不选课表。")
    status = 400


class DayMoved(Refused):
    """Somebody else has said something of that day in between."""

    code = "calendar.day_moved"
    message = _("%(date)s 的安排刚刚被别人改过。请看过再改。")


class NobodyElseKnows(Refused):
    """Without the city's word nobody could say whether there is school."""

    code = "calendar.nobody_else_knows"
    message = _("平台还没有 %(year)s 年的全国放假安排，这一天不能恢复为全国安排。请直接修改。")


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
    Days that were entered before stay as they are, and so do days that have passed by an officer's hand, where the national
    calendar has said what they were: rolls and bills rest on them. Returns how many days are new.
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
        if by is not None:
            known |= {day for day in period if day < local_date(now) and is_year_known(day.year)}
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
        before = CalendarOverride.objects.filter(district=district).count()
        CalendarOverride.objects.bulk_create(rows, ignore_conflicts=True)  # who said it meanwhile was first
        made = CalendarOverride.objects.filter(district=district).count() - before
        audit.record(
            verb="calendar.enter_days",
            target=f"district:{district.code}" if district else "city",
            by=by,
            at=now,
            details={"first": period.first, "last": period.last, "days": made},
        )
    return made


def _is_open(day: date, holidays: Collection[date], make_up_days: Mapping[date, int]) -> bool:
    return day in make_up_days or (day.isoweekday() <= LAST_WEEKDAY and day not in holidays)


def change_day(
    *,
    day: date,
    is_school_day: bool,
    follows_weekday: int | None,
    reason: str,
    district: District | None,
    seen: CalendarOverride | None,
    by: User,
    now: datetime,
) -> CalendarOverride:
    """Say of one day whether there is school; on a day with school, whose timetable it runs (1 to 7; None: its own).

    `seen` is what stood there when the officer looked: None where the national calendar counted.
    Raises DayIsPast, NoReasonForDay, TimetableWithoutSchool, DayMoved.
    """
    _refuse_past(day, now)
    if follows_weekday is not None and not is_school_day:
        raise TimetableWithoutSchool(field="follows_weekday")
    plain = reason.strip()
    if not plain or len(plain) > REASON_MOST or not plain.isprintable():
        raise NoReasonForDay(most=REASON_MOST, field="reason")
    with transaction.atomic():
        row = _as_seen(day, district, seen)
        before = _what(row) if row else None
        row = row or CalendarOverride(date=day, district=district)
        row.is_school_day, row.follows_weekday, row.reason = is_school_day, follows_weekday, plain
        try:
            with transaction.atomic():
                row.save(force_insert=before is None, force_update=before is not None)
        except IntegrityError as error:  # somebody else said it first
            raise DayMoved(date=day) from error
        details = {
            "date": day,
            "before": before,
            **_what(row),
            "district": district.code if district else None,
        }
        audit.record(verb="calendar.change_day", target=row, by=by, at=now, details=details)
    return row


def forget_day(
    *, day: date, district: District | None, seen: CalendarOverride | None, by: User, now: datetime
) -> None:
    """The national calendar counts again (for a district: the city's). Raises DayIsPast, DayMoved, NobodyElseKnows."""
    _refuse_past(day, now)
    with transaction.atomic():
        row = _as_seen(day, district, seen)
        if row is None:
            raise DayMoved(date=day)
        city = CalendarOverride.objects.filter(date=day, district=None)
        if not is_year_known(day.year) and (district is None or not city.exists()):
            raise NobodyElseKnows(year=day.year)
        details = {"date": day, "before": _what(row), "district": district.code if district else None}
        audit.record(verb="calendar.forget_day", target=row, by=by, at=now, details=details)
        row.delete()


def _refuse_past(day: date, now: datetime) -> None:
    if day < local_date(now):
        raise DayIsPast(date=day)


def _as_seen(day: date, district: District | None, seen: CalendarOverride | None) -> CalendarOverride | None:
    """What stands there now, ours until the end. Raises DayMoved when it is not what was seen."""
    row = lockable(CalendarOverride.objects.filter(date=day, district=district)).first()
    if _said(row) != _said(seen):
        raise DayMoved(date=day)
    return row


def _said(row: CalendarOverride | None) -> tuple[bool, int | None, str] | None:
    return (row.is_school_day, row.follows_weekday, row.reason) if row else None


def _what(row: CalendarOverride) -> dict[str, object]:
    """For the audit log, which takes nobody's words."""
    return {"open": row.is_school_day, "weekday": row.follows_weekday}
