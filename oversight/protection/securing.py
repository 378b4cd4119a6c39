"""Hides until each hidden sum keeps the values that were promised. Pure, deterministic."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping
from typing import Final, NamedTuple

from oversight.protection.system import NEVER, Number, Sum, System
from oversight.protection.witnesses import Changes, Search, Witness

Name = Hashable
FURTHER: Final = 6
"""Numbers that are let go beside a sum's own before it is left with the values that it has."""


class Hidden(NamedTuple):
    """What is hidden, and what of it has fewer values all the same: what is shown in any case can make it so."""

    sums: frozenset[frozenset[Name]]
    short: frozenset[frozenset[Name]]


def protect(numbers: Mapping[Name, Number], sums: Iterable[Sum], *, k: int, room: int = 1) -> Hidden:
    """Which of these sums are hidden, by their members: the small ones, and what would give one of them away.

    Each keeps at least max(2, k − 1) possible values (`room` times as many, where more will be told of the same children
    afterwards), or as many as the ends of its numbers leave.
    Worked, k = 5: schools of 3 and 40 children beside their sum of 43, all published: 3 is hidden and 40 too.
    """
    if k < 2:
        raise ValueError("k is 2 at least: below it nothing is small")
    system = System(numbers, sums)
    securing = _Securing(system, room * max(2, k - 1))
    securing.run()
    return Hidden(frozenset(system.sums[at].members for at in system.hidden), securing.short(max(2, k - 1)))


class _Securing:
    def __init__(self, system: System, enough: int) -> None:
        self.system, self.enough = system, enough
        self.search = Search(system)
        self.lower: defaultdict[int, int] = defaultdict(int)
        self.higher: defaultdict[int, int] = defaultdict(int)
        """By sum: by how much it can be lower and higher, as far as witnesses were found."""

    def run(self) -> None:
        """What is hidden on the way is looked at too."""
        waiting = sorted(self.system.hidden)
        seen = set(waiting)
        for at in waiting:
            self._secure(at)
            fresh = sorted(self.system.hidden - seen)
            seen.update(fresh)
            waiting += fresh

    def short(self, enough: int) -> frozenset[frozenset[Name]]:
        return frozenset(
            self.system.sums[at].members
            for at in self.system.hidden
            if self._found(at) < self._wanted(at, enough)
        )

    def _found(self, at: int) -> int:
        """Values beside the true one."""
        return self.lower[at] + self.higher[at]

    def _wanted(self, at: int, enough: int) -> int:
        return min(enough, self.system.possible(at)) - 1

    def _secure(self, at: int) -> None:
        wanted = self._wanted(at, self.enough)
        most = len(self.system.members[at]) + FURTHER
        while self._found(at) < wanted:
            up = self._walk(at, 1, wanted)
            down = self._walk(at, -1, wanted)
            if self._found(at) >= wanted:
                return
            found = [self.search.find(at, way, moved, may_hide=True) for way, moved in ((1, up), (-1, down))]
            cheapest = min((each for each in found if each), key=lambda each: each.cost, default=None)
            if cheapest is not None:
                self.system.hidden |= cheapest.hides
            elif most == 0 or not self._open_one(at):
                return
            else:
                most -= 1

    def _walk(self, at: int, way: int, wanted: int) -> dict[int, int]:
        """As far as witnesses lead from what is true, without hiding anything; gives where that is."""
        moved: dict[int, int] = {}
        rough: set[int] = set()
        while self._found(at) < wanted:
            witness = self.search.find(at, way, moved, may_hide=False)
            if witness is None:
                break
            self._follow(witness, moved, rough, wanted)
        return moved

    def _follow(self, witness: Witness, moved: dict[int, int], rough: set[int], wanted: int) -> None:
        """Repeats it while there is room. A sum that it changes by more than one step skips values: it proves nothing."""
        times = min(wanted, self._times(witness.changes, moved))
        for number, change in witness.changes.items():
            moved[number] = moved.get(number, 0) + change * times
        rough.update(at for at, by in self._net(witness.changes).items() if abs(by) > 1)
        for at, by in self._net(moved).items():
            if at not in rough:
                self.lower[at], self.higher[at] = max(self.lower[at], -by), max(self.higher[at], by)

    def _times(self, changes: Changes, moved: Changes) -> int:
        return min(
            self.system.room(number, 1 if by > 0 else -1, moved) // abs(by) for number, by in changes.items()
        )

    def _net(self, changes: Changes) -> dict[int, int]:
        net: defaultdict[int, int] = defaultdict(int)
        for number, by in changes.items():
            for at in self.system.on[number]:
                net[at] += by
        return net

    def _open_one(self, at: int) -> bool:
        """The last resort: a number is let go, with all sums that it stands in: of this sum, or else the nearest that
        could make up for it in a sum that stays. False when there is none."""
        system = self.system
        near, seen = list(system.members[at]), set(system.members[at])
        while near:
            shut = {number: sums for number in near if (sums := self._shut(number))}
            if shut:
                cheapest = min(
                    shut, key=lambda each: (sum(system.sums[one].cost for one in shut[each]), each)
                )
                system.hidden.update(shut[cheapest])
                return True
            beside = {one for number in near for each in system.on[number] for one in self._in_shown(each)}
            near = sorted(beside - seen)
            seen.update(near)
        return False

    def _shut(self, number: int) -> list[int]:
        """Sums that hold a number fast and could be hidden."""
        system = self.system
        if number in system.told:
            return []
        return [at for at in system.on[number] if at not in system.hidden and system.sums[at].cost < NEVER]

    def _in_shown(self, at: int) -> tuple[int, ...]:
        return () if at in self.system.hidden else self.system.members[at]
