"""The settlement as a pure function: worked numbers, and Σ = pool to the fen for every input (S37)."""

from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.money import Fen
from schools.finance.settling import Family, pool_of, settle
from tenants.policies.documents import SettlementKey

PAID, MINUTES = SettlementKey.PAID, SettlementKey.ATTENDED_MINUTES


def family(paid, due=None, **more):
    return Family(net_paid=Fen(paid), due=Fen(paid if due is None else due), **more)


def amounts(families, pool, key=PAID):
    return {name: part.amount for name, part in settle(families, Fen(pool), key).items()}


def test_by_what_each_paid_and_nothing_for_who_paid_nothing():
    """100.00 over 300.00, 100.00 and a waived family: 75.00, 25.00, 0."""
    found = amounts(
        {"a": family(30000), "b": family(10000), "c": family(0, gross=Fen(9), waived=Fen(9))}, 10000
    )
    assert found == {"a": 7500, "b": 2500, "c": 0}


def test_own_money_comes_first():
    """40.00 of A's money was for hours that were not held: 40.00, then 60.00 by 260 : 100."""
    assert amounts({"a": family(30000, 26000), "b": family(10000)}, 10000) == {"a": 8333, "b": 1667}


def test_three_equal_families_share_one_hundred_fen_by_id():
    assert amounts({"a": family(50), "b": family(50), "c": family(50)}, 100) == {"a": 34, "b": 33, "c": 33}


def test_by_attended_minutes_with_a_cap():
    """10.00 over 300 and 100 minutes, but A paid 5.00 only: 5.00 and 5.00."""
    families = {"a": family(500, minutes=300), "b": family(10000, minutes=100)}
    assert amounts(families, 1000, MINUTES) == {"a": 500, "b": 500}


def test_by_minutes_a_waived_family_takes_part_with_what_it_paid_itself():
    """Half waived: half of its minutes. 10.00 over 100 and 50."""
    families = {
        "a": family(10000, minutes=100, gross=Fen(10000)),
        "b": family(5000, minutes=100, gross=Fen(10000), waived=Fen(5000)),
    }
    assert amounts(families, 1500, MINUTES) == {"a": 1000, "b": 500}


def test_a_family_that_paid_and_never_came_gets_what_nobody_else_may_have():
    families = {"a": family(100, minutes=50), "b": family(900, minutes=0)}
    assert amounts(families, 1000, MINUTES) == {"a": 100, "b": 900}


def test_a_negative_pool_returns_nothing():
    assert pool_of(received=Fen(100), spent=Fen(150), refunded=Fen(0)) == -50
    assert amounts({"a": family(100, 50)}, -50) == {"a": 0}


def test_a_pool_too_small_for_everybodys_own_money_is_shared_by_it():
    assert amounts({"a": family(3000, 0), "b": family(1000, 0)}, 1000) == {"a": 750, "b": 250}


FAMILIES = st.lists(
    st.builds(
        lambda paid, due, minutes, gross, waived: Family(
            Fen(paid), Fen(due), minutes, Fen(gross), Fen(min(waived, gross))
        ),
        st.integers(0, 50000),
        st.integers(0, 50000),
        st.integers(0, 9000),
        st.integers(0, 50000),
        st.integers(0, 50000),
    ),
    min_size=1,
    max_size=30,
)


@given(FAMILIES, st.integers(0, 2_000_000), st.sampled_from([PAID, MINUTES]))
def test_the_shares_sum_to_the_pool_to_the_fen_and_nobody_gets_more_than_it_paid(found, pool, key):
    families = dict(enumerate(found))
    parts = settle(families, Fen(pool), key)
    most = sum(one.net_paid for one in found)
    assert sum(part.amount for part in parts.values()) == min(pool, most)
    for name, part in parts.items():
        assert 0 <= part.amount <= families[name].net_paid
        assert 0 <= part.own <= families[name].net_paid


@given(FAMILIES, st.integers(0, 2_000_000), st.randoms())
def test_the_order_of_the_families_does_not_matter(found, pool, chance):
    families = dict(enumerate(found))
    mixed = list(families.items())
    chance.shuffle(mixed)
    assert settle(families, Fen(pool), PAID) == settle(dict(mixed), Fen(pool), PAID)
