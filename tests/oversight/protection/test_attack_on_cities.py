"""Nobody who can count works out a hidden figure of a small city, whatever is published of it.

`AFTERBELL_ATTACK_CITIES=600 nice python -m pytest -q tests/oversight/protection/test_attack_on_cities.py` is the whole of
it; a run of the suite takes a few of the same cities.
"""

import os

import pytest

from oversight.disclosure import participation
from oversight.protection import terms
from tests.oversight.protection import attack, cities, published

COUNT = int(os.environ.get("AFTERBELL_ATTACK_CITIES", "12"))


def public_tables(number):
    schools = cities.sparse(number)
    areas = published.areas(schools)
    attacker = attack.Attacker()
    hidden = published.public(attacker, areas, participation.grids(areas, terms.decide(cities.frame(schools), cities.grades(schools)).decision))
    return attacker, hidden


def screens(number):
    attacker = attack.Attacker()
    hidden = published.city(attacker, cities.sparse(number))
    return attacker, hidden


@pytest.mark.parametrize("publish", [public_tables, screens])
def test_each_hidden_figure_keeps_the_values_that_were_promised(publish):
    found = []
    for number in range(COUNT):
        attacker, hidden = publish(number)
        for what, names, k in hidden:
            promised = min(max(2, k - 1), attacker.possible(names))
            found.append(attack.Found((number, what), attacker.left(names, promised), promised))
    pinned, below = [one for one in found if one.is_pinned], [one for one in found if one.is_below]
    print(f"{publish.__name__}: {COUNT} cities, {len(found)} hidden, {len(below)} below, {len(pinned)} pinned")
    assert not below, f"{len(found)} hidden, {len(below)} below, {len(pinned)} pinned: {below[:5]}"
