"""All that is decided of a term: its schools, with their grades where both can be looked at at once. Pure."""

from collections.abc import Sequence
from typing import Final, NamedTuple

import pandas as pd

from oversight.protection import decisions, grades
from oversight.protection.decisions import Decision
from oversight.protection.grades import Book, Grade

ROOMS: Final = (1, 2, 3, 4, 8)
"""How much more than promised is kept of schools, until their grades keep what was promised too."""
MOST: Final = 2_000
"""Grades of schools (a city of about 350): beyond it, there are so many neighbours that LARGE is enough."""
LARGE: Final = 3


class Decided(NamedTuple):
    """The book is made later where the city is large: few pages need it."""

    decision: Decision
    book: Book | None


def decide(schools: pd.DataFrame, of_grades: Sequence[Grade]) -> Decided:
    """See decisions.decide and grades.decide; both of one state of the term."""
    if len(of_grades) > MOST:
        return Decided(decisions.decide(schools, room=LARGE), None)
    tried: list[Made] = []
    for room in ROOMS:
        tried.append(_made(schools, of_grades, room, frozenset()))
        if not tried[-1].book.short:
            break
    best = min(tried, key=lambda made: len(made.book.short))
    while more := _holding(best, of_grades):
        best = _made(schools, of_grades, best.room, best.also | more)
    return Decided(best.decision, best.book)


class Made(NamedTuple):
    """A try, and what was asked for."""

    decision: Decision
    book: Book
    room: int
    also: frozenset[str]


def _made(schools: pd.DataFrame, of_grades: Sequence[Grade], room: int, also: frozenset[str]) -> Made:
    decision = decisions.decide(schools, room=room, also=also)
    return Made(decision, grades.decide(of_grades, decision), room, also)


def _holding(made: Made, of_grades: Sequence[Grade]) -> frozenset[str]:
    """Of each sum that is short, the smallest school whose total is shown: no room elsewhere makes up for it.

    Worked: 267 of a school less 166 in grades of which all take part are the 101 of its third grade; the district's
    third grade, this one and another school's of one child, then has the other's three values only.
    """
    shown: dict[str, int] = {}
    for each in of_grades:
        if not made.decision.hides(decisions.PARTICIPANTS, [each.school]):
            shown[each.school] = shown.get(each.school, 0) + each.pupils
    found = set()
    for members in made.book.short:
        codes = {code for code, _grade in members if code in shown}  # type: ignore[misc, has-type]  # a school and its grade
        if codes:
            found.add(min(codes, key=lambda code: (shown[code], code)))
    return frozenset(found)
