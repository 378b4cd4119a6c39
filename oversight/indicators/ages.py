"""How old the figures are, and whom they don't hear of: for the top bar of every page and the overview.

A school that never reported in the term is not a silent one: the first has nothing to be late with, the second had. Both
are named; so are those whose last roll-up failed, whose figures are as old as their last success.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from redis.exceptions import RedisError

from afterbell.kernel.dates import local_date
from oversight.facts.rollups import OFFERING
from oversight.indicators import heard
from oversight.scope import Scope
from tenants import context
from tenants.calendar import CalendarUnknown, school_days
from tenants.models import CalendarOverride, District

SILENT_AFTER: Final = 3
"""School days without a held session."""
LOOK_BACK: Final = timedelta(days=60)
"""Longer than any holiday within a term."""
KEEP_DAYS: Final = 600
"""Seconds that the last school days are kept: a change of the calendar shows within ten minutes."""
CITY: Final = ""
AS_OF: Final = "GREATEST(rolled_at, swept_at)"
"""The one age of the city's figures, on every page, in every file and answer: of a row of oversight_areapulse."""
log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class TermChoice:
    """A term of the city."""

    code: str
    name: str
    first_date: date
    last_date: date
    is_current: bool = False
    """Running now, or begun last."""


@dataclass(frozen=True)
class SchoolLine:
    """A school by its names, and since when."""

    code: str
    name: str
    district_code: str
    district_name: str
    since: datetime | None = None
    """The last roll-up, or the (beginning of the) last day with a held session; None when there was none."""


@dataclass(frozen=True)
class DataAge:
    """How old the figures are, and what is not in them."""

    rolled_at: datetime | None
    """When the city's sums last changed."""
    swept_at: datetime | None
    """Everything that schools wrote before is in the figures."""
    term: str | None
    """The running term; between terms nobody is silent."""
    failed: tuple[SchoolLine, ...] = ()
    never: tuple[SchoolLine, ...] = ()
    """Nothing of the running term: neither consultation nor plan, nor a day, nor money."""
    silent: tuple[SchoolLine, ...] = ()
    """The plan is published and has begun, and nothing was held on the last three school days."""
    version: str = ""
    """Another one after each change of the city's figures; empty while there are none."""

    @property
    def as_of(self) -> datetime | None:
        """The moment whose state the figures show at least."""
        known = [at for at in (self.rolled_at, self.swept_at) if at is not None]
        return max(known, default=None)


def as_of(scope: Scope) -> datetime | None:
    """DataAge.as_of alone, for who shows no more of it. One statement."""
    with scope.reading(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {AS_OF} FROM oversight_areapulse")  # noqa: S608
        row = cursor.fetchone()
    return row[0] if row else None


def terms(scope: Scope, now: datetime) -> list[TermChoice]:
    """All terms, the latest first; one of them is current once any has begun. One statement."""
    with scope.reading(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT code, name, first_date, last_date FROM tenants_term ORDER BY first_date DESC, code DESC"
        )
        rows = cursor.fetchall()
    today = local_date(now)
    current = next((code for code, _name, first, _last in rows if first <= today), None)
    return [
        TermChoice(code, name, first, last, is_current=code == current) for code, name, first, last in rows
    ]


def data_age(scope: Scope, now: datetime, *, days: Mapping[str, date | None] | None = None) -> DataAge:
    """Two statements, beside the last school days (`recent_days`, kept for ten minutes)."""
    values: dict[str, Any] = {"today": local_date(now), "zone": settings.TIME_ZONE}
    since = dict(recent_days(now) if days is None else days)
    values |= {"offering": list(OFFERING), "usual": since.pop(CITY, None)}
    values |= {"own": list(since), "own_days": list(since.values())}
    where, terms = "", "oversight_schoolterm"
    if scope.districts is not None:
        where, values["districts"] = "AND district.code = ANY(%(districts)s)", sorted(scope.districts)
    if scope.only_school is not None:
        where, values["only"] = f"{where} AND school.id = %(only)s", scope.only_school
    if scope.seen_by is not None:
        terms, values["seen_by"] = heard.TERMS, scope.seen_by
    with scope.reading(), connection.cursor() as cursor:
        cursor.execute(PULSE, values)
        rolled_at, swept_at, version, term = cursor.fetchone()
        cursor.execute(LINES.format(where=where, terms=terms), values | {"term": term})
        rows = cursor.fetchall()
    found: dict[str, list[SchoolLine]] = {"failed": [], "never": [], "silent": []}
    for what, *line in rows:
        found[what].append(SchoolLine(*line))
    lines = {what: tuple(lines) for what, lines in found.items()}
    return DataAge(rolled_at, swept_at, term, **lines, version=version or "")


def recent_days(now: datetime) -> dict[str, date | None]:
    """By district with days of its own (CITY for the others): the third last school day before today, None when there
    have not been three. Asked of the calendar in the city, which the bureaus' readers can't see.
    """
    key = f"indicators.recent_days:{local_date(now)}"
    try:
        return dict(cache.get_or_set(key, lambda: _recent_days(local_date(now)), KEEP_DAYS) or {})
    except RedisError as error:
        log.warning("indicators.cache_away", reason=type(error).__name__)
        return _recent_days(local_date(now))


def _recent_days(today: date) -> dict[str, date | None]:
    first, last = today - LOOK_BACK, today - timedelta(days=1)
    with context.in_city():
        own = list(
            District.objects.filter(
                pk__in=CalendarOverride.objects.filter(date__range=(first, last)).values("district")
            ).order_by("code")
        )
        return {CITY: _third_last(first, last, None)} | {
            district.code: _third_last(first, last, district) for district in own
        }


def _third_last(first: date, last: date, district: District | None) -> date | None:
    try:
        days = school_days(first, last, district)
    except CalendarUnknown:
        return None  # whether there was school is not known: nobody is called silent
    return days[-SILENT_AFTER] if len(days) >= SILENT_AFTER else None


PULSE: Final = """
SELECT (SELECT rolled_at FROM oversight_areapulse), (SELECT swept_at FROM oversight_areapulse),
    (SELECT id || ':' || version FROM oversight_areapulse),
    (SELECT code FROM tenants_term WHERE first_date <= %(today)s AND last_date >= %(today)s
     ORDER BY first_date DESC LIMIT 1)
"""
LINES: Final = """
WITH lines AS (
    SELECT school.code, school.name, district.code AS district_code, district.name AS district_name,
        pulse.rolled_at, pulse.failed_at, roll.school_id IS NULL AS is_unknown, roll.last_held_date,
        roll.plan_state = ANY(%(offering)s) AS offers,
        CASE WHEN district.code = ANY(%(own)s::text[])
            THEN (%(own_days)s::date[])[array_position(%(own)s::text[], district.code::text)]
            ELSE %(usual)s::date END AS third_last,
        GREATEST(
            term.first_date, (roll.plan_published_at AT TIME ZONE %(zone)s)::date, roll.plan_first_date
        ) AS begun_date
    FROM tenants_school AS school
    JOIN tenants_district AS district ON district.id = school.district_id
    LEFT JOIN oversight_pulse AS pulse ON pulse.school_id = school.id
    LEFT JOIN tenants_term AS term ON term.code = %(term)s
    LEFT JOIN {terms} AS roll ON roll.school_id = school.id AND roll.term_code = term.code
    WHERE school.state = 'active' {where}
)
SELECT 'failed', code, name, district_code, district_name, rolled_at FROM lines WHERE failed_at IS NOT NULL
UNION ALL
SELECT 'never', code, name, district_code, district_name, NULL FROM lines WHERE is_unknown AND %(term)s IS NOT NULL
UNION ALL
SELECT 'silent', code, name, district_code, district_name,
    last_held_date::timestamp AT TIME ZONE %(zone)s FROM lines
    WHERE offers AND third_last >= begun_date AND COALESCE(last_held_date < third_last, TRUE)
ORDER BY 1, 2
"""
