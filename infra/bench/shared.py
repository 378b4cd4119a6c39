"""The peer of the roll-up: all schools' rows in shared tables with a school_id, and the same GROUP BY over them."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db import connection

from infra.bench.city.build import forget_connection
from infra.bench.stage import Clock
from schools.care.minutes import MINUTES
from tenants.context import as_owner
from tenants.models import School

AT_A_TIME = 25
TABLES = {
    "care_session": "id, date, starts_at, ends_at, planned_units, state",
    "care_rollentry": "id, session_id, agreement_id, pupil_id, state, arrived_at, left_at",
    "care_handover": "id, entry_id, way, collector_id, at, by_id, undone_at",
}
INDEXES = (
    "ALTER TABLE shared_care_session ADD PRIMARY KEY (id)",
    "CREATE INDEX ON shared_care_session (school_id, date)",
    "ALTER TABLE shared_care_rollentry ADD PRIMARY KEY (id)",
    "CREATE INDEX ON shared_care_rollentry (school_id, session_id)",
    "CREATE INDEX ON shared_care_rollentry (session_id)",
    "ALTER TABLE shared_care_handover ADD PRIMARY KEY (id)",
    "CREATE UNIQUE INDEX ON shared_care_handover (entry_id) WHERE undone_at IS NULL",
    "CREATE INDEX ON shared_care_handover (school_id, entry_id)",
)
COUNTS = """
SELECT session.school_id, session.date, count(*) FILTER (WHERE roll.state <> 'excused'),
       count(roll.arrived_at), count(*) FILTER (WHERE roll.state = 'excused'),
       count(handover.entry_id),
       {minutes}
FROM shared_care_session AS session JOIN shared_care_rollentry AS roll ON roll.session_id = session.id
LEFT JOIN shared_care_handover AS handover ON handover.entry_id = roll.id AND handover.undone_at IS NULL
WHERE session.state = 'closed' GROUP BY session.school_id, session.date
"""
"""The attendance part of schools.care.facts, word for word, and school_id."""
COUNTED = ("expected", "present", "excused", "handed_over", "pupil_minutes")
Numbers = dict[tuple[UUID, date], tuple[int, ...]]


def make(schools: Sequence[School]) -> int:
    """Copy all schools' rows, index and analyze them; gives the number of roll entries."""
    with as_owner(), connection.cursor() as cursor:
        for table, columns in TABLES.items():
            first = schools[0].schema_name
            cursor.execute(f"DROP TABLE IF EXISTS shared_{table}")
            cursor.execute(
                f"CREATE TABLE shared_{table} AS SELECT NULL::uuid AS school_id, {columns} FROM {first}.{table} LIMIT 0"  # noqa: S608
            )
            for start in range(0, len(schools), AT_A_TIME):
                parts = [
                    f"SELECT '{school.pk}'::uuid, {columns} FROM {school.schema_name}.{table}"  # noqa: S608
                    for school in schools[start : start + AT_A_TIME]
                ]
                cursor.execute(f"INSERT INTO shared_{table} {' UNION ALL '.join(parts)}")
        for statement in INDEXES:
            cursor.execute(statement)
        for table in TABLES:
            cursor.execute(f"VACUUM (ANALYZE) shared_{table}")
        cursor.execute("SELECT count(*) FROM shared_care_rollentry")
        (rows,) = cursor.fetchone()
    return int(rows)


def counted() -> tuple[float, Numbers]:
    """Seconds of the GROUP BY on a fresh connection, and what it found."""
    forget_connection()
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        with Clock() as clock:
            cursor.execute(COUNTS.format(minutes=MINUTES))
            rows = cursor.fetchall()
    return clock.seconds, {(school, day): tuple(numbers) for school, day, *numbers in rows}
