"""School days: the national calendar of working days, the city's and its districts' own days, within the terms.

A make-up day (调休上课日) is a school day by the national calendar, but nobody announces nationally whose timetable
it runs. Until the city says so in an override (`follows_weekday`), its weekday is unknown: None.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import chinese_calendar
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import Period
from afterbell.kernel.errors import Refused
from tenants.models import CalendarOverride, District, Term

LAST_WEEKDAY = 5


class CalendarUnknown(Refused):
    """The national calendar of that year is not known here yet, and the city has not entered the day either."""

    code = "calendar.unknown"
    message = _(
        "平台还没有 %(year)s 年的全国放假安排，%(date)s 是否上课无法判断。请市级管理员先在校历中录入。"
    )


@dataclass(frozen=True, order=True)
class SchoolDay:
    """A day with school, and the weekday (1 Monday to 7) whose timetable it runs; None is not said yet."""

    date: date
    weekday: int | None


def school_calendar(first: date, last: date, district: District | None = None) -> list[SchoolDay]:
    """All school days from first to last, both inside. Two queries, whatever the length.

    Raises CalendarUnknown when a day of a term can't be decided.
    """
    period = Period(first, last)
    overrides = _overrides(period, district)
    terms = _terms(period)
    days = (day for day in period if any(day in term for term in terms))
    return [
        SchoolDay(day, _weekday(day, overrides.get(day))) for day in days if _is_open(day, overrides.get(day))
    ]


def school_days(first: date, last: date, district: District | None = None) -> list[date]:
    """The dates of the school days; see school_calendar."""
    return [day.date for day in school_calendar(first, last, district)]


def is_school_day(day: date, district: District | None = None) -> bool:
    """Whether there is school. Raises CalendarUnknown."""
    return bool(school_calendar(day, day, district))


def follows_weekday(day: date, district: District | None = None) -> int | None:
    """Whose timetable a day runs; None without school, and for a make-up day that the city has not settled."""
    return next((found.weekday for found in school_calendar(day, day, district)), None)


def unsettled(days: Iterable[SchoolDay]) -> list[date]:
    """Make-up days whose timetable the city has still to say: no session can be planned on them."""
    return [day.date for day in days if day.weekday is None]


def _is_open(day: date, override: CalendarOverride | None) -> bool:
    if override is not None:
        return override.is_school_day
    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError as error:  # outside the years that the package knows
        raise CalendarUnknown(year=day.year, date=day) from error


def _weekday(day: date, override: CalendarOverride | None) -> int | None:
    if override is not None and override.follows_weekday is not None:
        return override.follows_weekday
    return day.isoweekday() if day.isoweekday() <= LAST_WEEKDAY else None


def _overrides(period: Period, district: District | None) -> dict[date, CalendarOverride]:
    """One a day; the district's own goes before the city's."""
    here = Q(district__isnull=True)
    if district is not None:
        here |= Q(district=district)
    rows = CalendarOverride.objects.filter(here, date__range=(period.first, period.last))
    by_scope = sorted(rows, key=lambda row: row.district_id is not None)
    return {row.date: row for row in by_scope}


def _terms(period: Period) -> list[Period]:
    rows = Term.objects.filter(first_date__lte=period.last, last_date__gte=period.first)
    return [Period(term.first_date, term.last_date) for term in rows]
