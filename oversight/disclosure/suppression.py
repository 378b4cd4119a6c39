"""Small counts are hidden so that nobody can be told, not by subtraction either (calculations.md "Suppression").

Hidden are counts from 1 to k − 1 and, so that no total gives them away, the next smallest of their row and column, until
a reader who knows all that is shown is left with as many values for each hidden count as "fewer than k" leaves: k − 1,
and two at least. That is checked exactly (leeway), for totals and complements too. 0 is shown as 0.

What it protects is one table. Two tables of the same children with different cuts can be subtracted from each other:
so the public gets fixed tables only, and no filters (architecture §7).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Final, Literal

from oversight.disclosure.leeway import Count, Counts, Line, Place

Cell = int | Literal["c", "x"]
"""What is published: a count, `c` for a hidden one, `x` where there was no answer."""
HIDDEN: Final = "c"
NOT_AVAILABLE: Final = "x"
NOT_APPLICABLE: Final = "–"
CITY_K: Final = 5
PUBLIC_K: Final = 10
BASE: Final = 5
LEAST_WHOLE: Final = 20
OUTSIDE: Final = "outside"
"""The other end of a list's counts: a list has no second direction whose totals are known."""


def protect(counts: Sequence[Sequence[int | None]], *, k: int) -> list[list[Cell]]:
    """A table without totals → the same table as it may be shown, with a last column and a last row of totals.

    None is "no answer": `x`, and no part of a total; the total of nothing but None is `x`.
    Worked, k = 5: [[3, 40], [20, 30]] → [["c", "c", 43], ["c", "c", 50], [23, 70, 93]].
    """
    whole = _with_totals(counts)
    known: dict[Place, Count] = {}
    for row, line in enumerate(whole):
        for column, number in enumerate(line):
            if number:
                sign = -1 if (row == len(whole) - 1) != (column == len(line) - 1) else 1
                known[row, column] = Count(number, ("row", row), ("column", column), sign)
    return _shown(whole, _hidden(known, k))


def protect_list(counts: Sequence[int | None], *, k: int) -> list[Cell]:
    """A list of counts → as it may be shown, with its total at the end.

    Worked, k = 5: [3, 12, 40] → ["c", "c", 40, 55]; [1, 2, 50] → ["c", "c", "c", 53], since 3 would be 1 + 2 or 2 + 1.
    """
    whole = [[*_checked(counts), _total(counts)]]
    known = {
        (0, column): Count(number, "list", OUTSIDE, -1 if column == len(counts) else 1)
        for column, number in enumerate(whole[0])
        if number
    }
    return _shown(whole, _hidden(known, k))[0]


def public_counts(counts: Sequence[Sequence[int | None]], *, k: int = PUBLIC_K) -> list[list[Cell]]:
    """As protect, for the public: every count and every total rounded to 5 by itself, from the unrounded one."""
    return [[rounded(cell) for cell in line] for line in protect(counts, k=_rounding(k))]


def public_list(counts: Sequence[int | None], *, k: int = PUBLIC_K) -> list[Cell]:
    """As protect_list, rounded to 5."""
    return [rounded(cell) for cell in protect_list(counts, k=_rounding(k))]


def rounded(cell: Cell) -> Cell:
    """To the next 5: 12 → 10, 13 → 15. A symbol stays."""
    return cell if isinstance(cell, str) else (cell + BASE // 2) // BASE * BASE


def share(part: Cell | None, whole: Cell | None, *, k: int, least: int = LEAST_WHOLE) -> Decimal | str:
    """Part of whole in percent with one decimal, half up; a symbol where it can't be shown.

    `c` when the whole is below `least`, or when the part or what is left of the whole is a small count: a percentage
    of a known whole is a count. `x` when one of them is unknown, `–` when there is nobody to ask.
    Worked, k = 5: 413 of 480 → 86.0; 38 of 40 → c, since 2 are left; 3 of 4 → c; 0 of 0 → –.
    """
    if part is None or whole is None or NOT_AVAILABLE in (part, whole):
        return NOT_AVAILABLE
    if isinstance(part, str) or isinstance(whole, str):
        return HIDDEN
    if not 0 <= part <= whole:
        raise ValueError(f"{part} is no part of {whole}")
    if whole == 0:
        return NOT_APPLICABLE
    if whole < least or is_small(part, k) or is_small(whole - part, k):
        return HIDDEN
    return (Decimal(part) * 100 / Decimal(whole)).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)


def hide(known: Mapping[Place, Count], small: Collection[Place], *, k: int) -> Counts:
    """What to hide beside the small ones. Hiding one more never narrows what the others could be, so each is looked at
    until it is safe, or until nothing is left to hide: of 3 pupils at most 3 take part, whatever is hidden.
    """
    if k < 2:
        raise ValueError("k is 2 at least: below it nothing is small")
    hidden, shown = Counts(), Counts()
    for place, count in known.items():
        (hidden if place in small else shown).add(place, count)
    _leave_none_alone(hidden, shown, list(hidden.on))
    for place in hidden.places():
        enough = max(2, k - 1) if (most := known[place].most) is None else min(max(2, k - 1), most)
        while shown.counts and hidden.values(place, enough) < enough:
            more = _hide_smallest(hidden, shown, _lines(known[place]))
            _leave_none_alone(hidden, shown, more)
    return hidden


def _hidden(known: Mapping[Place, Count], k: int) -> Counts:
    return hide(known, {place for place, count in known.items() if is_small(count.number, k)}, k=k)


def _leave_none_alone(hidden: Counts, shown: Counts, lines: Iterable[Line]) -> None:
    """A hidden count that is alone in a line is what the others leave of the total."""
    waiting = list(lines)
    for line in waiting:
        if line != OUTSIDE and len(hidden.on[line]) == 1 and shown.counts:
            waiting += _hide_smallest(hidden, shown, [line])


def _hide_smallest(hidden: Counts, shown: Counts, lines: Iterable[Line]) -> list[Line]:
    """The next smallest of these lines, a total last; of the table when these are hidden wholly. Returns its lines.

    There always is one: with all but the zeros hidden, totals too, every count can grow without end.
    """
    beside = [place for line in lines for place in shown.on[line]] or shown.counts
    place = min(beside, key=lambda each: (shown.counts[each].number, -shown.counts[each].sign, each))
    count = shown.take(place)
    hidden.add(place, count)
    return _lines(count)


def _lines(count: Count) -> list[Line]:
    """Where its total or its parts are shown."""
    return [line for line in (count.start, count.end) if line != OUTSIDE]


def is_small(number: int, k: int) -> bool:
    return 0 < number < k


def _with_totals(counts: Sequence[Sequence[int | None]]) -> list[list[int | None]]:
    if len({len(line) for line in counts}) > 1:
        raise ValueError("the rows of a table are equally long")
    rows = [[*_checked(line), _total(line)] for line in counts]
    return [*rows, [_total(column) for column in zip(*rows, strict=True)]] if rows else []


def _checked(counts: Iterable[int | None]) -> list[int | None]:
    kept = list(counts)
    if any(number is not None and number < 0 for number in kept):
        raise ValueError("a count is never below zero")
    return kept


def _total(counts: Iterable[int | None]) -> int | None:
    answered = [number for number in counts if number is not None]
    return sum(answered) if answered else None


def _shown(whole: Sequence[Sequence[int | None]], hidden: Counts) -> list[list[Cell]]:
    return [
        [
            NOT_AVAILABLE if number is None else HIDDEN if (row, column) in hidden.counts else number
            for column, number in enumerate(line)
        ]
        for row, line in enumerate(whole)
    ]


def _rounding(k: int) -> int:
    """Below 5, rounding would show a count as 0, which says that there is nobody."""
    if k < BASE:
        raise ValueError(f"rounding to {BASE} needs a k of {BASE} at least")
    return k
