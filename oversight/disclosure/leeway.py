"""How many values a hidden count could have for a reader of the published table: the exact answer, by flows.

A table with its totals is a network: every line (a row, a column) is a node, every count an edge between its row and
its column, and a line's counts less its total make 0. Who reads the table knows the shown counts and that a hidden one
is at least 1, since 0 is shown. A hidden count can be one lower when other hidden counts of its row and its column can
make up for it, and so on along a path of hidden counts that leads from the row to the column. How many such steps
there are is the largest flow between the two; with whole numbers it is exact, and nothing between is left out.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterator
from typing import Final, NamedTuple

Line = Hashable
Place = tuple[int, int]
Step = tuple[Place, int]
"""A count, and +1 where it grows or −1 where it shrinks."""


class Count(NamedTuple):
    """A count, the two lines that it stands in, and +1, or −1 for the total of its lines."""

    number: int
    start: Line
    end: Line
    sign: int = 1
    most: int | None = None
    """What the reader knows it can't exceed, such as all pupils of whom these take part; None: nothing."""


ENDLESS: Final = 1 << 62


class Counts:
    """The hidden, or the shown, counts of one table, by place and by line; zeros are in neither."""

    def __init__(self) -> None:
        self.counts: dict[Place, Count] = {}
        self.on: defaultdict[Line, dict[Place, None]] = defaultdict(dict)

    def add(self, place: Place, count: Count) -> None:
        self.counts[place] = count
        for line in (count.start, count.end):
            self.on[line][place] = None

    def take(self, place: Place) -> Count:
        count = self.counts.pop(place)
        for line in (count.start, count.end):
            del self.on[line][place]
        return count

    def places(self) -> Iterator[Place]:
        """Each in turn, also those that are added meanwhile."""
        seen: set[Place] = set()
        while fresh := [place for place in self.counts if place not in seen]:
            seen.update(fresh)
            yield from fresh

    def values(self, place: Place, most: int) -> int:
        """How many values a hidden count may have, when these are all the hidden ones; `most` for that many or more.

        Worked: 1 and 2 hidden in a line whose total 3 is shown: 2 values, (1, 2) and (2, 1). With 50 hidden too: 51.
        """
        count = self.counts[place]
        one, other = (count.start, count.end) if count.sign > 0 else (count.end, count.start)
        lower = self._flow(place, one, other, min(most - 1, count.number - 1))
        room = ENDLESS if count.most is None else count.most - count.number
        higher = self._flow(place, other, one, min(most - 1 - lower, room))
        return 1 + lower + higher

    def _flow(self, without: Place, source: Line, sink: Line, most: int) -> int:
        """The largest flow from line to line over the other counts, at most `most`."""
        changed: defaultdict[Place, int] = defaultdict(int)
        found = 0
        while found < most and (path := self._path(without, changed, source, sink)):
            step = min([most - found, *(self._spare(place, changed, change) for place, change in path)])
            for place, change in path:
                changed[place] += change * step
            found += step
        return found

    def _path(self, without: Place, changed: dict[Place, int], source: Line, sink: Line) -> list[Step]:
        """A way from line to line on which every count may change; empty when there is none. Depth first: any will do."""
        way = 1
        if len(self.on[sink]) < len(
            self.on[source]
        ):  # search against the current, from the line with fewer ways
            source, sink, way = sink, source, -1
        path: list[Step] = []
        lines, ways, seen = [source], [iter(self.on[source])], {source}
        while ways:
            place = next(ways[-1], None)
            if place is None:
                ways.pop()
                lines.pop()
                path = path[:-1]
                continue
            there, change = self._along(place, lines[-1], way)
            if place == without or there in seen or not self._spare(place, changed, change):
                continue
            path.append((place, change))
            if there == sink:
                return path
            seen.add(there)
            lines.append(there)
            ways.append(iter(self.on[there]))
        return []

    def _along(self, place: Place, line: Line, way: int) -> tuple[Line, int]:
        """The count's other line, and how the count changes on the way there, or (−1) on the way from there."""
        count = self.counts[place]
        there, change = (count.end, count.sign) if line == count.start else (count.start, -count.sign)
        return there, change * way

    def _spare(self, place: Place, changed: dict[Place, int], change: int) -> int:
        """By how much the count can go this way: a hidden one is 1 at least, and `most` at most."""
        count, moved = self.counts[place], changed.get(place, 0)
        if change < 0:
            return count.number + moved - 1
        return ENDLESS if count.most is None else count.most - count.number - moved
