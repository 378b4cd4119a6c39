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


@dataclass(frozen=True)
class DaySeen:
    """One day as the calendar's page shows it, in a term or not."""

    date: date
    is_in_term: bool
    is_open: bool | None
    """By the city's word or the national calendar; None where neither knows."""
    weekday: int | None
    """Whose timetable it would run; None on a make-up day that nobody has settled."""
    override: CalendarOverride | None


def seen(period: Period, district: District | None = None) -> list[DaySeen]:
    """Every day of a period, also where the national calendar is not known. Two queries."""
    overrides, terms = _overrides(period, district), _terms(period)
    found = []
    for day in period:
        override = overrides.get(day)
        try:
            is_open: bool | None = _is_open(day, override)
        except CalendarUnknown:
            is_open = None
        is_in_term = any(day in term for term in terms)
        found.append(DaySeen(day, is_in_term, is_open, _weekday(day, override), override))
    return found


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


def is_year_known(year: int) -> bool:
    """Whether the national calendar of a year came with the platform."""
    try:
        chinese_calendar.is_workday(date(year, 1, 1))
    except NotImplementedError:
        return False
    return True


def national_make_up_days(period: Period) -> list[date]:
    """Saturdays and Sundays on which the country works, in years that are known; nobody says whose timetable they run."""
    years = {year for year in range(period.first.year, period.last.year + 1) if is_year_known(year)}
    return [
        day
        for day in period
        if day.year in years and day.isoweekday() > LAST_WEEKDAY and chinese_calendar.is_workday(day)
    ]


def unknown_parts(period: Period) -> list[Period]:
    """The years of a period that the platform does not know, each cut to the period."""
    parts = []
    for year in range(period.first.year, period.last.year + 1):
        part = period.overlap(Period(date(year, 1, 1), date(year, 12, 31)))
        if part is not None and not is_year_known(year):
            parts.append(part)
    return parts


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
