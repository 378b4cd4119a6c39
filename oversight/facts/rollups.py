"""Roll-ups in SQL: facts → months and terms of a school → months and terms of an area.

A school's roll-ups are written in the transaction of its facts, under the school's pulse. An area's are written later
in one of their own, under the city's pulse: whoever waits for that lock sees what was committed before, so that two
schools that end at once can't lose each other's sums. Until then the area is marked, and a mark outlives a kill.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from afterbell.kernel.dates import local_date
from afterbell.kernel.ids import uuid7
from oversight.facts import columns
from tenants import context
from tenants.models import School

MICROSECONDS: Final = 1_000_000
OFFERING: Final = ("published", "ended")
SCHOOL_MONTH_OWN: Final = ("statement_due_date", "statement_published_at", "statement_sha256")


def version_at(now: datetime) -> int:
    """Where a pulse begins, and what it jumps to: never what decides, for a clock may go back."""
    return int(now.timestamp() * MICROSECONDS)


def take_pulses(schools: Collection[UUID], *, now: datetime) -> dict[UUID, int]:
    """Wait until nobody else rolls these schools up, then be the next: gives the new version of each. In the city.

    Take it first in the transaction, before the marks are taken and the school is asked: the statements that follow
    see all that those before us have committed, so that the later answer is the newer one, whatever any clock says.
    """
    begun = version_at(now)
    with connection.cursor() as cursor:
        versions = {}
        for school in sorted(schools):  # one order for all, also wait_for_pulses
            cursor.execute(TAKE_PULSE, {"id": uuid7(), "school": school, "version": begun, "now": now})
            (versions[school],) = cursor.fetchone()
    return versions


def wait_for_pulses(schools: Collection[UUID]) -> None:
    """Hold the pulses of these schools without a new version: nobody rolls them up meanwhile. In the city."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM oversight_pulse WHERE school_id = ANY(%s) ORDER BY school_id FOR NO KEY UPDATE",
            [sorted(schools)],
        )


def roll_schools(schools: Collection[UUID], terms: Collection[str], *, now: datetime) -> None:
    """Months and terms of these schools, made anew from their facts; marks their areas. Call it in the city."""
    with transaction.atomic():
        take_pulses(schools, now=now)
        write_schools(schools, terms, now=now)


def write_schools(schools: Collection[UUID], terms: Collection[str], *, now: datetime) -> None:
    """The same for who has taken the schools' pulses in this transaction."""
    if not schools:
        return
    wanted: dict[str, Any] = {"schools": sorted(schools), "terms": sorted(terms)}
    values = {**wanted, "today": local_date(now), "zone": settings.TIME_ZONE, "now": now}
    with transaction.atomic(), connection.cursor() as cursor:
        for table, fields, derived in (
            ("oversight_schoolmonth", SCHOOL_MONTH_FIELDS, SCHOOL_MONTHS),
            ("oversight_schoolterm", SCHOOL_TERM_FIELDS, SCHOOL_TERMS),
        ):
            cursor.execute(
                f"DELETE FROM {table} WHERE school_id = ANY(%(schools)s) AND term_code = ANY(%(terms)s)",  # noqa: S608
                wanted,
            )
            cursor.execute(_insert(table, fields, derived, version=OF_PULSE), values)
        cursor.execute(MARK_AREAS, wanted)


def mark_areas_of(*, school: School) -> None:
    """A school was opened, archived or restored: its area's sums are old, in every term. In that deed's transaction."""
    with connection.cursor() as cursor:
        cursor.execute(ALL_TERMS)
        cursor.execute(MARK_AREAS, {"schools": [school.pk], "terms": [code for (code,) in cursor.fetchall()]})


def roll_areas(*, now: datetime) -> int:
    """Sums of the areas that are marked; gives how many were. Safe to run twice at once, and after a kill."""
    with transaction.atomic(), context.in_city(), connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM oversight_areamark LIMIT 1")
        if cursor.fetchone() is None:
            return 0
        _take_city_pulse(cursor, now)
        cursor.execute("DELETE FROM oversight_areamark RETURNING district_id, stage, kind, term_code")
        marked = set(cursor.fetchall())
        cursor.execute(NEW_CELLS)
        cells = sorted(marked.union(cursor.fetchall()))
        _roll_cells(cursor, cells, now)
        return len(cells)


def roll_all_areas(*, now: datetime) -> int:
    """Every area anew; gives how many there are."""
    with transaction.atomic(), context.in_city(), connection.cursor() as cursor:
        _take_city_pulse(cursor, now)
        cursor.execute("DELETE FROM oversight_areamark")
        cursor.execute("DELETE FROM oversight_areamonth")
        cursor.execute("DELETE FROM oversight_areaterm")
        cursor.execute(ALL_CELLS)
        cells = cursor.fetchall()
        _roll_cells(cursor, cells, now)
        return len(cells)


def roll_everything(*, now: datetime) -> None:
    """All schools' roll-ups and all areas, set-based: after a bulk load, and each night."""
    with transaction.atomic(), context.in_city():
        with connection.cursor() as cursor:
            cursor.execute("SELECT id FROM tenants_school WHERE state = 'active' ORDER BY id")
            schools = [school for (school,) in cursor.fetchall()]
            cursor.execute(ALL_TERMS)
            terms = [code for (code,) in cursor.fetchall()]
        roll_schools(schools, terms, now=now)
    roll_all_areas(now=now)


def stir() -> None:
    """Something that pages show beside the figures has changed: what was kept for this version is old. In the city.

    By its key: whatever the table may come to hold, one row is locked, and nobody waits in a circle.
    """
    with connection.cursor() as cursor:
        cursor.execute("UPDATE oversight_areapulse SET version = version + 1 WHERE number = 1")


def broken_promise() -> str | None:
    """The first of them, or None."""
    return next(broken_promises(), None)


def broken_promises() -> Iterator[str]:
    """In the city: how many roll-ups differ from what their facts give, by table; marked areas are known to be old."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM oversight_areamark LIMIT 1")
        if cursor.fetchone() is not None:
            return
        cursor.execute("SELECT id FROM tenants_school WHERE state = 'active'")
        schools = [school for (school,) in cursor.fetchall()]
        cursor.execute(ALL_TERMS)
        terms = [code for (code,) in cursor.fetchall()]
        values: dict[str, Any] = {
            "schools": schools, "terms": terms, "today": date.max, "zone": settings.TIME_ZONE,
        }  # fmt: skip
        timeless = [name for name in SCHOOL_TERM_FIELDS if name not in columns.STATEMENTS]
        for table, fields, derived in (
            ("oversight_schoolmonth", SCHOOL_MONTH_FIELDS, SCHOOL_MONTHS),
            ("oversight_schoolterm", timeless, SCHOOL_TERMS),
            ("oversight_areamonth", AREA_MONTH_FIELDS, AREA_MONTHS.format(cells=ALL_CELLS)),
            ("oversight_areaterm", AREA_TERM_FIELDS, AREA_TERMS.format(cells=ALL_CELLS)),
        ):
            names = ", ".join(fields)
            cursor.execute(
                f"SELECT COUNT(*) FROM ((SELECT {names} FROM ({derived}) AS derived EXCEPT SELECT {names} FROM {table})"  # noqa: S608
                f" UNION ALL (SELECT {names} FROM {table} WHERE {KNOWN[table]}"
                f" EXCEPT SELECT {names} FROM ({derived}) AS derived)) AS differing",
                values,
            )
            (count,) = cursor.fetchone()
            if count:
                yield f"{count} rows of {table} differ from what the facts give"


Cell = tuple[UUID, str, str, str]


def _roll_cells(cursor: CursorWrapper, cells: Sequence[Cell], now: datetime) -> None:
    if not cells:
        return
    parts = [list(part) for part in zip(*cells, strict=True)]
    values: dict[str, Any] = dict(zip(("districts", "stages", "kinds", "terms"), parts, strict=True))
    values |= {"version": version_at(now), "now": now}
    for table, fields, derived in (
        ("oversight_areamonth", AREA_MONTH_FIELDS, AREA_MONTHS),
        ("oversight_areaterm", AREA_TERM_FIELDS, AREA_TERMS),
    ):
        cursor.execute(
            f"DELETE FROM {table} USING ({WANTED_CELLS}) AS cell WHERE {table}.district_id = cell.district_id"  # noqa: S608
            f" AND {table}.stage = cell.stage AND {table}.kind = cell.kind AND {table}.term_code = cell.term_code",
            values,
        )
        cursor.execute(_insert(table, fields, derived.format(cells=REPORTED_CELLS)), values)


def _take_city_pulse(cursor: CursorWrapper, now: datetime) -> None:
    """Waits for whoever holds it; what they committed is seen by the statements that follow."""
    cursor.execute(
        "INSERT INTO oversight_areapulse (id, number, rolled_at, version) VALUES (%s, 1, %s, %s)"
        " ON CONFLICT (number) DO UPDATE SET rolled_at = EXCLUDED.rolled_at,"
        " version = GREATEST(oversight_areapulse.version + 1, EXCLUDED.version)",
        [uuid7(), now, version_at(now)],
    )


def _insert(table: str, fields: Sequence[str], derived: str, *, version: str = "%(version)s") -> str:
    names = ", ".join(fields)
    return (
        f"INSERT INTO {table} (id, {names}, version, computed_at)"  # noqa: S608
        f" SELECT gen_random_uuid(), {names}, {version}, %(now)s FROM ({derived}) AS derived"
    )


def _sums(names: Iterable[str], table: str) -> str:
    return ", ".join(f"SUM({table}.{name})::bigint AS {name}" for name in names)


def _of(names: Iterable[str], table: str) -> str:
    return ", ".join(f"{table}.{name}" for name in names)


SCHOOL_MONTH_FIELDS: Final = (
    "school_id", "term_code", "month", *columns.SCHOOL_DAYS, *columns.MONTH, *SCHOOL_MONTH_OWN,
)  # fmt: skip
SCHOOL_TERM_FIELDS: Final = (
    "school_id", "term_code", "first_held_date", "last_held_date", "months_charged", *columns.STATEMENTS,
    *columns.SCHOOL_DAYS, *columns.MONTH, *columns.TERM, *columns.TERM_OWN,
)  # fmt: skip
CELL: Final = ("district_id", "stage", "kind", "term_code")
AREA_MONTH_FIELDS: Final = (
    *CELL, "month", "schools", "schools_known", *columns.SCHOOL_DAYS, *columns.MONTH,
)  # fmt: skip
AREA_TERM_FIELDS: Final = (
    *CELL, "schools", "schools_known", "schools_offering", "months_charged", *columns.STATEMENTS,
    *columns.SCHOOL_DAYS, *columns.MONTH, *columns.TERM,
)  # fmt: skip
KNOWN: Final = {
    "oversight_schoolmonth": "school_id = ANY(%(schools)s)",
    "oversight_schoolterm": "school_id = ANY(%(schools)s)",
    "oversight_areamonth": "TRUE",
    "oversight_areaterm": "TRUE",
}

TAKE_PULSE: Final = """
INSERT INTO oversight_pulse (id, school_id, rolled_at, version) VALUES (%(id)s, %(school)s, %(now)s, %(version)s)
ON CONFLICT (school_id) DO UPDATE SET rolled_at = EXCLUDED.rolled_at,
    version = GREATEST(oversight_pulse.version + 1, EXCLUDED.version), failed_at = NULL
RETURNING version
"""
OF_PULSE: Final = (
    "(SELECT pulse.version FROM oversight_pulse AS pulse WHERE pulse.school_id = derived.school_id)"
)
SCHOOL_MONTHS: Final = f"""
SELECT school_id, term_code, month, {_of(columns.SCHOOL_DAYS, "days")}, {_of(columns.MONTH, "money")},
    money.statement_due_date, money.statement_published_at,
    COALESCE(money.statement_sha256, '') AS statement_sha256
FROM (
    SELECT fact.school_id, term.code AS term_code, to_char(fact.date, 'YYYY-MM') AS month,
        COUNT(*) FILTER (WHERE fact.sessions_held > 0) AS days_held, {_sums(columns.DAY, "fact")}
    FROM oversight_dayfact AS fact
    JOIN tenants_term AS term ON fact.date BETWEEN term.first_date AND term.last_date
    WHERE fact.school_id = ANY(%(schools)s) AND term.code = ANY(%(terms)s)
    GROUP BY 1, 2, 3
) AS days
FULL JOIN (
    SELECT * FROM oversight_monthfact WHERE school_id = ANY(%(schools)s) AND term_code = ANY(%(terms)s)
) AS money USING (school_id, term_code, month)
"""  # noqa: S608
SCHOOL_TERMS: Final = f"""
SELECT school_id, term_code, held.first_held_date, held.last_held_date, months.months_charged,
    {_of(columns.STATEMENTS, "months")}, {_of(columns.SCHOOL_DAYS, "months")}, {_of(columns.MONTH, "months")},
    {_of(columns.TERM, "planned")},
    COALESCE(planned.plan_state, '') AS plan_state, planned.plan_published_at, planned.plan_first_date,
    COALESCE(planned.collector, '') AS collector, COALESCE(planned.collector_due, '') AS collector_due,
    COALESCE(planned.fee_unit, '') AS fee_unit, planned.fee_fen, planned.cap_fen, planned.fee_term_fen,
    planned.cap_term_fen, planned.weekly_minutes, planned.surplus_unsettled_fen, planned.surplus_later_fen,
    planned.surplus_later_due_date, planned.shortfall_fen, planned.children_charged_twice,
    planned.settled_at, planned.settlement_due_date, planned.surplus_due_date
FROM (
    SELECT month.school_id, month.term_code,
        SUM((month.charged_fen > 0)::int)::bigint AS months_charged,
        SUM((due OR published)::int)::bigint AS statement_months_due,
        SUM((published AND on_time)::int)::bigint AS statement_months_on_time,
        SUM((published AND NOT on_time)::int)::bigint AS statement_months_late,
        SUM((due AND NOT published)::int)::bigint AS statement_months_missing,
        {_sums(columns.SCHOOL_DAYS, "month")}, {_sums(columns.MONTH, "month")}
    FROM (
        SELECT *, COALESCE(statement_due_date < %(today)s, FALSE) AS due,
            statement_published_at IS NOT NULL AS published,
            COALESCE((statement_published_at AT TIME ZONE %(zone)s)::date <= statement_due_date, FALSE) AS on_time
        FROM oversight_schoolmonth WHERE school_id = ANY(%(schools)s) AND term_code = ANY(%(terms)s)
    ) AS month
    GROUP BY 1, 2
) AS months
FULL JOIN (
    SELECT * FROM oversight_termfact WHERE school_id = ANY(%(schools)s) AND term_code = ANY(%(terms)s)
) AS planned USING (school_id, term_code)
LEFT JOIN (
    SELECT fact.school_id, term.code AS term_code, MIN(fact.date) AS first_held_date, MAX(fact.date) AS last_held_date
    FROM oversight_dayfact AS fact
    JOIN tenants_term AS term ON fact.date BETWEEN term.first_date AND term.last_date
    WHERE fact.school_id = ANY(%(schools)s) AND term.code = ANY(%(terms)s) AND fact.sessions_held > 0
    GROUP BY 1, 2
) AS held USING (school_id, term_code)
"""  # noqa: S608
MARK_AREAS: Final = """
INSERT INTO oversight_areamark (id, district_id, stage, kind, term_code)
SELECT gen_random_uuid(), school.district_id, school.stage, school.kind, wanted.term_code
FROM tenants_school AS school CROSS JOIN unnest(%(terms)s::text[]) AS wanted(term_code)
WHERE school.id = ANY(%(schools)s)
GROUP BY school.district_id, school.stage, school.kind, wanted.term_code
"""
WANTED_CELLS: Final = (
    "SELECT * FROM unnest(%(districts)s::uuid[], %(stages)s::text[], %(kinds)s::text[], %(terms)s::text[])"
    " AS wanted(district_id, stage, kind, term_code)"
)
ALL_CELLS: Final = """
SELECT DISTINCT school.district_id, school.stage, school.kind, known.term_code
FROM tenants_school AS school
CROSS JOIN (SELECT DISTINCT term_code FROM oversight_schoolterm) AS known
WHERE school.state = 'active'
"""
REPORTED_CELLS: Final = f"""
{WANTED_CELLS} INTERSECT {ALL_CELLS}
"""
NEW_CELLS: Final = f"""
{ALL_CELLS} EXCEPT SELECT district_id, stage, kind, term_code FROM oversight_areaterm
"""  # noqa: S608
"""Areas of which no school has reported yet: their schools count from a term's first report on, not from the night on."""
ALL_TERMS: Final = """
SELECT code FROM tenants_term
UNION SELECT term_code FROM oversight_termfact
UNION SELECT term_code FROM oversight_monthfact
"""
AREA_MONTHS: Final = f"""
SELECT cell.district_id, cell.stage, cell.kind, cell.term_code, roll.month,
    (SELECT COUNT(*) FROM tenants_school AS one WHERE one.district_id = cell.district_id AND one.stage = cell.stage
        AND one.kind = cell.kind AND one.state = 'active') AS schools,
    COUNT(*) AS schools_known, {_sums(columns.SCHOOL_DAYS, "roll")}, {_sums(columns.MONTH, "roll")}
FROM ({{cells}}) AS cell
JOIN tenants_school AS school ON school.district_id = cell.district_id AND school.stage = cell.stage
    AND school.kind = cell.kind AND school.state = 'active'
JOIN oversight_schoolmonth AS roll ON roll.school_id = school.id AND roll.term_code = cell.term_code
GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608
AREA_TERMS: Final = f"""
SELECT cell.district_id, cell.stage, cell.kind, cell.term_code, COUNT(*) AS schools,
    COUNT(roll.school_id) AS schools_known,
    COUNT(*) FILTER (WHERE roll.plan_state IN {OFFERING}) AS schools_offering,
    {_sums(("months_charged", *columns.STATEMENTS, *columns.SCHOOL_DAYS, *columns.MONTH, *columns.TERM), "roll")}
FROM ({{cells}}) AS cell
JOIN tenants_school AS school ON school.district_id = cell.district_id AND school.stage = cell.stage
    AND school.kind = cell.kind AND school.state = 'active'
LEFT JOIN oversight_schoolterm AS roll ON roll.school_id = school.id AND roll.term_code = cell.term_code
GROUP BY 1, 2, 3, 4
"""  # noqa: S608
