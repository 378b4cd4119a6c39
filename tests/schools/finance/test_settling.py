"""The settlement as a pure function: worked numbers, and Σ = pool to the fen for every input (S37)."""

from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.money import Fen
from schools.finance.settling import Family, pool_of, settle
from tenants.policies.documents import SettlementKey
from tests.properties.books_rules import evened

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


# --- several rounds (decision 21) --------------------------------------------------------------------------------


def later(families, pool, had, key=PAID):
    """A round after others, in which families have had these sums of what was shared; what they had is off paid and due."""
    now = {
        name: one._replace(
            net_paid=Fen(one.net_paid - had[name]), due=Fen(one.due - had[name]), had=Fen(had[name])
        )
        for name, one in families.items()
    }
    return {name: part.amount for name, part in settle(now, Fen(pool), key).items()}


def test_who_pays_late_gets_what_the_others_got_over_both_rounds():
    """Nine of ten pay 100.00 and have 44.44 of 400.00; the tenth pays 100.00 after it: 50.00 for each."""
    ten = {name: family(10000) for name in range(10)}
    first = amounts({**ten, 9: family(0, 10000)}, 40000)
    assert first == {0: 4445, 1: 4445, 2: 4445, 3: 4445, **dict.fromkeys(range(4, 9), 4444), 9: 0}
    second = later(ten, 10000, first)
    assert {name: first[name] + second[name] for name in ten} == dict.fromkeys(ten, 5000)


def test_nobody_is_asked_back_and_the_others_have_so_much_less_by_one_rate():
    """A had 60.00 of its 100.00; B and C pay 100.00 and 50.00 after it, of which 90.00 are left: 60.00 and 30.00."""
    paid = {"a": family(10000), "b": family(10000), "c": family(5000)}
    assert later(paid, 8000, {"a": 6000, "b": 0, "c": 0}) == {"a": 0, "b": 5333, "c": 2667}
    assert later(paid, 9000, {"a": 6000, "b": 0, "c": 0}) == {"a": 0, "b": 6000, "c": 3000}
    assert later(paid, 10000, {"a": 6000, "b": 0, "c": 0}) == {"a": 400, "b": 6400, "c": 3200}


def test_a_payment_that_was_undone_leaves_what_was_had_and_gets_nothing_more():
    paid = {"a": family(0, 10000), "b": family(10000)}
    assert later(paid, 1000, {"a": 2000, "b": 2000}) == {"a": 0, "b": 1000}


def test_who_never_came_is_shared_by_what_it_paid_over_all_rounds_too():
    """Fen by fen: 2 over 30.02 and 10.01 are 1 and 1, not both to who paid most."""
    never = {"a": Family(Fen(3002), Fen(3002)), "b": Family(Fen(1001), Fen(1001))}
    assert later(never, 1, {"a": 1, "b": 0}, MINUTES) == {"a": 0, "b": 1}
    assert later(never, 400, {"a": 0, "b": 100}, MINUTES) == {"a": 375, "b": 25}


@given(FAMILIES, st.integers(0, 1_000_000), st.integers(0, 1_000_000), st.sampled_from([PAID, MINUTES]))
def test_two_rounds_on_the_same_basis_are_one_of_their_sum(found, first_pool, second_pool, key):
    """To the fen, unless the last fen of the first round lifted somebody above its part of the sum: it keeps that fen.

    Each family keeps less than a fen so, and the others have together so much less: by the common rate, so that one with
    most of the weight may miss several.
    """
    families = {n: one._replace(due=max(one.due, one.net_paid)) for n, one in enumerate(found)}
    most = sum(one.net_paid for one in found)
    one, other = min(first_pool, most), min(second_pool, most - min(first_pool, most))
    had = {name: part.amount for name, part in settle(families, Fen(one), key).items()}
    more = later(families, other, had, key)
    at_once = {name: part.amount for name, part in settle(families, Fen(one + other), key).items()}
    both = {name: had[name] + more[name] for name in families}
    lifted = [
        name for name, fen in had.items() if fen and fen >= at_once[name] and fen < found[name].net_paid
    ]
    if not lifted:
        assert both == at_once
    assert sum(abs(both[name] - at_once[name]) for name in families) <= 2 * len(families)
    assert sum(both.values()) == sum(at_once.values())


@given(FAMILIES, st.data(), st.integers(0, 2_000_000), st.sampled_from([PAID, MINUTES]))
def test_whatever_was_had_before_the_sum_is_kept_and_nobody_pays_back(found, data, pool, key):
    """And nobody who got something has, for its weight, a fen more than somebody who could have got more."""
    families = {n: one._replace(had=Fen(data.draw(st.integers(0, 20000)))) for n, one in enumerate(found)}
    parts = settle(families, Fen(pool), key)
    assert sum(part.amount for part in parts.values()) == min(pool, sum(one.net_paid for one in found))
    assert all(0 <= part.amount <= families[name].net_paid for name, part in parts.items())
    if key == MINUTES:
        return
    fair = {
        name: (part.amount - min(part.own, part.amount), part, families[name]) for name, part in parts.items()
    }
    for got, part, one in fair.values():
        for more, other, another in fair.values():
            could = more < another.net_paid - other.own
            if got and could and other.weight:
                has, had = one.had + got, another.had + more
                assert (has - 1) * other.weight <= (had + 1) * part.weight


@given(FAMILIES, st.data(), st.integers(0, 2_000_000))
def test_the_rate_is_the_one_that_fractions_find(found, data, pool):
    """By other means (books_rules.evened)."""
    families = {
        n: one._replace(due=max(one.due, one.net_paid), had=Fen(data.draw(st.integers(0, 20000))))
        for n, one in enumerate(found)
    }
    pool = min(pool, sum(one.net_paid for one in found))
    had = {name: one.had for name, one in families.items()}
    most = {name: one.net_paid + one.had for name, one in families.items()}
    expected = evened(pool + sum(had.values()), most, had, most)
    parts = settle(families, Fen(pool), PAID)
    assert {name: part.amount for name, part in parts.items()} == {
        name: expected[name] - had[name] for name in had
    }
