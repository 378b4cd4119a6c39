"""How counts of children are written: rounded for the public, and which shares may be said."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterbell.pages import values
from oversight.disclosure import suppression
from oversight.disclosure.suppression import share


@given(st.integers(0, 10_000))
def test_rounding_moves_a_count_by_two_at_most(number):
    assert suppression.rounded(number) % 5 == 0
    assert abs(suppression.rounded(number) - number) <= 2


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
