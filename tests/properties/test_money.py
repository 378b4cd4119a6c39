"""Money for every input: sharing is exact, capped, fair and does not depend on order; reading undoes showing."""

from fractions import Fraction
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.money import Claim, Fen, divide_half_up, format_fen, round_half_up, share, yuan

CLAIMS = st.dictionaries(
    st.integers(0, 10**6),
    st.builds(Claim, weight=st.integers(0, 10**6), cap=st.integers(0, 10**6), floor=st.just(0)),
    max_size=25,
)
SMALL = st.dictionaries(
    st.integers(0, 99),
    st.builds(Claim, weight=st.integers(0, 4), cap=st.integers(0, 9), floor=st.just(0)),
    max_size=8,
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


@given(CASES)
def test_whole_numbers_share_as_fractions_do(case):
    """The order in which caps are reached is compared crosswise; the form with fractions gives the same to the fen."""
    pool, claims = case
    assert share(Fen(pool), claims) == _shared_by_fractions(pool, claims)


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


@given(st.integers(-(10**15), 10**15), st.integers(1, 10**9))
def test_a_quotient_is_rounded_as_the_fraction_is(fen, by):
    assert divide_half_up(fen, by) == round_half_up(Fraction(fen, by))


def _shared_by_fractions(pool, claims):
    """As it was written first: capped parties by cap ÷ weight, then the largest remainders of exact shares."""
    shares = dict.fromkeys(claims, 0)
    open_keys = sorted(
        (key for key in claims if claims[key].weight),
        key=lambda key: Fraction(claims[key].cap, claims[key].weight),
    )
    left = Fraction(pool)
    while open_keys:
        first, whole = open_keys[0], sum(claims[key].weight for key in open_keys)
        if claims[first].cap > left * claims[first].weight / whole:
            break
        shares[first] = claims[first].cap
        left -= claims[first].cap
        open_keys = open_keys[1:]
    whole = sum(claims[key].weight for key in open_keys)
    exact = {key: left * claims[key].weight / whole for key in open_keys}
    missing = int(left) - sum(int(fen) for fen in exact.values()) if exact else 0
    last = sorted(exact, key=lambda key: (int(exact[key]) - exact[key], key))[:missing]
    return shares | {key: int(fen) + (key in last) for key, fen in exact.items()}


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
