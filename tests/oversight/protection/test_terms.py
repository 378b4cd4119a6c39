"""Schools and their grades are decided upon together (calculations.md, "Suppression")."""

from oversight.protection import terms
from oversight.protection.decisions import PARTICIPANTS
from tests.oversight.protection import cities


def test_a_school_whose_total_tells_a_neighbour_s_grade_too_well_is_hidden():
    """267 of 273 less 166 of which all take part: its third grade is 101, and the third grade of both schools, 102, is
    hidden with three possible values, not four, while that 267 is shown."""
    schools = cities.sparse(400)
    decided = terms.decide(cities.frame(schools), cities.grades(schools))
    assert decided.book is not None
    assert decided.book.short == frozenset()
    assert decided.decision.hides(PARTICIPANTS, ["3301081007"])
