"""Which sums must be hidden so that nobody who can count works out a hidden one. Pure.

Whole numbers (children of a school, say) stand in sums that are published or hidden. Who reads knows every published sum
and, of each number, the least and the most that it can be, and can solve equations in whole numbers. A hidden sum can have
another value when numbers can change by whole steps so that every published sum stays as it is: such a change is a
witness (witnesses.py). One is asked for each value that was promised; where there is none, the cheapest further sums are
hidden. A witness is proof, and a witness that is overlooked hides more than need be: never the other way round.

What is hidden beside the small depends on costs, that is on rolls, and not on the counts: after a count has changed, the
same neighbours are hidden again, so that two releases of a term say little beside each other.
"""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, NamedTuple

Name = Hashable
NEVER: Final = 1 << 40
"""The cost of a sum that is published in any case."""


class Number(NamedTuple):
    """A whole number above 0 and the ends that everybody knows."""

    value: int
    low: int
    high: int


@dataclass(frozen=True)
class Sum:
    """Some numbers whose sum is published unless it is hidden."""

    members: frozenset[Name]
    cost: int
    """Of hiding it: how many pupils it speaks of."""
    is_small: bool = False
    """Hidden to begin with."""


class System:
    """Numbers by their place, sums by theirs, and which sums are hidden."""

    def __init__(self, numbers: Mapping[Name, Number], sums: Iterable[Sum]) -> None:
        names = list(numbers)
        place = {name: at for at, name in enumerate(names)}
        self.numbers = [numbers[name] for name in names]
        self.sums = list(sums)
        self.members = [tuple(sorted(place[name] for name in each.members)) for each in self.sums]
        self.on: list[list[int]] = [[] for _name in names]
        """By number: the sums that it stands in, the smallest first."""
        for at in sorted(range(len(self.sums)), key=lambda each: (len(self.members[each]), each)):
            for number in self.members[at]:
                self.on[number].append(at)
        self.hidden = {at for at, each in enumerate(self.sums) if each.is_small}
        self._fix_what_is_said()
        self.told = self._told()
        """Numbers that follow from sums that are published in any case: to hide them protects nothing."""

    def _fix_what_is_said(self) -> None:
        """Where a sum that is published in any case says that all are in it, each of its numbers is known."""
        for at, each in enumerate(self.sums):
            numbers = [self.numbers[member] for member in self.members[at]]
            if each.cost >= NEVER and not each.is_small and all(one.value == one.high for one in numbers):
                for member, (value, _low, _high) in zip(self.members[at], numbers, strict=True):
                    self.numbers[member] = Number(value, value, value)

    def _told(self) -> frozenset[int]:
        """One after the other: 267 of a school less 166 in grades of which all take part are the last grade's 101."""
        told = {at for at, (_value, low, high) in enumerate(self.numbers) if low == high}
        shown = [at for at, each in enumerate(self.sums) if each.cost >= NEVER and not each.is_small]
        free = {at: {*self.members[at]} - told for at in shown}
        while last := {number for some in free.values() if len(some) == 1 for number in some}:
            told |= last
            free = {at: left for at, some in free.items() if (left := some - last)}
        return frozenset(told)

    def room(self, number: int, way: int, *moved: Mapping[int, int]) -> int:
        """By how much a number can still grow (way 1) or shrink (−1), changed by so much already."""
        if number in self.told:
            return 0
        value, low, high = self.numbers[number]
        now = value + sum(each.get(number, 0) for each in moved)
        return high - now if way > 0 else now - low

    def possible(self, at: int) -> int:
        """How many values the ends of its numbers leave a sum."""
        return 1 + sum(self.numbers[each].high - self.numbers[each].low for each in self.members[at])
