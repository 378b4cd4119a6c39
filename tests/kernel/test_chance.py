"""Wilson's interval in published numbers and by properties; the school's pages and the city's have one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.chance import wilson


@pytest.mark.parametrize(
    ("part", "n", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I, method 3
        (15, 148, 0.0624, 0.1605),  # the same
        (0, 20, 0.0, 0.1611),  # the same
        (1, 29, 0.0061, 0.1718),  # the same
    ],
)
def test_the_wilson_interval_gives_the_published_numbers(part, n, low, high):
    """calculations.md, "Satisfaction" (S42)."""
    found = wilson(part, n)
    assert found.low == pytest.approx(low, abs=6e-5)
    assert found.high == pytest.approx(high, abs=6e-5)


def test_a_share_of_nobody_has_no_interval():
    assert wilson(0, 0) is None
    assert wilson(float("nan"), float("nan")) is None
    assert wilson(3, 2) is None


@given(st.integers(1, 10**6), st.data())
def test_an_interval_holds_its_share_and_lies_between_nothing_and_all(n, data):
    part = data.draw(st.integers(0, n))
    found = wilson(part, n)
    assert 0 <= found.low <= part / n <= found.high <= 1
    assert found.high > found.low
    mirrored = wilson(n - part, n)
    assert found.low == pytest.approx(1 - mirrored.high)


@given(st.integers(1, 400), st.data())
def test_more_answers_make_a_narrower_interval(n, data):
    part = data.draw(st.integers(0, n))
    small, large = wilson(part, n), wilson(part * 4, n * 4)
    assert large.high - large.low < small.high - small.low
