"""Loads what decisions are made of, and keeps each decision for as long as the figures are those that it was made of.

Every roll-up writes its row anew, with a new id: a stamp over the rows' ids and over where the schools stand tells one
state of a term's figures from every other. A load of schools brings the stamp of its own snapshot along (frames.py).
"""

from collections import OrderedDict
from collections.abc import Collection, Hashable, Mapping
from threading import Lock
from typing import Any, Final, TypeVar, cast

import pandas as pd
from django.db import connection

from oversight.protection import grades, terms
from oversight.protection.decisions import CITY_K, CLASSES, NEEDS, Decision
from oversight.protection.grades import Book, Grade
from tenants import context

MOST: Final = 24
"""Terms and states that a process keeps."""
TRIES: Final = 4
Stamps = tuple[str, str]
"""Of the schools' figures and of the classes'."""
T = TypeVar("T")
_kept: OrderedDict[Hashable, Any] = OrderedDict()
_lock: Final = Lock()


class Restless(Exception):
    """The figures changed at every try: nothing is shown rather than something that was not protected."""


def of_term(term: str, stamp: str) -> Decision | None:
    """The decision on this state of the term's figures; None when they are another one by now."""
    found: Decision | None = _get(("schools", term, stamp))
    return found or _made([term]).get((term, stamp))


def of_terms(stamps: Mapping[str, str]) -> dict[str, Decision]:
    """The decisions on some terms, by term, in the states that their stamps tell; one that has changed is left out."""
    found = {term: _get(("schools", term, stamp)) for term, stamp in stamps.items()}
    wanting = [term for term, decision in found.items() if decision is None]
    made = _made(wanting) if wanting else {}
    found |= {term: made.get((term, stamps[term])) for term in wanting}
    return {term: decision for term, decision in found.items() if decision is not None}


def book_of_term(term: str, stamps: Stamps | None = None) -> Book:
    """Grades of the whole city and what is hidden of them, in the state that `stamps` tell, or in a newer one.

    One statement for the stamps when none are given, three more when nothing is kept.
    """
    for _try in range(TRIES):
        state = stamps or _stamps(term)
        decision = of_term(term, state[0])
        if decision is not None and (found := _get(_book_key(term, decision, state[1]))):
            return cast("Book", found)
        ((_term, seen), rows) = next(iter(_grades([term]).items()))
        decision = of_term(term, seen[0])
        if decision is not None:
            return _keep(_book_key(term, decision, seen[1]), grades.decide(rows, decision))
        stamps = None
    raise Restless


def _book_key(term: str, decision: Decision, of_classes: str) -> Hashable:
    """Most roll-ups write the same children anew: their grades are decided upon once."""
    return "grades", term, decision.fingerprint, of_classes


def _get(key: Hashable) -> Any:
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
        return _kept.get(key)


def _keep(key: Hashable, made: T) -> T:
    with _lock:
        _kept[key] = made
        while len(_kept) > MOST:
            _kept.popitem(last=False)
    return made


def _made(asked: Collection[str]) -> dict[tuple[str, str], Decision]:
    """By term and the stamp of the state that was read. Two who ask at once make the same."""
    of_schools, of_grades = _schools(asked), _grades(asked)
    found = {}
    for (term, stamp), schools in of_schools.items():
        stamps, rows = next((state, rows) for (each, state), rows in of_grades.items() if each == term)
        if stamps[0] == stamp:
            decided = terms.decide(schools, rows)
            if decided.book is not None:
                _keep(_book_key(term, decided.decision, stamps[1]), decided.book)
            found[term, stamp] = _keep(("schools", term, stamp), decided.decision)
    return found


def _schools(asked: Collection[str]) -> dict[tuple[str, str], pd.DataFrame]:
    """By term and stamp."""
    with context.as_bureau(), connection.cursor() as cursor:
        cursor.execute(SCHOOLS, {"terms": list(asked)})
        rows = cursor.fetchall()
    columns = ["term", "stamp", "code", "district_code", "stage", "kind", *NEEDS, *CLASSES]
    frame = pd.DataFrame.from_records(rows, columns=columns).astype(
        dict.fromkeys((*NEEDS, *CLASSES[:2]), "float64")
    )
    states = {(str(term), str(stamp)): some for (term, stamp), some in frame.groupby(["term", "stamp"])}
    for term in set(asked) - {term for term, _stamp in states}:
        states[term, NO_STAMP] = frame.iloc[:0]
    return states


def _stamps(term: str) -> Stamps:
    with context.as_bureau(), connection.cursor() as cursor:
        cursor.execute(f"SELECT {STAMP}, {CLASS_STAMP}", {"term": term})
        of_schools, of_classes = cursor.fetchone()
    return of_schools, of_classes


def _grades(asked: Collection[str]) -> dict[tuple[str, Stamps], list[Grade]]:
    """By term and both stamps; a term without classes has none."""
    with context.as_bureau(), connection.cursor() as cursor:
        cursor.execute(GRADES, {"terms": list(asked)})
        rows = cursor.fetchall()
    found: dict[tuple[str, Stamps], list[Grade]] = {}
    for term, of_schools, of_classes, code, *area, grade, pupils, joined, least, most, tells in rows:
        some = found.setdefault((term, (of_schools, of_classes)), [])
        if code is not None:
            some.append(Grade(code, (area[0], area[1], area[2]), grade, pupils, joined, least, most, tells))
    return found


NO_STAMP: Final = "0"
HASH: Final = "hashtextextended(concat_ws('|', {roll}.id, {at}.code, {at}.district_id, {at}.stage, {at}.kind), 0)::numeric"


def stamp_of(term: str) -> str:
    """The stamp of a term's figures as an expression; any bureau's role may ask it. `term` is SQL."""
    return f"""COALESCE((SELECT SUM({HASH.format(roll="seen", at="at")}) FROM oversight_schoolterm AS seen
        JOIN tenants_school AS at ON at.id = seen.school_id AND at.state = 'active'
        WHERE seen.term_code = {term}), 0)::text"""  # noqa: S608


STAMP: Final = stamp_of("%(term)s")


def class_stamp_of(term: str) -> str:
    """The same of a term's classes, for the bureau's role."""
    return f"""COALESCE((SELECT SUM(hashtextextended(
            concat_ws('|', seen.id, seen.grade, seen.pupils, seen.participants, at.district_id, at.stage, at.kind), 0
            )::numeric)
        FROM oversight_classfact AS seen JOIN tenants_school AS at ON at.id = seen.school_id AND at.state = 'active'
        WHERE seen.term_code = {term}), 0)::text"""  # noqa: S608


CLASS_STAMP: Final = class_stamp_of("%(term)s")
CLASS_ENDS: Final = f"""
SELECT school_id, term_code, grade, participants AS part, GREATEST(pupils, participants) AS most,
    CASE WHEN participants = pupils AND pupils >= {CITY_K} THEN pupils ELSE 1 END AS least
FROM oversight_classfact WHERE participants > 0 AND term_code = ANY(%(terms)s)
"""  # noqa: S608
"""Of each class in which anybody takes part: how many, and the ends that everybody knows."""
TELLS: Final = f"""
(part < {CITY_K} OR most - part BETWEEN 1 AND {CITY_K - 1})
AND GREATEST(0, LEAST(most - part, above - (part - least))) + GREATEST(0, LEAST(part - least, below - (most - part)))
    < LEAST({CITY_K - 2}, most - least)
"""
"""Whether a sum that is shown leaves a small part of it too few values. The others can give up `above` less what the part
itself lies above its least, and can take on `below` less what the part itself lies below its most."""
BY_GRADE: Final = f"""
SELECT school_id, term_code, grade, SUM(part) AS part, SUM(least) AS least, SUM(most) AS most, BOOL_OR({TELLS}) AS tells
FROM (
    SELECT *, SUM(part - least) OVER one AS above, SUM(most - part) OVER one AS below FROM ({CLASS_ENDS}) AS ends
    WINDOW one AS (PARTITION BY school_id, term_code, grade)
) AS class GROUP BY school_id, term_code, grade
"""  # noqa: S608
BY_SCHOOL: Final = f"""
SELECT school_id, term_code, SUM(part) FILTER (WHERE is_grade) AS part, SUM(least) FILTER (WHERE is_grade) AS least,
    SUM(most) FILTER (WHERE is_grade) AS most, BOOL_OR({TELLS}) AS tells
FROM (
    SELECT *, SUM(part - least) FILTER (WHERE is_grade) OVER one AS above,
        SUM(most - part) FILTER (WHERE is_grade) OVER one AS below
    FROM (
        SELECT school_id, term_code, part, least, most, FALSE AS is_grade FROM ({CLASS_ENDS}) AS ends
        UNION ALL SELECT school_id, term_code, part, least, most, TRUE FROM ({BY_GRADE}) AS grades
    ) AS parts
    WINDOW one AS (PARTITION BY school_id, term_code)
) AS part GROUP BY school_id, term_code
"""  # noqa: S608
SCHOOLS: Final = f"""
SELECT roll.term_code, SUM({HASH.format(roll="roll", at="school")}) OVER (PARTITION BY roll.term_code)::text,
    school.code, district.code, school.stage, school.kind,
    {", ".join(f"roll.{name}::float8" for name in NEEDS)}, of.least::float8, of.most::float8, COALESCE(of.tells, FALSE)
FROM oversight_schoolterm AS roll
JOIN tenants_school AS school ON school.id = roll.school_id AND school.state = 'active'
JOIN tenants_district AS district ON district.id = school.district_id
LEFT JOIN ({BY_SCHOOL}) AS of ON of.school_id = roll.school_id AND of.term_code = roll.term_code
WHERE roll.term_code = ANY(%(terms)s)
ORDER BY school.code
"""  # noqa: S608
GRADES: Final = f"""
WITH asked AS MATERIALIZED (
    SELECT term, {stamp_of("term")} AS stamp, {class_stamp_of("term")} AS class_stamp
    FROM unnest(%(terms)s::text[]) AS term
)
SELECT asked.term, asked.stamp, asked.class_stamp, fact.code, fact.district, fact.stage, fact.kind, fact.grade,
    fact.pupils::int, fact.participants::int, COALESCE(of.least, 0)::int, COALESCE(of.most, 0)::int,
    COALESCE(of.tells, FALSE)
FROM asked
LEFT JOIN (
    SELECT fact.school_id, fact.term_code, fact.grade, school.code, district.code AS district, school.stage, school.kind,
        SUM(fact.pupils) AS pupils, SUM(fact.participants) AS participants
    FROM oversight_classfact AS fact
    JOIN tenants_school AS school ON school.id = fact.school_id AND school.state = 'active'
    JOIN tenants_district AS district ON district.id = school.district_id
    WHERE fact.term_code = ANY(%(terms)s)
    GROUP BY fact.school_id, fact.term_code, fact.grade, school.code, district.code, school.stage, school.kind
) AS fact ON fact.term_code = asked.term
LEFT JOIN ({BY_GRADE}) AS of
    ON of.school_id = fact.school_id AND of.term_code = fact.term_code AND of.grade = fact.grade
ORDER BY asked.term, fact.code, fact.grade
"""  # noqa: S608
