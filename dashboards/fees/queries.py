"""A read that only the fees page needs: statements counted by district and month, as the reader."""

from typing import Any, Final

import pandas as pd
from django.conf import settings
from django.db import connection

from oversight.scope import Scope
from oversight.selection import Selection

COUNTS: Final = ("due", "on_time", "late", "missing")


def statements(scope: Scope, selection: Selection, *, today: Any) -> pd.DataFrame:
    """One row a district and month: month, district_code, due, on_time, late, missing. One statement.

    As the roll-up counts them: due before today, or published; late is published after the day, missing is due and
    not published. A month that nobody had to publish has no row.
    """
    where, values = _where(scope, selection)
    values |= {"term": selection.term, "today": today, "zone": settings.TIME_ZONE}
    with scope.reading(), connection.cursor() as cursor:
        cursor.execute(STATEMENTS.format(where=where), values)
        frame = pd.DataFrame.from_records(cursor.fetchall(), columns=["month", "district_code", *COUNTS])
    return frame.astype(dict.fromkeys(COUNTS, "float64"))


def _where(scope: Scope, selection: Selection) -> tuple[str, dict[str, Any]]:
    parts: list[str] = []
    values: dict[str, Any] = {
        "first": selection.first_month or "0000-00",
        "last": selection.last_month or "9999-99",
    }
    if scope.districts is not None:
        parts.append("district.code = ANY(%(districts)s)")
        values["districts"] = sorted(scope.districts)
    for name, column in (("district", "district.code"), ("stage", "school.stage"), ("kind", "school.kind"),
                         ("school", "school.code")):  # fmt: skip
        if wanted := getattr(selection, name):
            parts.append(f"{column} = %({name})s")
            values[name] = wanted
    return "".join(f" AND {part}" for part in parts), values


STATEMENTS: Final = """
SELECT month, district_code, COUNT(*), SUM((published AND on_time)::int), SUM((published AND NOT on_time)::int),
    SUM((NOT published)::int)
FROM (
    SELECT roll.month, district.code AS district_code, district.position,
        roll.statement_published_at IS NOT NULL AS published,
        COALESCE((roll.statement_published_at AT TIME ZONE %(zone)s)::date <= roll.statement_due_date, FALSE) AS on_time
    FROM oversight_schoolmonth AS roll
    JOIN tenants_school AS school ON school.id = roll.school_id AND school.state = 'active'
    JOIN tenants_district AS district ON district.id = school.district_id
    WHERE roll.term_code = %(term)s AND roll.month BETWEEN %(first)s AND %(last)s
        AND (roll.statement_published_at IS NOT NULL OR roll.statement_due_date < %(today)s) {where}
) AS months
GROUP BY month, district_code, position ORDER BY month, position, district_code
"""
