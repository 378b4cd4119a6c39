"""Searches witnesses: changes of numbers by whole steps that leave every published sum as it is. Pure, deterministic."""

from collections.abc import Iterator, Mapping
from heapq import heappop, heappush
from typing import Final, NamedTuple

from oversight.protection.system import NEVER, System

MOST_STEPS: Final = 10
"""Numbers that a witness changes; eight close a cube of district × stage × kind."""
MOST_LOOKS: Final = 100
"""States that one search looks at."""
WAYS: Final = 8
"""Numbers that are tried in a sum, the cheapest first."""
Changes = Mapping[int, int]


class Witness(NamedTuple):
    """Changes by number, what must be hidden besides, and what that costs."""

    changes: Changes
    hides: frozenset[int]
    cost: int


class _State(NamedTuple):
    changes: dict[int, int]
    hides: frozenset[int]
    net: dict[int, int]
    """By published sum: by how much the changes miss it."""


class Search:
    """For one system; how it ranks numbers that stand in the same sums is made once."""

    def __init__(self, system: System) -> None:
        self.system = system
        kinds: dict[tuple[int, ...], int] = {}
        self.kind = [
            kinds.setdefault(tuple(at for at in on if len(system.members[at]) > 1), len(kinds))
            for on in system.on
        ]
        """Numbers of one kind stand in the same sums, but for their own."""
        self.own = [next((at for at in on if len(system.members[at]) == 1), None) for on in system.on]
        """By number: the sum that it is by itself."""

    def find(self, target: int, way: int, moved: Changes, *, may_hide: bool) -> Witness | None:
        """One step of the target up (1) or down (−1) from where `moved` has led; the cheapest that is found."""
        for by_cost in (True, False) if may_hide else (False,):
            if found := self._find(target, way, moved, may_hide=may_hide, by_cost=by_cost):
                return found
        return None

    def _find(
        self, target: int, way: int, moved: Changes, *, may_hide: bool, by_cost: bool
    ) -> Witness | None:
        start = _State({}, frozenset(), {target: -way})
        waiting: list[tuple[int, int, int, int, _State]] = [(0, 1, 0, 0, start)]
        seen: set[tuple[frozenset[tuple[int, int]], frozenset[int]]] = set()
        pushed = 0
        for _look in range(MOST_LOOKS):
            if not waiting:
                return None
            *_order, cost, state = heappop(waiting)
            if not state.net:
                return Witness(state.changes, state.hides, cost)
            for more, after in self._next(target, state, moved, may_hide=may_hide):
                key = (frozenset(after.changes.items()), after.hides)
                if key not in seen:
                    seen.add(key)
                    pushed += 1
                    order = (cost + more, len(after.net)) if by_cost else (len(after.net), cost + more)
                    heappush(waiting, (*order, pushed, cost + more, after))
        return None

    def _next(
        self, target: int, state: _State, moved: Changes, *, may_hide: bool
    ) -> Iterator[tuple[int, _State]]:
        """Ways to mend the smallest sum that is missed, each with what it hides."""
        system = self.system
        at = min(state.net, key=lambda each: (len(system.members[each]), each))
        way = -1 if state.net[at] > 0 else 1
        if at != target and may_hide and system.sums[at].cost < NEVER:
            net = {each: by for each, by in state.net.items() if each != at}
            yield system.sums[at].cost, state._replace(hides=state.hides | {at}, net=net)
        if sum(map(abs, state.changes.values())) >= MOST_STEPS:
            return
        best: dict[int, tuple[int, int, int]] = {}
        for number in system.members[at]:
            if state.changes.get(number, 0) * way < 0:
                continue
            cost = self._own_cost(target, state, number)
            if cost >= NEVER or (cost and not may_hide) or system.room(number, way, moved, state.changes) < 1:
                continue
            order = (cost, self._missed(target, state, number, way), number)
            kind = self.kind[number]
            if kind not in best or order < best[kind]:
                best[kind] = order
        for cost, _missed, number in sorted(best.values())[:WAYS]:
            yield cost, self._moved(target, state, number, way)

    def _own_cost(self, target: int, state: _State, number: int) -> int:
        """Of hiding what stands by itself, which must be when a number changes."""
        at = self.own[number]
        if at is None or at == target or at in self.system.hidden or at in state.hides:
            return 0
        return self.system.sums[at].cost

    def _missed(self, target: int, state: _State, number: int, way: int) -> int:
        """How many sums are missed after one step more than before: −1 for each that is met."""
        more = 0
        for at in self._holding(target, state, number):
            by = state.net.get(at, 0)
            more += 1 if not by else -1 if by == -way else 0
        return more

    def _holding(self, target: int, state: _State, number: int) -> Iterator[int]:
        """Sums of several numbers that a number must not change."""
        own, hidden, hides = self.own[number], self.system.hidden, state.hides
        return (
            at
            for at in self.system.on[number]
            if at == target or not (at == own or at in hidden or at in hides)
        )

    def _moved(self, target: int, state: _State, number: int, way: int) -> _State:
        """The state after one step of a number: what stands by itself is hidden, the sums are missed or met."""
        net = dict(state.net)
        for at in self._holding(target, state, number):
            by = net.pop(at, 0) + way
            if by:
                net[at] = by
        own = self.own[number]
        hides = (
            state.hides if own is None or own == target or own in self.system.hidden else state.hides | {own}
        )
        return _State({**state.changes, number: state.changes.get(number, 0) + way}, hides, net)
