"""Loads what decisions are made of, and keeps each decision for as long as the figures are those that it was made of.

Every roll-up writes its row anew, with a new id: a stamp over the rows' ids and over where the schools stand tells one
state of a term's figures from every other. A load of schools brings the stamp of its own snapshot along (frames.py).
"""

from collections import OrderedDict
from collections.abc import Callable, Collection, Hashable
from functools import partial
from threading import Lock
from typing import Any, Final, TypeVar

import pandas as pd
from django.db import connection

from oversight.protection import decisions, grades
from oversight.protection.decisions import CITY_K, CLASSES, NEEDS, Decision
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
    found: Decision | None = _get(("schools", term, stamp))
    return found or _made([term]).get((term, stamp))


def of_terms(terms: Collection[str]) -> dict[str, Decision]:
    """The decisions on some terms as they are now. One statement, one more for those that are not kept."""
    with context.as_bureau(), connection.cursor() as cursor:
        cursor.execute(STAMPS, {"terms": list(terms)})
        stamps = cursor.fetchall()
    found = {term: _get(("schools", term, stamp)) for term, stamp in stamps}
    wanting = [term for term, decision in found.items() if decision is None]
    return found | ({term: made for (term, _stamp), made in _made(wanting).items()} if wanting else {})


def book_of_term(term: str) -> Book:
    """Grades of the whole city and what is hidden of them. Two statements, one more when nothing is kept."""
    for _try in range(TRIES):
        with context.as_bureau(), connection.cursor() as cursor:
            cursor.execute(BOOK_STAMPS, {"term": term})
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


def _made(terms: Collection[str]) -> dict[tuple[str, str], Decision]:
    """By term and the stamp of the state that was read."""
    with context.as_bureau(), connection.cursor() as cursor:
        cursor.execute(SCHOOLS, {"terms": list(terms)})
        rows = cursor.fetchall()
    columns = ["term", "stamp", "code", "district_code", "stage", "kind", *NEEDS, *CLASSES]
    frame = pd.DataFrame.from_records(rows, columns=columns).astype(dict.fromkeys((*NEEDS, *CLASSES[:2]), "float64"))
    states = {(str(term), str(stamp)): some for (term, stamp), some in frame.groupby(["term", "stamp"])}
    for term in set(terms) - {term for term, _stamp in states}:
        states[term, NO_STAMP] = frame.iloc[:0]
    return {
        key: _keep(("schools", *key), partial(decisions.decide, some)) for key, some in states.items()
    }


def _grades(term: str) -> tuple[tuple[str, str], list[Grade]]:
    with context.as_bureau(), connection.cursor() as cursor:
        cursor.execute(GRADES, {"term": term})
        rows = cursor.fetchall()
    found = [Grade(code, (district, stage, kind), *counts) for _s, _c, code, district, stage, kind, *counts in rows]
    return (rows[0][0], rows[0][1]) if rows else (NO_STAMP, NO_STAMP), found


NO_STAMP: Final = "0"
HASH: Final = "hashtextextended(concat_ws('|', {roll}.id, {at}.code, {at}.district_id, {at}.stage, {at}.kind), 0)::numeric"


def stamp_of(term: str) -> str:
    """The stamp of a term's figures as an expression; any bureau's role may ask it. `term` is SQL."""
    return f"""COALESCE((SELECT SUM({HASH.format(roll="seen", at="at")}) FROM oversight_schoolterm AS seen
        JOIN tenants_school AS at ON at.id = seen.school_id AND at.state = 'active'
        WHERE seen.term_code = {term}), 0)::text"""  # noqa: S608


STAMP: Final = stamp_of("%(term)s")
CLASS_STAMP: Final = """
COALESCE((SELECT SUM(hashtextextended(concat_ws('|', seen.id, seen.version, seen.pupils, seen.participants), 0)::numeric)
    FROM oversight_classfact AS seen WHERE seen.term_code = %(term)s), 0)::text
"""
BOOK_STAMPS: Final = f"SELECT {STAMP}, {CLASS_STAMP}"
STAMPS: Final = f"SELECT code, {stamp_of('term.code')} FROM tenants_term AS term WHERE code = ANY(%(terms)s)"  # noqa: S608
SOME: Final = f"""COUNT(*) FILTER (WHERE participants > 0)::int AS some,
    COALESCE(SUM(pupils) FILTER (WHERE participants > 0), 0)::int AS most,
    BOOL_OR(participants > 0 AND participants < {CITY_K}) AS has_few"""
"""Of the classes in which anybody takes part."""
SCHOOLS: Final = f"""
SELECT roll.term_code, SUM({HASH.format(roll="roll", at="school")}) OVER (PARTITION BY roll.term_code)::text,
    school.code, district.code, school.stage, school.kind,
    {", ".join(f"roll.{name}::float8" for name in NEEDS)}, of.some::float8, of.most::float8, COALESCE(of.has_few, FALSE)
FROM oversight_schoolterm AS roll
JOIN tenants_school AS school ON school.id = roll.school_id AND school.state = 'active'
JOIN tenants_district AS district ON district.id = school.district_id
LEFT JOIN (
    SELECT school_id, term_code, {SOME} FROM oversight_classfact WHERE term_code = ANY(%(terms)s) GROUP BY 1, 2
) AS of ON of.school_id = roll.school_id AND of.term_code = roll.term_code
WHERE roll.term_code = ANY(%(terms)s)
ORDER BY school.code
"""  # noqa: S608
GRADES: Final = f"""
SELECT {STAMP}, {CLASS_STAMP}, school.code, district.code, school.stage, school.kind, fact.grade,
    SUM(fact.pupils)::int, SUM(fact.participants)::int, {SOME}
FROM oversight_classfact AS fact
JOIN tenants_school AS school ON school.id = fact.school_id AND school.state = 'active'
JOIN tenants_district AS district ON district.id = school.district_id
WHERE fact.term_code = %(term)s
GROUP BY school.code, district.code, school.stage, school.kind, fact.grade
ORDER BY school.code, fact.grade
"""  # noqa: S608
