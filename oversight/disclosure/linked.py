"""Two published tables of the same children under the same columns: districts by stage, and town and country by stage.

Each could be safe by itself and both together not: a total that one hides stands in the other. So they are one network,
joined at the totals that they share (leeway). The pupils on the roll are taken for known, as they are published
elsewhere: a count is small when few take part and also when few don't, and it is never above the roll.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

from oversight.disclosure import suppression
from oversight.disclosure.leeway import Count, Counts, Line, Place
from oversight.disclosure.suppression import HIDDEN, NOT_AVAILABLE, PUBLIC_K


class Part(NamedTuple):
    """Children who take part, of all on the roll."""

    number: int
    of: int


Shown = Part | Literal["c", "x"]
Table = Sequence[Sequence[Part | None]]
"""Rows without totals; None is "no answer"."""
ABOVE: Final = "above"
BELOW: Final = "below"


class UnlikeTotals(ValueError):
    """Tables of the same children have the same column totals."""


@dataclass(frozen=True)
class Linked:
    """Both tables as they may be shown, each row with its total at the end, and the totals that they share."""

    above: list[list[Shown]]
    totals: list[Shown]
    below: list[list[Shown]]


def protect(above: Table, below: Table, *, k: int = PUBLIC_K) -> Linked:
    """Neither table, nor both together, nor the roll beside them tell a hidden count."""
    upper, lower = _with_totals(above), _with_totals(below)
    totals = _sums(upper)
    if totals != _sums(lower):
        raise UnlikeTotals("the tables' column totals differ")
    whole = [*upper, totals, *lower]
    known = dict(_network(whole, shared=len(upper)))
    small = {place for place in known if _is_small(whole[place[0]][place[1]], k)}
    hidden = suppression.hide(known, small, k=k)
    shown = [_shown(row, number, hidden) for number, row in enumerate(whole)]
    return Linked(shown[: len(upper)], shown[len(upper)], shown[len(upper) + 1 :])


def _network(whole: list[list[Part | None]], *, shared: int) -> Iterable[tuple[Place, Count]]:
    """Each count between two lines whose counts make 0 with their totals. The total of the totals follows from the rest.

    Going up by one in a district's count, its column's total goes up, and with it one of the counts of the other table:
    the ends are set so that these are steps along the same way.
    """
    for row, parts in enumerate(whole):
        for column, part in enumerate(parts):
            if part is None or not part.number:
                continue
            is_sum = column == len(parts) - 1
            start: Line = (ABOVE, "row", row)
            end: Line = (ABOVE, "column", column)
            sign = -1 if is_sum and row < shared else 1
            if row == shared:
                ends = [(ABOVE, "column", column), (BELOW, "column", column)]
                start, end = reversed(ends) if is_sum else ends
            elif row > shared:
                ends = [(BELOW, "column", column), (BELOW, "row", row)]
                start, end = reversed(ends) if is_sum else ends
            yield (row, column), Count(part.number, start, end, sign, max(part.of, part.number))


def _is_small(part: Part | None, k: int) -> bool:
    if part is None or part.number == 0:
        return False
    return suppression.is_small(part.number, k) or suppression.is_small(part.of - part.number, k)


def _shown(row: Sequence[Part | None], number: int, hidden: Counts) -> list[Shown]:
    return [
        NOT_AVAILABLE if part is None else HIDDEN if (number, column) in hidden.counts else part
        for column, part in enumerate(row)
    ]


def _with_totals(table: Table) -> list[list[Part | None]]:
    return [[*row, _sum(row)] for row in table]


def _sums(table: list[list[Part | None]]) -> list[Part | None]:
    return [_sum(column) for column in zip(*table, strict=True)]


def _sum(parts: Iterable[Part | None]) -> Part | None:
    """Of those that answered; None when nobody did."""
    known = [part for part in parts if part is not None]
    return Part(sum(part.number for part in known), sum(part.of for part in known)) if known else None
