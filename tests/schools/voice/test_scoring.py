"""The results by worked numbers and by properties."""

from hypothesis import given
from hypothesis import strategies as some

from schools.voice.scoring import THRESHOLD, results


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
