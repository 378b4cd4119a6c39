"""No hidden count can be worked out from a published table, and the attack that shows it can succeed."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oversight.disclosure import leeway, suppression
from tests.oversight.disclosure import small_attack as attack

QUICK = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
COUNT = st.one_of(st.integers(0, 6), st.integers(0, 14), st.none())
K = st.integers(2, 6)
LIST = st.lists(COUNT, min_size=1, max_size=6)


def tables(count=COUNT, most=3):
    return st.integers(1, most).flatmap(
        lambda width: st.lists(st.lists(count, min_size=width, max_size=width), min_size=1, max_size=most)
    )


def enough(k):
    """As many as "from 1 to k − 1" leaves, and two at least."""
    return max(2, k - 1)


@QUICK
@given(counts=tables(), k=K)
def test_no_hidden_count_of_a_table_can_be_worked_out(counts, k):
    left = attack.on_table(suppression.protect(counts, k=k), stop_at=enough(k))
    assert {len(values) for values in left.values()} <= {enough(k)}


@QUICK
@given(counts=LIST, k=K)
def test_no_hidden_count_of_a_list_can_be_worked_out(counts, k):
    left = attack.on_list(suppression.protect_list(counts, k=k), stop_at=enough(k))
    assert {len(values) for values in left.values()} <= {enough(k)}


# --- the attack can succeed


def test_hiding_small_counts_alone_is_broken():
    """3 in a table whose totals are shown."""
    assert attack.on_table([["c", 40, 43], [20, 30, 50], [23, 70, 93]], stop_at=5) == {(0, 0): [3]}
    assert attack.on_list(["c", 40, 43], stop_at=5) == {(0, 0): [3]}


def test_two_ones_in_a_line_are_broken():
    """Nothing hidden is 0: what is left of the total is 1 + 1."""
    assert attack.on_list(["c", "c", 50, 52], stop_at=5) == {(0, 0): [1], (0, 1): [1]}
    assert suppression.protect_list([1, 1, 50], k=5) == ["c", "c", "c", 52]


BRIDGE = [[2, 3, 30, 30], [4, 1, 2, 30], [30, 30, 3, 2], [30, 30, 1, 4]]
"""Two squares of small counts and one, in the second row, that joins them: no small count is alone in a line."""


def test_a_count_that_joins_two_squares_is_broken_though_it_is_nowhere_alone():
    def shown(number, row, column):
        return "c" if number < 5 else number

    naive = [
        [shown(number, row, column) for column, number in enumerate(line)] for row, line in enumerate(BRIDGE)
    ]
    naive = [[*line, sum(BRIDGE[row])] for row, line in enumerate(naive)]
    naive.append([*map(sum, zip(*BRIDGE, strict=True)), sum(map(sum, BRIDGE))])
    assert all(line.count("c") != 1 for line in [*naive, *map(list, zip(*naive, strict=True))])
    assert attack.on_table(naive, stop_at=5)[1, 2] == [2]
    safe = suppression.protect(BRIDGE, k=5)
    assert {len(values) for values in attack.on_table(safe, stop_at=4).values()} == {4}


def test_a_published_table_that_contradicts_itself_is_seen():
    with pytest.raises(AssertionError, match="contradicts"):
        attack.on_list(["c", "c", 1], stop_at=2)


# --- the measure by which counts are hidden is the attacker's own


@QUICK
@given(data=st.data(), counts=tables(st.integers(1, 5)))
def test_leeway_is_exactly_what_an_attacker_is_left_with(data, counts):
    """For whatever is hidden, totals too."""
    whole = [[*line, sum(line)] for line in counts]
    whole.append([sum(column) for column in zip(*whole, strict=True)])
    places = [(row, column) for row, line in enumerate(whole) for column in range(len(line))]
    chosen = data.draw(st.sets(st.sampled_from(places), min_size=1))
    hidden = leeway.Counts()
    for row, column in sorted(chosen):
        sign = -1 if (row == len(whole) - 1) != (column == len(whole[0]) - 1) else 1
        hidden.add((row, column), leeway.Count(whole[row][column], ("row", row), ("column", column), sign))
    published = [
        ["c" if (row, column) in chosen else n for column, n in enumerate(line)]
        for row, line in enumerate(whole)
    ]
    left = attack.on_table(published, stop_at=7)
    assert {place: hidden.values(place, 7) for place in chosen} == {
        place: len(v) for place, v in left.items()
    }
