"""An attacker who can count: knows every published figure, the rolls and which schools there are, and can solve equations.

Whole numbers that nobody published are unknowns between two ends. What is published of some of them is the sum of these,
exact or between two ends (a share with one decimal, a count rounded to 5). `left` is how many values a sum can still
have: least and largest by integer programming (HiGHS, through scipy), and each value between them asked for by itself. It
shares no code with what it attacks.
"""

from collections.abc import Hashable, Iterable
from typing import NamedTuple

import numpy as np
from scipy import optimize, sparse

OPTIONS = {"mip_rel_gap": 0.0, "presolve": True}


class Contradiction(AssertionError):
    """What is published can't be true together."""


class Found(NamedTuple):
    """One hidden figure after the attack."""

    name: Hashable
    left: int
    """Values that it can still have; counted up to what was promised."""
    promised: int

    @property
    def is_pinned(self) -> bool:
        return self.left == 1 < self.promised

    @property
    def is_below(self) -> bool:
        return self.left < self.promised


class Attacker:
    """Gathers what is published, then asks."""

    def __init__(self) -> None:
        self.places: dict[Hashable, int] = {}
        self.low: list[int] = []
        self.high: list[int] = []
        self.told: dict[tuple[int, ...], tuple[float, float]] = {}
        self.solutions: list[np.ndarray] = []
        self._system: tuple[optimize.LinearConstraint, optimize.Bounds] | None = None

    def unknown(self, name: Hashable, low: int, high: int) -> None:
        """A number that nobody published, and what is known of it from elsewhere."""
        self.places[name] = len(self.low)
        self.low.append(low)
        self.high.append(high)

    def hears(self, names: Iterable[Hashable], low: float, high: float) -> None:
        """The sum of these lies from low to high."""
        key = tuple(sorted(self.places[name] + 1 for name in names))
        was = self.told.get(key, (-np.inf, np.inf))
        self.told[key] = (max(was[0], low), min(was[1], high))
        self._system, self.solutions = None, []
        if key and self.told[key][0] > self.told[key][1]:
            raise Contradiction(f"{names}: {was}, and now {low} to {high}")

    def possible(self, names: Iterable[Hashable]) -> int:
        """Values that the ends leave a sum, when each number is known of which it was said that all are in it."""
        known: set[int] = set()
        for key, (low, _high) in self.told.items():
            if low == sum(self.high[each - 1] for each in key):
                known.update(each - 1 for each in key)
        places = {self.places[name] for name in names}
        return 1 + sum(self.high[each] - self.low[each] for each in places - known)

    def left(self, names: Iterable[Hashable], enough: int) -> int:
        """How many values the sum of these can have; `enough` for that many or more.

        Every solution that was ever found is an answer to this question too; asked is only for what they do not show.
        """
        key = tuple(sorted(self.places[name] + 1 for name in names))
        row = self._row(key)
        if len(found := self._seen(row)) < enough:
            least, most = self._end(row, 1), self._end(row, -1)
            found = self._seen(row)
            for value in range(least + 1, most):
                if len(found) >= enough:
                    break
                if value not in found and self._solve(np.zeros(len(self.low)), row, value) is not None:
                    found.add(value)
        return min(len(found), enough)

    def _seen(self, row: "np.ndarray") -> set[int]:
        return {round(float(value)) for value in np.array(self.solutions) @ row} if self.solutions else set()

    def _row(self, key: tuple[int, ...]) -> "np.ndarray":
        row = np.zeros(len(self.low))
        row[[each - 1 for each in key]] = 1
        return row

    def _end(self, row: "np.ndarray", way: int) -> int:
        answer = self._solve(way * row)
        if answer is None:
            raise Contradiction("what is published can't be true together")
        return round(float(row @ answer))

    def _solve(self, costs: "np.ndarray", *exactly: "np.ndarray | int") -> "np.ndarray | None":
        """Whole numbers of least cost; with a row and a value, such that the sum of the row is that."""
        constraint, bounds = self._whole()
        more = [optimize.LinearConstraint(exactly[0][None, :], exactly[1], exactly[1])] if exactly else []
        answer = optimize.milp(
            costs,
            integrality=np.ones(len(costs)),
            bounds=bounds,
            constraints=[constraint, *more],
            options=OPTIONS,
        )
        if answer.x is None:
            return None
        self.solutions.append(np.round(answer.x))
        return self.solutions[-1]

    def _whole(self) -> tuple[optimize.LinearConstraint, optimize.Bounds]:
        if self._system is None:
            keys = [key for key in self.told if key] or [()]
            rows = [row for row, key in enumerate(keys) for _each in key]
            columns = [each - 1 for key in keys for each in key]
            matrix = sparse.csr_matrix(
                (np.ones(len(rows)), (rows, columns)), shape=(len(keys), len(self.low))
            )
            ends = np.array([self.told.get(key, (-np.inf, np.inf)) for key in keys])
            self._system = (
                optimize.LinearConstraint(matrix, ends[:, 0], ends[:, 1]),
                optimize.Bounds(np.array(self.low, dtype=float), np.array(self.high, dtype=float)),
            )
        return self._system


def of_share(text: str, whole: int) -> tuple[int, int]:
    """Counts whose share of a known whole is written like this: 64.1 of 780 → 500 only, 64.1 of 7,800 → 4,996 to 5,003."""
    share = round(float(text) * 10)
    low = -((-(2 * share - 1) * whole) // 2000)  # half up: share − 0.05 belongs to it, share + 0.05 does not
    high = ((2 * share + 1) * whole - 1) // 2000
    return max(0, low), min(whole, high)


def of_rounded(count: int) -> tuple[int, int]:
    """Counts that are written like this, rounded to 5."""
    return max(0, count - 2), count + 2
