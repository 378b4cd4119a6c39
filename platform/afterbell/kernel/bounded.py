"""Long lists of faults for people: the first ones, and how many more there are."""

from collections.abc import Iterable, Iterator
from itertools import islice

MOST = 20


def bounded(found: Iterable[str], most: int = MOST) -> Iterator[str]:
    """The first ones of a kind, and a last line that counts the rest."""
    walk = iter(found)
    last = ""
    for last in islice(walk, most):
        yield last
    rest = sum(1 for _one in walk)
    if rest:
        yield f"{last.partition(',')[0]}, and {rest} more of this kind"
