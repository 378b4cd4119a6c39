"""What the city may know of days of care: counts by day, of the days that changed or of all, in one statement.

Class hours, attendance and minutes are of held sessions only; what a minute is stands in care.minutes. Written in SQL,
because the full pass asks it of every school.
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final, NamedTuple

from django.db import connection

from schools.care.minutes import MINUTES
from schools.care.models import Session

COLUMNS: Final = (
    "sessions_planned",
    "sessions_held",
    "sessions_cancelled",
    "class_hours",
    "expected",
    "present",
    "excused",
    "handed_over",
    "pupil_minutes",
    "staff",
    "duties_without_clearance",
    "incidents",
)
DayCounts = dict[str, int]
Numbers = tuple[int, ...]
"""In the order of COLUMNS."""
ASKED: Final = "date = ANY(%(days)s::date[])"
COUNTS: Final = """
WITH asked AS NOT MATERIALIZED (
    SELECT id, date, state, starts_at, ends_at, planned_units FROM care_session WHERE {asked}
), planned AS (
    SELECT date, count(*) FILTER (WHERE state <> 'cancelled') AS planned, count(*) FILTER (WHERE state = 'closed') AS held,
           count(*) FILTER (WHERE state = 'cancelled') AS cancelled,
           coalesce(sum(planned_units) FILTER (WHERE state = 'closed'), 0) AS class_hours
    FROM asked GROUP BY date
), attended AS (
    SELECT session.date, count(*) FILTER (WHERE roll.state <> 'excused') AS expected,
           count(roll.arrived_at) AS present,  -- roll_times_go_with_state: present or left
           count(*) FILTER (WHERE roll.state = 'excused') AS excused, count(handover.entry_id) AS handed_over,
           {minutes} AS minutes
    FROM asked AS session JOIN care_rollentry AS roll ON roll.session_id = session.id
    LEFT JOIN care_handover AS handover ON handover.entry_id = roll.id AND handover.undone_at IS NULL
    WHERE session.state = 'closed' GROUP BY session.date
), duties AS (
    SELECT duty.date, contract.candidate_id, count(*) AS sessions
    FROM asked JOIN care_duty AS duty ON duty.session_id = asked.id
    JOIN staffing_clearance AS clearance ON clearance.id = duty.clearance_id
    JOIN staffing_contract AS contract ON contract.id = clearance.contract_id
    WHERE duty.role = 'responsible' AND asked.state = 'closed' GROUP BY duty.date, contract.candidate_id
), needed AS (
    SELECT * FROM unnest(%(kinds)s::text[], %(firsts)s::date[], %(lasts)s::date[]) AS rule (kind, first_date, last_date)
), spans AS (  -- the latest check of a kind counts, until the next one
    SELECT candidate_id, kind, passed, checked_date AS first_date,
           least(expires_date, lead(checked_date) OVER latest - 1)
               AS last_date
    FROM staffing_check WINDOW latest AS (PARTITION BY candidate_id, kind ORDER BY checked_date, recorded_at, id)
), holding AS (
    SELECT duties.date, duties.candidate_id, count(*) AS kinds
    FROM duties JOIN spans ON spans.candidate_id = duties.candidate_id
    JOIN needed ON needed.kind = spans.kind AND duties.date BETWEEN needed.first_date AND needed.last_date
    WHERE spans.passed AND duties.date BETWEEN spans.first_date AND spans.last_date
    GROUP BY duties.date, duties.candidate_id
), wanted AS (
    SELECT planned.date, count(*) AS kinds
    FROM planned JOIN needed ON planned.date BETWEEN needed.first_date AND needed.last_date GROUP BY planned.date
), staffed AS (
    SELECT duties.date, count(*) AS staff,
           coalesce(sum(duties.sessions) FILTER (WHERE coalesce(holding.kinds, 0) < wanted.kinds), 0)::bigint AS unchecked
    FROM duties LEFT JOIN holding USING (date, candidate_id) LEFT JOIN wanted USING (date) GROUP BY duties.date
), hurt AS (
    SELECT asked.date, count(*) AS incidents
    FROM asked JOIN care_incident AS incident ON incident.session_id = asked.id GROUP BY asked.date
)
SELECT planned.date, planned.planned, planned.held, planned.cancelled, planned.class_hours, coalesce(attended.expected, 0),
       coalesce(attended.present, 0), coalesce(attended.excused, 0), coalesce(attended.handed_over, 0),
       coalesce(attended.minutes, 0), coalesce(staffed.staff, 0), coalesce(staffed.unchecked, 0), coalesce(hurt.incidents, 0)
FROM planned LEFT JOIN attended USING (date) LEFT JOIN staffed USING (date) LEFT JOIN hurt USING (date)
"""


class Required(NamedTuple):
    """A kind of check that everybody on duty needs on these days."""

    kind: str
    first_date: date
    last_date: date


def of_days(days: Collection[date], *, required: Sequence[Required]) -> dict[date, DayCounts]:
    """Counts of each of these days that has a session."""
    rows = _ask(COUNTS.format(asked=ASKED, minutes=MINUTES), required, list(days))
    return {day: dict(zip(COLUMNS, numbers, strict=True)) for day, numbers in rows.items()}


def of_all_days(*, required: Sequence[Required]) -> dict[date, Numbers]:
    """Counts of every day that has a session, in the order of COLUMNS: for the full pass."""
    return _ask(COUNTS.format(asked="true", minutes=MINUTES), required, [])


def days_with_sessions() -> list[date]:
    """Every day that has a fact, for the full pass."""
    return list(Session.objects.order_by("date").values_list("date", flat=True).distinct())


def _ask(statement: str, required: Sequence[Required], days: list[date]) -> dict[date, Numbers]:
    kinds, firsts, lasts = [list(part) for part in zip(*required, strict=True)] if required else [[], [], []]
    values = {"kinds": kinds, "firsts": firsts, "lasts": lasts, "days": days}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return {row[0]: row[1:] for row in cursor.fetchall()}
