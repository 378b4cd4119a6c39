"""Wilson's interval and the results by worked numbers and by properties."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from schools.voice.scoring import THRESHOLD, results, wilson

SHARES = some.integers(1, 5000).flatmap(lambda of: some.tuples(some.integers(0, of), some.just(of)))


@pytest.mark.parametrize(
    ("part", "of", "low", "high"),
    [
        (8, 10, 0.4902, 0.9433),
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (4, 5, 0.3755, 0.9638),
        (81, 263, 0.2553, 0.3662),  # Newcombe 1998, table I
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilsons_interval_in_worked_numbers(part, of, low, high):
    found = wilson(part, of)
    assert (round(found.low, 4), round(found.high, 4)) == (low, high)


@given(SHARES)
def test_the_interval_holds_the_share_and_stays_within_one(share):
    part, of = share
    found = wilson(part, of)
    assert 0 <= found.low <= part / of <= found.high <= 1


@given(SHARES)
def test_the_interval_of_the_others_is_its_mirror(share):
    part, of = share
    found, mirror = wilson(part, of), wilson(of - part, of)
    assert found.low == pytest.approx(1 - mirror.high)
    assert found.high == pytest.approx(1 - mirror.low)


@given(SHARES)
def test_more_answers_of_the_same_kind_make_it_narrower(share):
    part, of = share
    small, large = wilson(part, of), wilson(part * 4, of * 4)
    assert large.high - large.low < small.high - small.low


@pytest.mark.parametrize(("part", "of"), [(1, 0), (-1, 5), (6, 5)])
def test_what_is_no_share_is_an_error(part, of):
    with pytest.raises(ValueError, match="no share"):
        wilson(part, of)


def test_results_in_worked_numbers():
    """S42: n, response rate, mean, share of 4 and 5, interval."""
    found = results(10, [5, 5, 4, 4, 2])
    assert (found.n, found.response_rate) == (5, 0.5)
    assert (found.score.mean, found.score.high, found.score.share) == (4.0, 4, 0.8)


@given(some.integers(0, 40), some.lists(some.integers(1, 5), max_size=THRESHOLD - 1))
def test_under_the_threshold_no_score_is_known(invited, scores):
    found = results(invited + len(scores), scores)
    assert found.score is None
    assert found.n == len(scores)


def test_nobody_asked_has_no_rate():
    assert results(0, []).response_rate is None
