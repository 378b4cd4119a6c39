"""Reads of the set-up: a year as months of weeks, schools that a change would meet, what a new city still lacks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Final

from afterbell.accounts import senders
from afterbell.accounts.models import Assignment
from afterbell.accounts.roles import ADMINISTRATORS, Role
from afterbell.kernel.dates import Period
from oversight.facts.models import DayFact
from tenants import calendar, queries
from tenants.calendar import DaySeen
from tenants.models import District, PolicyProfile, School, Term
from tenants.states import SchoolState

WEEK: Final = 7


@dataclass(frozen=True)
class MonthSeen:
    """A month as rows of seven: None where a week reaches into the next month."""

    first: date
    weeks: Sequence[Sequence[DaySeen | None]]
    school_days: int


@dataclass(frozen=True)
class YearSeen:
    """A year's months that a term touches, and what the city has still to say of its terms."""

    months: Sequence[MonthSeen]
    unsettled: Sequence[date]
    """Days with school, from today on, whose timetable nobody has said: nobody can teach by it any more on a past one."""
    unknown: Period | None
    """From the first to the last day of a term that neither the national calendar nor the city knows."""


def year(number: int, district: District | None, *, today: date) -> YearSeen:
    """Two queries."""
    days = calendar.seen(Period(date(number, 1, 1), date(number, 12, 31)), district)
    taught = [day for day in days if day.is_in_term]
    months = [_month(list(part)) for _number, part in groupby(days, key=lambda day: day.date.month)]
    unknown = [day.date for day in taught if day.is_open is None]
    return YearSeen(
        months=[
            month for month in months if any(day and day.is_in_term for week in month.weeks for day in week)
        ],
        unsettled=_unsettled(taught, today),
        unknown=Period(unknown[0], unknown[-1]) if unknown else None,
    )


def day(of: date, district: District | None) -> DaySeen:
    """One day. Two queries."""
    return calendar.seen(Period(of, of), district)[0]


def schools_with_sessions(of: date, district: District | None) -> int:
    """Schools that have planned sessions on a day, as last counted; of one district, or of all."""
    found = DayFact.objects.filter(date=of, sessions_planned__gt=0)
    if district is not None:
        found = found.filter(school__district=district)
    return found.count()


def schools_under(district: District | None, kind: str) -> int:
    """Schools in service to which rules of this scope may apply."""
    found = queries.schools().filter(state=SchoolState.ACTIVE)
    if district is not None:
        found = found.filter(district=district)
    return (found.filter(kind=kind) if kind else found).count()


@dataclass(frozen=True)
class Start:
    """What a new city has; None and 0 where there is nothing yet."""

    districts: int
    has_rules: bool
    term: Term | None
    """The running one, or the next."""
    unknown: Period | None
    unsettled: Sequence[date]
    schools: int
    supervisors: int
    administrators: frozenset[str]
    sends: bool
    """Codes and links reach phones: without them no school gets past its first account."""


def start(today: date) -> Start:
    """Eight queries at most."""
    term = Term.objects.filter(last_date__gte=today).order_by("first_date", "pk").first()
    unknown, unsettled = _gaps(term, today)
    roles = list(
        Assignment.objects.filter(role__in=[*ADMINISTRATORS, Role.BUREAU_SUPERVISOR], user__is_active=True)
        .values_list("role", flat=True)
        .order_by("pk")
    )
    return Start(
        districts=District.objects.count(),
        has_rules=PolicyProfile.objects.exists(),
        term=term,
        unknown=unknown,
        unsettled=unsettled,
        schools=School.objects.filter(state=SchoolState.ACTIVE).count(),
        supervisors=roles.count(Role.BUREAU_SUPERVISOR),
        administrators=frozenset(roles) & frozenset(ADMINISTRATORS),
        sends=senders.is_connected(),
    )


def _gaps(term: Term | None, today: date) -> tuple[Period | None, list[date]]:
    if term is None:
        return None, []
    days = calendar.seen(Period(term.first_date, term.last_date))
    unknown = [each.date for each in days if each.is_open is None]
    return (Period(unknown[0], unknown[-1]) if unknown else None), _unsettled(days, today)


def _unsettled(days: Sequence[DaySeen], today: date) -> list[date]:
    return [day.date for day in days if day.is_open and day.weekday is None and day.date >= today]


def _month(days: Sequence[DaySeen]) -> MonthSeen:
    cells: list[DaySeen | None] = [None] * (days[0].date.isoweekday() - 1) + list(days)
    cells += [None] * (-len(cells) % WEEK)
    return MonthSeen(
        first=days[0].date,
        weeks=[cells[start : start + WEEK] for start in range(0, len(cells), WEEK)],
        school_days=sum(1 for day in days if day.is_in_term and day.is_open),
    )
