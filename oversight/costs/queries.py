"""Reads of the price bureau's desk: one statement for all schools of a term, as the reader's read-only role.

The whole city is always read: peers don't stop at a district's border, so that every reader gets the same figures for
a school. Which schools' rows leave this room is decided by the scope (summary.of_term).
"""

from datetime import date, datetime
from typing import Final, NamedTuple

from django.db import connection

from oversight.protection import loading
from oversight.protection.decisions import Decision
from oversight.scope import Scope
from tenants.models import District, Term

NUMBERS: Final = (
    "days_held", "participants", "pupil_minutes", "fee_fen", "cap_fen", "charged_fen", "waived_fen",
    "received_fen", "staff_fen", "materials_fen", "other_fen", "refunded_fen", "surplus_fen", "complaints",
    "statement_months_on_time", "statement_months_due", "statement_months_missing", "weekly_minutes",
    "hardship_participants", "staff_contracted", "staff_outside",
)  # fmt: skip
"""Columns of the roll-up by term; the price bureau's role has a right on each."""


class Fact(NamedTuple):
    """One school in service and its sums in the term; None is not known."""

    code: str
    name: str
    district_code: str
    stage: str
    kind: str
    computed_at: datetime | None
    """None: the city has no fact of this school in this term."""
    settled_at: datetime | None
    unpublished: int
    """Months in the books whose statement is not published, due or not."""
    fee_unit: str
    days_held: int | None
    participants: int | None
    pupil_minutes: int | None
    fee_fen: int | None
    cap_fen: int | None
    charged_fen: int | None
    waived_fen: int | None
    received_fen: int | None
    staff_fen: int | None
    materials_fen: int | None
    other_fen: int | None
    refunded_fen: int | None
    surplus_fen: int | None
    complaints: int | None
    statement_months_on_time: int | None
    statement_months_due: int | None
    statement_months_missing: int | None
    weekly_minutes: int | None
    hardship_participants: int | None
    staff_contracted: int | None
    staff_outside: int | None


class TermChoice(NamedTuple):
    """A term as a filter offers it."""

    code: str
    name: str
    first_date: date


def facts(scope: Scope, term: str) -> tuple[list[Fact], Decision | None]:
    """Every school in service of the whole city, by code; and what is hidden of their counts of children."""
    for _try in range(loading.TRIES):
        with scope.reading(), connection.cursor() as cursor:
            cursor.execute(FACTS, {"term": term})
            rows = cursor.fetchall()
        decision = loading.of_term(term, rows[0][0]) if rows else None
        if decision is not None or not rows:
            return [Fact._make(row[1:]) for row in rows], decision
    raise loading.Restless


def terms() -> list[TermChoice]:
    """Newest first."""
    found = Term.objects.order_by("-first_date", "pk").values_list("code", "name", "first_date")
    return [TermChoice._make(row) for row in found]


def running(known: list[TermChoice], today: date) -> str:
    """The code of the term that runs or ran last; the first to come where none has begun, empty without terms."""
    begun = [term.code for term in known if term.first_date <= today]
    return begun[0] if begun else known[-1].code if known else ""


def districts(scope: Scope) -> list[tuple[str, str]]:
    """Code and name of the districts that the reader may see, in the city's order."""
    found = District.objects.order_by("position", "code").values_list("code", "name")
    return [(code, name) for code, name in found if scope.covers(code)]


FACTS: Final = f"""
SELECT {loading.STAMP}, school.code, school.name, district.code, school.stage, school.kind, roll.computed_at,
    roll.settled_at, COALESCE(books.unpublished, 0), COALESCE(roll.fee_unit, ''),
    {", ".join(f"roll.{name}" for name in NUMBERS)}
FROM tenants_school AS school
JOIN tenants_district AS district ON district.id = school.district_id
LEFT JOIN oversight_schoolterm AS roll ON roll.school_id = school.id AND roll.term_code = %(term)s
LEFT JOIN (
    SELECT school_id, COUNT(*) AS unpublished FROM oversight_schoolmonth
    WHERE term_code = %(term)s AND statement_published_at IS NULL
        AND (statement_due_date IS NOT NULL
            OR charged_fen <> 0 OR received_fen <> 0 OR staff_fen + materials_fen + other_fen <> 0)
    GROUP BY school_id
) AS books ON books.school_id = school.id
WHERE school.state = 'active'
ORDER BY school.code
"""  # noqa: S608
