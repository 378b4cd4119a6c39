"""The sums that pages of a city can show of its schools: by district, stage and kind, each or all of them. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import product
from typing import Final, NamedTuple

from oversight.protection.system import Number, Sum

ALL: Final = ""
WEIGHTS: Final = (1, 2, 4, 16)
"""By how many of the three are not chosen: the whole city's figure is in every sentence, one area's on few pages."""
Area = tuple[str, str, str]
"""District, stage and kind; ALL for each that is not chosen."""


class Count(NamedTuple):
    """Children of one school who take part, of all of whom they could be: both known to whoever sees the school."""

    name: Hashable
    area: Area
    part: int
    of: int
    least: int = 1
    most: int | None = None
    """Ends that its classes give (decisions.CLASSES); None where no class is known."""

    @property
    def number(self) -> Number:
        """What everybody knows of it: where somebody takes part, and that there are not more than pupils."""
        most = self.of if self.most is None else min(self.of, self.most)
        return Number(self.part, min(self.part, max(1, self.least)), max(self.part, most))


def weight(area: Area) -> int:
    """How much a pupil counts when one of two sums must be hidden: what more people look at stays."""
    return WEIGHTS[area.count(ALL)]


def wider(area: Area) -> Iterator[Area]:
    """The area itself and the seven choices of filters that it is a part of."""
    district, stage, kind = area
    return product((district, ALL), (stage, ALL), (kind, ALL))


def is_small(part: int, of: int, k: int) -> bool:
    """Few take part, or few do not; nobody and everybody are no secret."""
    return 0 < part < k or 0 < of - part < k


class Sums:
    """Gathers sums; those of the same numbers are one, however it is called. A number of 0 is known, and in none."""

    def __init__(self, counts: Iterable[Count], *, k: int, with_rest: bool = True) -> None:
        """`with_rest`: few who do not take part are a secret as well."""
        self.counts = {count.name: count for count in counts}
        self.k, self.with_rest = k, with_rest
        self._found: dict[frozenset[Hashable], tuple[int, bool]] = {}

    @property
    def numbers(self) -> dict[Hashable, Number]:
        return {name: count.number for name, count in self.counts.items() if count.part}

    def add(self, names: Iterable[Hashable], *, is_hidden: bool = False, weight: int = 1) -> None:
        """A sum that is shown somewhere; `is_hidden` where another rule hides it."""
        counts = [self.counts[name] for name in names]
        members = frozenset(count.name for count in counts if count.part)
        if not members:
            return
        of = sum(count.of for count in counts)
        small = is_hidden or self._is_small(counts, of)
        was, was_small = self._found.get(members, (0, False))
        self._found[members] = max(was, of * weight), was_small or small

    def _is_small(self, counts: Sequence[Count], of: int) -> bool:
        """Of all, or of the classes in which anybody takes part: of the others it is shown that nobody does."""
        part = sum(count.part for count in counts)
        if not self.with_rest:
            return 0 < part < self.k
        some = [count.of if count.most is None else count.most for count in counts if count.part]
        return is_small(part, of, self.k) or is_small(part, sum(some), self.k)

    def all(self) -> list[Sum]:
        return [Sum(members, cost, small) for members, (cost, small) in self._found.items()]


def by_area(counts: Iterable[Count]) -> Mapping[Area, list[Count]]:
    """All that stands in each area and in each wider one."""
    found: defaultdict[Area, list[Count]] = defaultdict(list)
    for count in counts:
        for area in wider(count.area):
            found[area].append(count)
    return found
