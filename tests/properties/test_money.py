"""Money for every input: sharing is exact, capped, fair and does not depend on order; reading undoes showing."""

from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.money import Claim, Fen, format_fen, round_half_up, share, yuan

CLAIMS = st.dictionaries(
    st.integers(0, 10**6),
    st.builds(Claim, weight=st.integers(0, 10**6), cap=st.integers(0, 10**6)),
    max_size=25,
)
SMALL = st.dictionaries(
    st.integers(0, 99), st.builds(Claim, weight=st.integers(0, 4), cap=st.integers(0, 9)), max_size=8
)
POOLS = st.integers(0, 10**7)
CASES = st.one_of(st.tuples(POOLS, CLAIMS), st.tuples(st.integers(0, 40), SMALL))


def reachable(claims):
    return sum(claim.cap for claim in claims.values() if claim.weight)


@given(CASES)
def test_the_sum_is_the_pool_or_all_caps(case):
    pool, claims = case
    assert sum(share(Fen(pool), claims).values()) == min(pool, reachable(claims))


@given(CASES)
def test_nobody_gets_more_than_the_cap_or_less_than_nothing(case):
    pool, claims = case
    shares = share(Fen(pool), claims)
    assert set(shares) == set(claims)
    assert all(0 <= shares[key] <= claims[key].cap for key in claims)
    assert all(shares[key] == 0 for key in claims if claims[key].weight == 0)


@given(CASES, st.randoms(use_true_random=False))
def test_the_order_in_which_parties_stand_changes_nothing(case, random: Random):
    pool, claims = case
    keys = list(claims)
    random.shuffle(keys)
    assert share(Fen(pool), {key: claims[key] for key in keys}) == share(Fen(pool), claims)


@given(CASES)
def test_who_weighs_more_and_may_have_as_much_gets_no_less(case):
    pool, claims = case
    shares = share(Fen(pool), claims)
    for one in claims:
        for other in claims:
            if claims[one].weight > claims[other].weight and claims[one].cap >= claims[other].cap:
                assert shares[one] >= shares[other]


@given(CASES)
def test_equals_differ_by_one_fen_at_most_and_then_the_smaller_id_has_it(case):
    pool, claims = case
    shares = share(Fen(pool), claims)
    for one in claims:
        for other in claims:
            if one < other and claims[one] == claims[other]:
                assert 0 <= shares[one] - shares[other] <= 1


@given(CASES)
def test_every_share_is_within_one_fen_of_one_common_level(case):
    """The definition: some level λ with |share − min(λ·weight, cap)| < 1 for all."""
    pool, claims = case
    shares = share(Fen(pool), claims)
    if pool >= reachable(claims):
        assert all(shares[key] == claims[key].cap for key in claims if claims[key].weight)
        return
    level = _level(pool, claims)
    for key, claim in claims.items():
        assert abs(shares[key] - min(level * claim.weight, Fraction(claim.cap))) < 1


@given(CASES, st.integers(0, 10**5))
def test_a_larger_pool_costs_nobody_more_than_the_last_fen(case, more):
    """Largest remainder may move one fen between two parties (docstring of share), never more."""
    pool, claims = case
    before, after = share(Fen(pool), claims), share(Fen(pool + more), claims)
    assert all(after[key] >= before[key] - 1 for key in claims)


@given(st.integers(-(10**15), 10**15))
def test_what_is_shown_can_be_read_again(fen):
    shown = format_fen(Fen(fen))
    assert yuan(shown, below_zero=True) == fen


@given(st.fractions(max_denominator=10**6))
def test_rounding_moves_by_half_a_fen_at_most_and_is_the_same_for_a_reversal(exact):
    assert abs(round_half_up(exact) - exact) <= Fraction(1, 2)
    assert round_half_up(-exact) == -round_half_up(exact)


def _level(pool, claims):
    """The level by trying every set of capped parties from below: slow, independent of the code under test."""
    open_keys = {key for key in claims if claims[key].weight}
    left = Fraction(pool)
    while True:
        level = left / sum(claims[key].weight for key in open_keys)
        over = {key for key in open_keys if level * claims[key].weight > claims[key].cap}
        if not over:
            return level
        left -= sum(claims[key].cap for key in over)
        open_keys -= over
