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
    for room in ROOMS:
        decision = decisions.decide(schools, room=room)
        book = grades.decide(of_grades, decision)
        if not book.is_short:
            break
    return Decided(decision, book)
