"""The attack on many cities, with its figures: `nice .venv/bin/python -m tests.oversight.protection 600`.

Cities are made from their numbers, so that what was found can be looked at again: public_tables(7), screens(7).
"""

import sys
from collections.abc import Callable, Iterable, Iterator

from oversight.disclosure import participation
from oversight.protection import terms
from tests.oversight.protection import attack, cities, published

Publish = Callable[[int], tuple[attack.Attacker, list[published.Hidden]]]


def public_tables(number: int) -> tuple[attack.Attacker, list[published.Hidden]]:
    schools = cities.sparse(number)
    areas = published.areas(schools)
    attacker = attack.Attacker()
    decided = terms.decide(cities.frame(schools), cities.grades(schools))
    hidden = published.public(attacker, areas, participation.grids(areas, decided.decision))
    return attacker, hidden


def screens(number: int) -> tuple[attack.Attacker, list[published.Hidden]]:
    attacker = attack.Attacker()
    hidden = published.city(attacker, cities.sparse(number))
    return attacker, hidden


def attacked(publish: Publish, numbers: Iterable[int]) -> Iterator[attack.Found]:
    """Each hidden figure with the values that it still can have."""
    for number in numbers:
        attacker, hidden = publish(number)
        for what, names, k in hidden:
            promised = min(max(2, k - 1), attacker.possible(names))
            yield attack.Found((number, what), attacker.left(names, promised), promised)


def main(count: int) -> None:
    for publish in (public_tables, screens):
        found = list(attacked(publish, range(count)))
        below, pinned = [one for one in found if one.is_below], [one for one in found if one.is_pinned]
        told = f"{publish.__name__}: {count} cities, {len(found)} hidden, {len(below)} below, {len(pinned)} pinned\n"
        sys.stdout.write(told + "".join(f"  {one}\n" for one in below[:20]))
