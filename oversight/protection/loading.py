"""Loads what decisions are made of, and keeps each decision for as long as the figures are those that it was made of.

Every roll-up writes its row anew, with a new id: a stamp over the rows' ids and over where the schools stand tells one
state of a term's figures from every other. A load of schools brings the stamp of its own snapshot along (frames.py).
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, Final, TypeVar

import pandas as pd
from django.db import connection

from oversight.protection import decisions, grades
from oversight.protection.decisions import NARROW, NEEDS, Decision
from oversight.protection.grades import Book, Grade
from tenants import context

MOST: Final = 12
"""Terms and states that a process keeps."""
TRIES: Final = 4
T = TypeVar("T")
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock: Final = Lock()


class Restless(Exception):
    """The figures changed at every try: nothing is shown rather than something that was not protected."""


def of_term(term: str, stamp: str) -> Decision | None:
    """The decision on this state of the term's figures; None when they are another one by now."""
    found = _get(("schools", term, stamp))
    if found is None:
        seen, schools = _schools(term)
        found = _keep(("schools", term, seen), lambda: decisions.decide(schools))
        if seen != stamp:
            return None
    return found


def book_of_term(term: str) -> Book:
    """Grades of the whole city and what is hidden of them. Two statements, one more when nothing is kept."""
    for _try in range(TRIES):
        with context.as_bureau(), connection.cursor() as cursor:
            cursor.execute(STAMPS, {"term": term})
            stamp, of_classes = cursor.fetchone()
        schools = of_term(term, stamp)
        found: Book | None = _get(("grades", term, stamp, of_classes))
        if found is not None:
            return found
        seen, rows = _grades(term)
        if schools is not None and seen == (stamp, of_classes):
            return _keep(("grades", term, *seen), lambda: grades.decide(rows, schools))
    raise Restless


def _get(key: Hashable) -> Any:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def _keep(key: Hashable, make: Callable[[], T]) -> T:
    """Made outside the lock: two who ask at once make the same."""
    made = make()
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def _schools(term: str) -> tuple[str, pd.DataFrame]:
    with context.as_bureau(), connection.cursor() as cursor:
        cursor.execute(SCHOOLS, {"term": term})
        rows = cursor.fetchall()
    columns = ["stamp", "code", "district_code", "stage", "kind", *NEEDS, NARROW]
    frame = pd.DataFrame.from_records(rows, columns=columns)
    stamp = str(rows[0][0]) if rows else NO_STAMP
    return stamp, frame.astype(dict.fromkeys((*NEEDS, NARROW), "float64"))


def _grades(term: str) -> tuple[tuple[str, str], list[Grade]]:
    with context.as_bureau(), connection.cursor() as cursor:
        cursor.execute(GRADES, {"term": term})
        rows = cursor.fetchall()
    found = [Grade(code, (district, stage, kind), *counts) for _s, _c, code, district, stage, kind, *counts in rows]
    return (rows[0][0], rows[0][1]) if rows else (NO_STAMP, NO_STAMP), found


NO_STAMP: Final = "0"
STAMP: Final = """
COALESCE((SELECT SUM(hashtextextended(concat_ws('|', seen.id, at.code, at.district_id, at.stage, at.kind), 0)::numeric)
    FROM oversight_schoolterm AS seen JOIN tenants_school AS at ON at.id = seen.school_id AND at.state = 'active'
    WHERE seen.term_code = %(term)s), 0)::text
"""
"""Of the schools' figures; any bureau's role may ask."""
CLASS_STAMP: Final = """
COALESCE((SELECT SUM(hashtextextended(concat_ws('|', seen.id, seen.version, seen.pupils, seen.participants), 0)::numeric)
    FROM oversight_classfact AS seen WHERE seen.term_code = %(term)s), 0)::text
"""
STAMPS: Final = f"SELECT {STAMP}, {CLASS_STAMP}"
NARROWED: Final = """
SELECT school_id, SUM(pupils) AS pupils FROM (
    SELECT school_id, grade, SUM(pupils) AS pupils FROM oversight_classfact WHERE term_code = %(term)s
    GROUP BY school_id, grade HAVING SUM(participants) > 0
) AS grade GROUP BY school_id
"""
SCHOOLS: Final = f"""
SELECT {STAMP}, school.code, district.code, school.stage, school.kind,
    {", ".join(f"roll.{name}::float8" for name in NEEDS)}, narrow.pupils::float8
FROM oversight_schoolterm AS roll
JOIN tenants_school AS school ON school.id = roll.school_id AND school.state = 'active'
JOIN tenants_district AS district ON district.id = school.district_id
LEFT JOIN ({NARROWED}) AS narrow ON narrow.school_id = school.id
WHERE roll.term_code = %(term)s
ORDER BY school.code
"""  # noqa: S608
GRADES: Final = f"""
SELECT {STAMP}, {CLASS_STAMP}, school.code, district.code, school.stage, school.kind, fact.grade,
    SUM(fact.pupils)::int, SUM(fact.participants)::int
FROM oversight_classfact AS fact
JOIN tenants_school AS school ON school.id = fact.school_id AND school.state = 'active'
JOIN tenants_district AS district ON district.id = school.district_id
WHERE fact.term_code = %(term)s
GROUP BY school.code, district.code, school.stage, school.kind, fact.grade
ORDER BY school.code, fact.grade
"""  # noqa: S608
