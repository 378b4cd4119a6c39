"""Suppression in worked tables: what is hidden, what is shown, how it is rounded, which shares may be said."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterbell.pages import values
from oversight.disclosure import suppression
from oversight.disclosure.suppression import protect, protect_list, public_counts, public_list, share

COUNTS = st.integers(1, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.one_of(st.none(), st.integers(0, 80)), min_size=width, max_size=width), max_size=5
    )
)


@pytest.mark.parametrize(
    ("counts", "published"),
    [
        ([[20, 40], [30, 50]], [[20, 40, 60], [30, 50, 80], [50, 90, 140]]),
        ([[3, 40], [20, 30]], [["c", "c", 43], ["c", "c", 50], [23, 70, 93]]),
        ([[3, 40, 9], [20, 30, 50]], [["c", 40, "c", 52], ["c", 30, "c", 100], [23, 70, 59, 152]]),
        ([[0, 40], [20, 30]], [[0, 40, 40], [20, 30, 50], [20, 70, 90]]),
        ([[3, 0], [20, 30]], [["c", 0, "c"], ["c", 30, "c"], [23, 30, 53]]),
        ([[None, 2], [None, 9]], [["x", "c", "c"], ["x", "c", "c"], ["x", 11, 11]]),
        ([[2]], [["c", "c"], ["c", "c"]]),
        ([], []),
    ],
    ids=[
        "large counts are shown",
        "a small count takes its row and its column along",
        "the next smallest of the line go with it",
        "zero is shown as zero",
        "beside a zero the total goes with it",
        "no answer is x and no part of a total",
        "one small count hides everything",
        "nothing stays nothing",
    ],
)
def test_a_table(counts, published):
    assert protect(counts, k=5) == published


@pytest.mark.parametrize(
    ("counts", "published"),
    [
        ([6, 12, 40], [6, 12, 40, 58]),
        ([3, 12, 40], ["c", "c", 40, 55]),
        ([2, 3, 40], ["c", "c", 40, 45]),
        ([1, 2, 50], ["c", "c", "c", 53]),
        ([1, 1], ["c", "c", "c"]),
        ([4], ["c", "c"]),
        ([4, 0, 0], ["c", 0, 0, "c"]),
        ([4, None, 30], ["c", "x", "c", 34]),
        ([None, None], ["x", "x", "x"]),
        ([0, 0], [0, 0, 0]),
        ([5, 5], [5, 5, 10]),
        ([], ["x"]),
    ],
)
def test_a_list(counts, published):
    assert protect_list(counts, k=5) == published


@given(counts=COUNTS, k=st.integers(2, 12))
def test_no_small_count_is_shown_and_what_is_shown_is_true(counts, k):
    totals = [*([*line, _sum(line)] for line in counts)]
    totals = [*totals, [_sum(column) for column in zip(*totals, strict=True)]] if totals else []
    for true_line, line in zip(totals, protect(counts, k=k), strict=True):
        for number, cell in zip(true_line, line, strict=True):
            assert cell in ({"x"} if number is None else {0} if number == 0 else {number, "c"})
            assert not (number and number < k and cell != "c")


@given(counts=COUNTS)
def test_nothing_is_hidden_where_nothing_is_small(counts):
    large = [[None if number is None else number and number + 10 for number in line] for line in counts]
    assert not any("c" in line for line in protect(large, k=10))


def _sum(numbers):
    known = [number for number in numbers if number is not None]
    return sum(known) if known else None


@pytest.mark.parametrize(
    "counts", [[[1, 2], [3]], [[-1]], [[5, None], [5, -3]]], ids=["ragged", "below zero", "below zero, later"]
)
def test_a_table_that_is_none_is_a_mistake(counts):
    with pytest.raises(ValueError):
        protect(counts, k=5)


@pytest.mark.parametrize("k", [1, 0, -5])
def test_a_threshold_that_hides_nothing_is_a_mistake(k):
    with pytest.raises(ValueError, match="k is 2"):
        protect([[3]], k=k)


def test_a_city_of_schools_is_protected_at_once():
    """1,233 rows by six: what the largest city would publish."""
    counts = [[(row * 37 + column * 101) % 61 for column in range(6)] for row in range(1233)]
    published = protect(counts, k=10)
    assert not any(isinstance(cell, int) and 0 < cell < 10 for line in published for cell in line)


# --- rounded


def test_the_public_gets_counts_rounded_to_5_from_unrounded_totals():
    """12 + 12 + 12 = 36 → 10, 10, 10 and 35."""
    assert public_list([12, 12, 12]) == [10, 10, 10, 35]
    assert public_counts([[12, 13], [12, 13]]) == [[10, 15, 25], [10, 15, 25], [25, 25, 50]]


def test_the_public_s_threshold_is_10():
    assert public_list([9, 30, 40]) == ["c", "c", 40, 80]
    assert public_list([None, 0, 10]) == ["x", 0, 10, 10]


@given(st.integers(0, 10_000))
def test_rounding_moves_a_count_by_two_at_most(number):
    assert suppression.rounded(number) % 5 == 0
    assert abs(suppression.rounded(number) - number) <= 2


@pytest.mark.parametrize("publish", [public_list, public_counts])
def test_rounding_never_shows_somebody_as_nobody(publish):
    with pytest.raises(ValueError, match="rounding to 5"):
        publish([], k=4)


# --- shares


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (413, 480, Decimal("86.0")),
        (1233, 2000, Decimal("61.7")),
        (5, 20, Decimal("25.0")),
        (0, 20, Decimal("0.0")),
        (20, 20, Decimal("100.0")),
        (10, 19, "c"),
        (4, 40, "c"),
        (35, 40, Decimal("87.5")),
        (36, 40, "c"),
        (0, 0, "–"),
        (None, 40, "x"),
        (30, None, "x"),
        ("x", 40, "x"),
        ("c", 40, "c"),
        (30, "c", "c"),
        ("c", "x", "x"),
    ],
)
def test_a_share(part, whole, said):
    """k = 5: from 20 on, and neither the part nor the rest is small."""
    assert share(part, whole, k=5) == said


@pytest.mark.parametrize(("part", "whole"), [(41, 40), (-1, 40)])
def test_a_part_that_is_none_is_a_mistake(part, whole):
    with pytest.raises(ValueError, match="no part"):
        share(part, whole, k=5)


def test_symbols_are_those_that_the_pages_explain():
    assert (suppression.HIDDEN, suppression.NOT_AVAILABLE, suppression.NOT_APPLICABLE) == (
        values.HIDDEN,
        values.NOT_AVAILABLE,
        values.NOT_APPLICABLE,
    )
