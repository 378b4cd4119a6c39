"""What is hidden of the public's fixed tables: districts, and town and country, each by stage, with all their totals. Pure.

The sums of one district's schools of one stage and kind are not published themselves; which of them there are is, and so
is, by the monthly statements, whether anybody takes part there. What the city's own screens hide is not published either:
who may look at those knows these tables too.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from oversight.protection import areas, securing
from oversight.protection.areas import ALL, Area, Count

PUBLIC_K: Final = 10
"""Smallest count of children in public (architecture §7)."""
HidesSum = Callable[[Sequence[Area]], bool]
"""Whether the sum over these areas is hidden."""


def decide(counts: Iterable[Count], on_screens: HidesSum) -> HidesSum:
    """`counts` are of areas, by the area as name; `on_screens` tells what the city's screens hide."""
    seen = list(counts)
    sums = areas.Sums(seen, k=PUBLIC_K)
    for area, some in areas.by_area(seen).items():
        district, _stage, kind = area
        if ALL in (district, kind):
            names = [count.area for count in some]
            sums.add(names, is_hidden=on_screens(names), weight=areas.weight(area))
    hidden = securing.protect(sums.numbers, sums.all(), k=PUBLIC_K).sums
    return lambda names: frozenset(name for name in names if sums.counts[name].part) in hidden
