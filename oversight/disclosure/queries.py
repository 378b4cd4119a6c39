"""Reads of the public pages: only what a school has published, and sums of children without a school's name.

A plan that is not published, and a month whose statement is not, are not in these rows at all.
"""

from datetime import date, datetime
from typing import Any, Final, NamedTuple

import pandas as pd
from django.db import connection

from afterbell.kernel.dates import local_date
from oversight.facts.rollups import OFFERING
from oversight.indicators import ages, caps, frames
from oversight.indicators import queries as indicators
from oversight.indicators.queries import TermChoice
from oversight.protection import decisions as protection
from oversight.protection.decisions import Decision
from oversight.scope import WHOLE_CITY
from oversight.selection import Selection

AREA: Final = ("district", "stage", "kind")
COUNTS: Final = ("participants", "pupils_on_roll")


class Pulse(NamedTuple):
    """The moment whose state the figures show at least (ages.AS_OF), and their version; 0 before the first roll-up."""

    as_of: datetime | None
    version: int


class FeeStandard(NamedTuple):
    """What a school charges in a term; None where it has published no plan, or has no cap."""

    code: str
    name: str
    district_code: str
    district_name: str
    stage: str
    kind: str
    published_at: datetime | None
    unit: str
    fee_fen: int | None
    cap_fen: int | None
    fee_term_fen: int | None
    """What the fee comes to in the term; None by the class hour."""
    cap_term_fen: int | None
    """The tightest cap of another unit, over the term."""
    collector: str
    collector_due: str

    @property
    def breach(self) -> caps.Breach | None:
        """Which cap the fee is above."""
        return caps.breach(self.fee_fen, self.cap_fen, self.fee_term_fen, self.cap_term_fen)

    @property
    def compares_term(self) -> bool:
        """What the fee comes to stands beside a cap of another unit."""
        return self.fee_term_fen is not None and self.cap_term_fen is not None

    @property
    def has_wrong_collector(self) -> bool:
        """Somebody else collects than the rules on the plan's first day say."""
        return bool(self.collector and self.collector_due and self.collector != self.collector_due)


class StatementLine(NamedTuple):
    """A published statement: whose, and the hash that it had when it was published."""

    code: str
    name: str
    district_code: str
    district_name: str
    term: str
    month: str
    sha256: str
    published_at: datetime
    due_date: date | None

    @property
    def is_late(self) -> bool:
        return self.due_date is not None and local_date(self.published_at) > self.due_date


class Narrowing(NamedTuple):
    """Which statements; empty means all."""

    term: str
    month: str = ""
    district: str = ""
    search: str = ""


class Area(NamedTuple):
    """One district's schools of one stage and kind: sums, None where no school has said anything."""

    district_code: str
    district_name: str
    stage: str
    kind: str
    schools: int
    schools_offering: int
    participants: int | None
    """Of schools that know both."""
    pupils: int | None
    codes: tuple[str, ...] = ()
    """The schools that know both."""

    @property
    def place(self) -> tuple[str, str, str]:
        return self.district_code, self.stage, self.kind


class Areas(NamedTuple):
    """All of a term, and what the city's own screens hide of them."""

    areas: list[Area]
    decision: Decision | None


def terms(now: datetime) -> list[TermChoice]:
    """All of the city's, the latest first."""
    return indicators.terms(WHOLE_CITY, now)


def districts() -> list[tuple[str, str]]:
    """Code and name, in the city's order."""
    return [
        (code, name)
        for code, name in _rows("SELECT code, name FROM tenants_district ORDER BY position, code", {})
    ]


PULSE: Final = f"SELECT {ages.AS_OF}, version FROM oversight_areapulse"  # noqa: S608


def pulse() -> Pulse:
    rows = _rows(PULSE, {})
    return Pulse(*rows[0]) if rows else Pulse(None, 0)


def fee_standards(term: str) -> list[FeeStandard]:
    """Of every school in service, by district and code."""
    return [FeeStandard._make(row) for row in _rows(FEES, {"term": term, "published": list(OFFERING)})]


def statements(
    narrowing: Narrowing, *, first: int = 0, most: int | None = None
) -> tuple[list[StatementLine], int]:
    """Published ones, the newest month first; and how many there are in all."""
    values = {**narrowing._asdict(), "like": f"%{_plain(narrowing.search)}%", "first": first, "most": most}
    rows = _rows(STATEMENTS.format(where=NARROWED), values)
    return [StatementLine._make(row[:-1]) for row in rows], rows[0][-1] if rows else 0


def months(term: str) -> list[str]:
    """Those with a published statement, the newest first."""
    return [
        month
        for (month,) in _rows(
            f"SELECT DISTINCT month FROM oversight_schoolmonth WHERE term_code = %(term)s AND {PUBLISHED} ORDER BY 1 DESC",  # noqa: S608
            {"term": term},
        )
    ]


def statements_with(sha256: list[str]) -> list[StatementLine]:
    """Whose published hash is one of these."""
    rows = _rows(STATEMENTS.format(where="AND roll.statement_sha256 = ANY(%(sha256)s)"), _all(sha256=sha256))
    return [StatementLine._make(row[:-1]) for row in rows]


def statements_of(school: str, term: str, month: str) -> list[StatementLine]:
    """One school's of one month; empty when it published none."""
    where = "AND school.code = %(school)s AND roll.term_code = %(of_term)s AND roll.month = %(of_month)s"
    rows = _rows(STATEMENTS.format(where=where), _all(school=school, of_term=term, of_month=month))
    return [StatementLine._make(row[:-1]) for row in rows]


def areas(term: str) -> Areas:
    """Children who take part and all on the roll, by district, stage and kind. One statement for all of it."""
    frame = frames.schools(WHOLE_CITY, Selection(term), needs={*COUNTS, "schools_offering"})
    decision = protection.of_frame(frame)
    frame = frame.sort_values(["district_position", "district_code", *AREA[1:]], kind="stable")
    keys = ["district_code", "district_name", *AREA[1:]]
    return Areas([_area(key, some) for key, some in frame.groupby(keys, sort=False)], decision)


def _area(key: tuple[Any, ...], some: pd.DataFrame) -> Area:
    known = some[some[list(COUNTS)].notna().all(axis=1)]
    joined, pupils = (int(known[name].sum()) if len(known) else None for name in COUNTS)
    offering = int(some["schools_offering"].sum())
    code, name, stage, kind = (str(part) for part in key)
    return Area(code, name, stage, kind, len(some), offering, joined, pupils, tuple(known["code"]))


def _plain(text: str) -> str:
    """A search is a text, not a pattern."""
    return text.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")


def _all(**values: object) -> dict[str, Any]:
    return {"first": 0, "most": None, **values}


def _rows(text: str, values: dict[str, Any]) -> list[Any]:
    with WHOLE_CITY.reading(), connection.cursor() as cursor:
        cursor.execute(text, values)
        return list(cursor.fetchall())


PUBLISHED: Final = "statement_published_at IS NOT NULL AND statement_sha256 <> ''"
FEES: Final = """
SELECT school.code, school.name, district.code, district.name, school.stage, school.kind, roll.plan_published_at,
    COALESCE(roll.fee_unit, ''), roll.fee_fen, roll.cap_fen, roll.fee_term_fen, roll.cap_term_fen,
    COALESCE(roll.collector, ''), COALESCE(roll.collector_due, '')
FROM tenants_school AS school
JOIN tenants_district AS district ON district.id = school.district_id
LEFT JOIN oversight_schoolterm AS roll ON roll.school_id = school.id AND roll.term_code = %(term)s
    AND roll.plan_state = ANY(%(published)s)
WHERE school.state = 'active'
ORDER BY district.position, district.code, school.code
"""
NARROWED: Final = """AND roll.term_code = %(term)s AND %(month)s IN ('', roll.month)
    AND %(district)s IN ('', district.code)
    AND (%(search)s = '' OR school.name ILIKE %(like)s OR school.code = %(search)s)"""
STATEMENTS: Final = f"""
SELECT school.code, school.name, district.code, district.name, roll.term_code, roll.month, roll.statement_sha256,
    roll.statement_published_at, roll.statement_due_date, COUNT(*) OVER ()
FROM oversight_schoolmonth AS roll
JOIN tenants_school AS school ON school.id = roll.school_id
JOIN tenants_district AS district ON district.id = school.district_id
WHERE {PUBLISHED} {{where}}
ORDER BY roll.month DESC, district.position, district.code, school.code, roll.term_code
LIMIT %(most)s OFFSET %(first)s
"""  # noqa: S608
