"""The sentence of a share can be redone by hand, also where families reached what they paid (S37)."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.ids import uuid7
from afterbell.kernel.money import Fen, yuan
from schools.finance import proofs
from schools.finance.models import Settlement
from schools.finance.settling import Stake, divide

MINUTES, PAID = "attended_minutes", "paid"
REDONE = re.compile(r"(¥[0-9,.]+) ÷ ([0-9,]+) 分钟 × ([0-9,]+) 分钟")


def said(stakes, pool, key=MINUTES):
    """By name, the sentences of a share of such a settlement, books and total left out; and what each gets."""
    amounts = divide(stakes, Fen(pool))
    settlement = Settlement(
        key=key, received_fen=pool, spent_fen=0, refunded_fen=0, pool_fen=pool, round=1 if pool else 2
    )
    rows = {
        name: proofs.Part(uuid7(), name, stake.most, 0, stake.own, stake.weight, stake.had, amounts[name])
        for name, stake in stakes.items()
    }
    words = proofs.Words.of(settlement, rows.values())
    return {name: words.lines(row)[2:-1] for name, row in rows.items()}, amounts


def stake(minutes, most, had=0, own=0):
    return Stake(Fen(own), minutes, Fen(most), Fen(had))


def test_by_minutes_with_one_family_at_its_cap():
    """10.00 over 300, 100 and 150 minutes, A paid 5.00: 5.00 ÷ 250 × 100 = 2.00 and × 150 = 3.00."""
    lines, amounts = said({"a": stake(300, 500), "b": stake(100, 10000), "c": stake(150, 10000)}, 1000)
    assert list(amounts.values()) == [500, 200, 300]
    head = "其余 ¥10.00 按出勤分钟分摊：1 户分到实缴为止，共 ¥5.00；剩下 ¥5.00 由其余各家分摊，¥5.00 ÷ 250 分钟 × "
    assert lines["b"] == [head + "100 分钟，分到 ¥2.00（最大余数法，分到分为止）。"]
    assert lines["c"] == [head + "150 分钟，分到 ¥3.00（最大余数法，分到分为止）。"]
    assert lines["a"] == [head + "300 分钟 = ¥6.00，您家分到实缴为止，得 ¥5.00。"]


def test_where_nobody_is_at_a_cap_the_sentence_is_the_short_one():
    lines, _amounts = said({"a": stake(300, 5000), "b": stake(100, 10000)}, 1000)
    assert lines["a"] == [
        "其余 ¥10.00 按出勤分钟分摊：¥10.00 × 300 ÷ 400，分到 ¥7.50（最大余数法，分到分为止，不超过实缴）。"
    ]


def test_who_never_came_reads_of_what_the_others_left():
    """11.00: A and B came and get the 1.00 and 2.00 that they paid; 8.00 for C and D, who paid 9.00 and 3.00: 6.00, 2.00."""
    families = {"a": stake(50, 100), "b": stake(70, 200), "c": stake(0, 900), "d": stake(0, 300)}
    lines, amounts = said(families, 1100)
    assert list(amounts.values()) == [100, 200, 600, 200]
    assert lines["a"] == ["其余 ¥11.00 按出勤分钟分摊：来过的各家都分到实缴为止，您家得 ¥1.00。"]
    assert lines["c"] == [
        "其余 ¥11.00 按出勤分钟分摊后，来过的各家都分到实缴为止；剩下 ¥8.00 由没有来过的各家按实缴分摊，"
        "¥8.00 × ¥9.00 ÷ ¥12.00，分到 ¥6.00（最大余数法，分到分为止，不超过实缴）。"
    ]


def test_by_what_was_paid_all_of_it_comes_back():
    lines, _amounts = said({"a": stake(300, 300), "b": stake(100, 100)}, 1000, PAID)
    assert lines["a"] == ["其余 ¥10.00 按实缴金额分摊：各家都分到实缴为止，您家得 ¥3.00。"]


def test_over_all_rounds_with_caps_and_with_who_has_more():
    """12.00 now, 8.00 before: A gets the 5.00 that it paid, B keeps 6.00 of 3.00 due: 9.00 over C and D, 200 : 100."""
    families = {
        "a": stake(300, 300, had=200),
        "b": stake(100, 9000, had=600),
        "c": stake(200, 9000),
        "d": stake(100, 9000),
    }
    lines, amounts = said(families, 1200)
    assert list(amounts.values()) == [300, 0, 600, 300]
    head = "各次结算共分摊 ¥20.00，1 户分到实缴为止，共 ¥5.00，1 户此前已多得，共 ¥6.00，其余各家分摊 ¥9.00。"
    assert lines["c"] == [
        head,
        "各次结算合在一起，按出勤分钟重新分摊：¥9.00 × 200 ÷ 300 = ¥6.00；此前已分到 ¥0.00，"
        "这次分到 ¥6.00（最大余数法，分到分为止，不超过实缴）。",
    ]
    assert lines["a"] == [
        head,
        "各次结算合在一起，按出勤分钟重新分摊：¥9.00 × 300 ÷ 300 = ¥9.00，您家分到实缴为止，共 ¥5.00；"
        "此前已分到 ¥2.00，这次分到 ¥3.00。",
    ]
    assert lines["b"][1].endswith("您家应分到 ¥3.00；此前已分到 ¥6.00，多得的不用退回，这次不再分。")


def test_over_all_rounds_who_never_came():
    """A came, paid 3.00 and had 1.00; B did not, paid 10.00, nothing so far: A 2.00 more, B the other 4.00."""
    lines, amounts = said({"a": stake(60, 200, had=100), "b": stake(0, 1000)}, 600)
    assert list(amounts.values()) == [200, 400]
    assert lines["a"][-1] == (
        "各次结算合在一起，来过的各家都分到实缴为止，您家共 ¥3.00；此前已分到 ¥1.00，这次分到 ¥2.00。"
    )
    assert lines["b"][-1] == (
        "各次结算合在一起，来过的各家都分到实缴为止；剩下 ¥4.00 由没有来过的各家按实缴分摊，"
        "¥4.00 × ¥10.00 ÷ ¥10.00 = ¥4.00；此前已分到 ¥0.00，这次分到 ¥4.00（最大余数法，分到分为止，不超过实缴）。"
    )


def test_over_all_rounds_who_never_came_and_has_more_than_its_part():
    """A came and has its 1.00. B and C never came and paid 9.00 each: B keeps the 5.00 it had, the 2.00 left are C's."""
    families = {"a": stake(60, 0, had=100), "b": stake(0, 400, had=500), "c": stake(0, 900)}
    lines, amounts = said(families, 200)
    assert list(amounts.values()) == [0, 0, 200]
    assert lines["b"][-1] == (
        "各次结算合在一起，来过的各家都分到实缴为止；剩下 ¥2.00 由没有来过的各家按实缴分摊，"
        "¥2.00 × ¥9.00 ÷ ¥9.00 = ¥2.00；此前已分到 ¥5.00，多得的不用退回，这次不再分。"
    )


@given(
    st.lists(st.tuples(st.integers(0, 900), st.integers(1, 2000)), min_size=2, max_size=6),
    st.integers(1, 6000),
)
def test_whoever_redoes_the_sum_comes_to_the_same(rows, pool):
    stakes = {n: stake(minutes, most) for n, (minutes, most) in enumerate(rows)}
    lines, amounts = said(stakes, pool)
    for name, (minutes, most) in enumerate(rows):
        for left, weights, own in REDONE.findall("".join(lines[name])):
            assert int(own.replace(",", "")) == minutes
            exact = int(yuan(left)) * minutes / int(weights.replace(",", ""))
            assert abs(min(exact, most) - amounts[name]) < 1
        assert len(lines[name]) == (1 if amounts[name] or minutes else 0)


@pytest.mark.parametrize("language", ["en"])
def test_in_english_too(language):
    from django.utils.translation import override

    with override(language):
        lines, _amounts = said({"a": stake(300, 500), "b": stake(100, 10000), "c": stake(150, 10000)}, 1000)
    assert "¥5.00 ÷ 250 minutes × 100 minutes" in lines["b"][0]
