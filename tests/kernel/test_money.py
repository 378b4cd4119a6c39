"""Money: what is read, what is shown, how it is rounded and shared, in worked numbers."""

from decimal import Decimal
from fractions import Fraction

import pytest

from afterbell.kernel import money
from afterbell.kernel.money import Claim, Fen, format_fen, round_half_up, share, yuan


@pytest.mark.parametrize(
    ("text", "fen"),
    [
        ("100.00", 10000),
        ("100", 10000),
        ("0.5", 50),
        ("0", 0),
        ("-0", 0),
        (" 3.36 ", 336),
        ("1,234.50", 123450),
        ("¥12.00", 1200),
        ("￥１２．５０", 1250),
        ("10000000000000", 10**15),
        ("¥10,000,000,000,000.00", 10**15),
        ("0000000000000000012", 1200),
    ],
)
def test_an_amount_is_read_exactly(text, fen):
    assert yuan(text) == fen


@pytest.mark.parametrize("text", ["0.001", "3.360", "12.345"])
def test_a_third_decimal_is_refused(text):
    with pytest.raises(money.FinerThanFen, match="小数超过两位"):
        yuan(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "abc",
        "1e3",
        "1E+10",
        "1.",
        ".5",
        "1.2.3",
        "12,34",
        "1 000",
        "NaN",
        "∞",
        "+5",
        "10²",
        "½",
        "٣",
        "100元",
        "0x10",
        "5\n6",
    ],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(money.NotMoney, match="不是金额"):
        yuan(text)


def test_an_amount_below_zero_is_read_only_where_it_is_meant():
    with pytest.raises(money.NegativeMoney, match="小于零"):
        yuan("-5.00")
    assert yuan("-5.00", below_zero=True) == -500


@pytest.mark.parametrize("text", ["10000000000000.01", "9" * 40, "9" * 5000])
def test_an_absurd_amount_is_refused(text):
    with pytest.raises(money.TooMuchMoney, match="太大。金额最多 10,000,000,000,000 元"):
        yuan(text)


@pytest.mark.parametrize("value", [5.0, 5, Decimal("5"), None, True])
def test_only_text_is_read(value):
    with pytest.raises(TypeError, match="never money"):
        yuan(value)


@pytest.mark.parametrize(
    ("fen", "text"),
    [
        (123450, "¥1,234.50"),
        (0, "¥0.00"),
        (5, "¥0.05"),
        (-5, "-¥0.05"),
        (-123450, "-¥1,234.50"),
        (10**15, "¥10,000,000,000,000.00"),
    ],
)
def test_money_is_shown_with_two_decimals_and_thousands(fen, text):
    assert format_fen(Fen(fen)) == text


@pytest.mark.parametrize("value", [1.0, Decimal(1), True, "1"])
def test_only_whole_fen_are_shown(value):
    with pytest.raises(TypeError):
        format_fen(value)


@pytest.mark.parametrize(
    ("exact", "fen"),
    [
        (Fraction(1, 2), 1),
        (Fraction(49, 100), 0),
        (Fraction(-1, 2), -1),
        (Fraction(-49, 100), 0),
        (Fraction(3, 2), 2),
        (Fraction(5, 2), 3),
        (Decimal("2.5"), 3),
        (Decimal("-2.5"), -3),
        (Decimal("2.4999999999999999999999999999999"), 2),
        (Fraction(7000 * 100, 2083), 336),  # Ezhou: 70 yuan ÷ 20.83
        (Fraction(8000 * 100, 2083), 384),  # 80 yuan ÷ 20.83
    ],
)
def test_a_half_is_rounded_away_from_zero(exact, fen):
    assert round_half_up(exact) == fen


@pytest.mark.parametrize("value", [2.5, 2, "2"])
def test_only_exact_fractions_are_rounded(value):
    with pytest.raises(TypeError, match="never money"):
        round_half_up(value)


def claims(**parties):
    return {name: Claim(weight, Fen(cap)) for name, (weight, cap) in parties.items()}


def test_a_fen_that_cannot_be_divided_goes_to_the_smaller_id():
    assert share(Fen(100), claims(c=(1, 99), a=(1, 99), b=(1, 99))) == {"a": 34, "b": 33, "c": 33}


def test_the_larger_remainder_comes_before_the_smaller_id():
    """10 fen by 1 : 1 : 4 is 1⅔, 1⅔, 6⅔; by 15 : 15 : 70 of 11 it is 1.65, 1.65, 7.70."""
    assert share(Fen(11), claims(a=(15, 99), b=(15, 99), c=(70, 99))) == {"a": 2, "b": 1, "c": 8}


def test_what_a_cap_keeps_back_is_shared_again_among_the_others():
    assert share(Fen(100), claims(a=(1, 10), b=(1, 99), c=(1, 99))) == {"a": 10, "b": 45, "c": 45}


def test_sharing_again_may_reach_the_next_cap():
    """33⅓ each; a stops at 10, then 45 each; b stops at 40, c gets the rest."""
    assert share(Fen(100), claims(a=(1, 10), b=(1, 40), c=(1, 99))) == {"a": 10, "b": 40, "c": 50}


def test_a_pool_above_all_caps_is_shared_up_to_the_caps():
    assert share(Fen(100), claims(a=(1, 10), b=(3, 20))) == {"a": 10, "b": 20}


def test_a_waived_family_gets_nothing_back():
    """Settlement: a family that paid nothing has weight 0 and cap 0."""
    assert share(Fen(100), claims(paid=(500, 500), waived=(0, 0))) == {"paid": 100, "waived": 0}


def test_a_weight_of_zero_gets_nothing_even_under_a_cap():
    assert share(Fen(100), claims(a=(0, 50), b=(1, 50))) == {"a": 0, "b": 50}


def test_nothing_to_share_and_nobody_to_share_with():
    assert share(Fen(0), claims(a=(1, 10))) == {"a": 0}
    assert share(Fen(100), {}) == {}
    assert share(Fen(100), claims(a=(0, 0))) == {"a": 0}


@pytest.mark.parametrize(("pool", "weight", "cap"), [(-1, 1, 1), (1, -1, 1), (1, 1, -1)])
def test_nothing_below_zero_is_shared(pool, weight, cap):
    with pytest.raises(ValueError, match="below zero"):
        share(Fen(pool), claims(a=(weight, cap)))


def test_a_settlement_of_two_thousand_families_takes_no_time():
    """Issue 3: 2,000 families ≤ 2 s, of which sharing is a small part."""
    many = {number: Claim(7000 + number % 977, Fen(50 + number % 411)) for number in range(2000)}
    shares = share(Fen(345_678), many)
    assert sum(shares.values()) == 345_678
