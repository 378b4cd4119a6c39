"""Funnels against worked numbers, against exact sums, and with properties."""

from dataclasses import replace
from math import comb, exp, factorial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oversight.indicators import statistics
from oversight.indicators.catalogue import CATALOGUE, Spread
from oversight.indicators.measures import State, measure
from oversight.indicators.statistics import Flag, Lines, funnel, inside, limits, tail

SHARE = CATALOGUE["satisfaction"]
COUNT = CATALOGUE["complaints_per_1000"]
MONEY = CATALOGUE["cost_per_pupil_hour"]


ORDINARY = Lines()


def flags(indicator, city, *pairs, lines=ORDINARY):
    """The flags of schools with (numerator, denominator), all shown whatever their size."""
    shown = replace(indicator, about_children=False)
    names = (indicator.numerator.columns[0], indicator.denominator.columns[0])
    frame = pd.DataFrame(pairs, columns=list(names), dtype="float64")
    return list(funnel(measure(frame, shown), shown, city, [lines] * len(frame))["flag"])


def test_large_schools_are_compared_by_the_normal_limits():
    """86 % in the city, 1,000 answers: 86 ± 1.96 · √(0.86 · 0.14 / 1000) = 83.85 to 88.15."""
    found = limits(SHARE, 86.0, [1000.0], ORDINARY).iloc[0]
    assert found["lower_warn"] == pytest.approx(83.849, abs=0.001)
    assert found["upper_warn"] == pytest.approx(88.151, abs=0.001)
    assert found["lower_flag"] == pytest.approx(82.609, abs=0.001)
    assert flags(SHARE, 86.0, (860, 1000), (835, 1000), (800, 1000), (885, 1000), (950, 1000)) == [
        Flag.INSIDE, Flag.WARN_LOW, Flag.FLAG_LOW, Flag.WARN_HIGH, Flag.FLAG_HIGH,
    ]  # fmt: skip


def test_a_large_number_of_complaints_is_compared_by_poissons_normal_limits():
    """12.5 a thousand, 4,000 children: 50 expected, ± 3.09 · √50 = 28.15 to 71.85 complaints."""
    found = limits(COUNT, 12.5, [4000.0], ORDINARY).iloc[0]
    assert found["lower_flag"] == pytest.approx(28.150 / 4, abs=0.001)
    assert found["upper_flag"] == pytest.approx(71.850 / 4, abs=0.001)
    assert flags(COUNT, 12.5, (71, 4000), (72, 4000), (28, 4000)) == [
        Flag.WARN_HIGH, Flag.FLAG_HIGH, Flag.FLAG_LOW,
    ]  # fmt: skip


def test_a_small_school_is_not_flagged_for_noise():
    """calculations.md, "Funnel": by the normal curve three complaints of 40 children would be beyond 3.09 (2.68)."""
    assert 0.5 + 3.09 * 0.5**0.5 < 3
    assert flags(COUNT, 12.5, (3, 40), (4, 40), (5, 40)) == [
        Flag.WARN_HIGH, Flag.WARN_HIGH, Flag.FLAG_HIGH,
    ]  # fmt: skip
    assert flags(SHARE, 95.0, (8, 10), (7, 10), (6, 10)) == [Flag.INSIDE, Flag.WARN_LOW, Flag.WARN_LOW]


@pytest.mark.parametrize("city", [None, float("nan")])
def test_without_a_city_rate_nobody_is_flagged(city):
    assert flags(SHARE, city, (0, 1000), (1000, 1000)) == [Flag.INSIDE, Flag.INSIDE]


def test_what_is_not_known_and_what_has_no_n_is_not_flagged():
    assert flags(SHARE, 86.0, (0, 0), (np.nan, 100), (np.nan, np.nan)) == [Flag.INSIDE] * 3
    assert limits(SHARE, 86.0, [0.0], ORDINARY).isna().all(axis=None)


def test_a_hidden_score_is_not_given_away_by_its_flag():
    frame = pd.DataFrame({"survey_high": [0.0], "survey_answers": [4.0]})
    measured = measure(frame, SHARE)
    assert measured["state"][0] == State.HIDDEN
    found = funnel(measured, SHARE, 100.0, [ORDINARY])
    assert found["flag"][0] == Flag.INSIDE
    assert found[list(statistics.LIMITS)].isna().all(axis=None)


def test_rates_of_nothing_and_of_everything_flag_whoever_differs():
    assert flags(SHARE, 0.0, (0, 50), (1, 50)) == [Flag.INSIDE, Flag.FLAG_HIGH]
    assert flags(SHARE, 100.0, (50, 50), (49, 50)) == [Flag.INSIDE, Flag.FLAG_LOW]
    assert flags(COUNT, 0.0, (0, 50), (1, 50)) == [Flag.INSIDE, Flag.FLAG_HIGH]


def test_a_rate_above_all_is_taken_as_all():
    """More took part in a term than are on the roll on one day of it."""
    assert flags(SHARE, 104.0, (50, 50)) == [Flag.INSIDE]


def test_a_huge_n_neither_overflows_nor_loses_its_limits():
    found = limits(SHARE, 50.0, [1e12], ORDINARY).iloc[0]
    assert 49.99 < found["lower_flag"] < 50 < found["upper_flag"] < 50.01
    rare = limits(COUNT, 1e-9, [1e12], ORDINARY).iloc[0]
    assert rare["upper_flag"] == pytest.approx(5e-9)


def test_money_has_no_funnel():
    """A ratio of fen and minutes is no count: no distribution says what chance does to it."""
    frame = pd.DataFrame(
        {"staff_fen": [9e9], "materials_fen": [0.0], "other_fen": [0.0], "pupil_minutes": [60.0]}
    )
    assert MONEY.spread is Spread.NONE
    assert list(funnel(measure(frame, MONEY), MONEY, 1.0, [ORDINARY])["flag"]) == [Flag.INSIDE]


def test_the_index_of_the_frame_is_kept():
    frame = pd.DataFrame({"survey_high": [1.0, 99.0], "survey_answers": [100.0, 100.0]}, index=[7, 3])
    assert list(funnel(measure(frame, SHARE), SHARE, 50.0, [ORDINARY] * 2).index) == [7, 3]


def binomial(n, rate):
    return [comb(n, count) * rate**count * (1 - rate) ** (n - count) for count in range(n + 1)]


def poisson(mean):
    return [exp(-mean) * mean**count / factorial(count) for count in range(150)]


def exact(chances, rare):
    """By definition: the least and the largest count that chance still reaches."""
    counts = range(len(chances))
    return (
        min(count for count in counts if sum(chances[: count + 1]) > rare),
        max(count for count in counts if sum(chances[count:]) > rare),
    )


@given(st.integers(1, 110), st.integers(1, 99))
def test_limits_of_small_shares_are_those_of_the_exact_sums(n, percent):
    found = limits(SHARE, float(percent), [float(n)], ORDINARY).iloc[0] * n / 100
    chances = binomial(n, percent / 100)
    for rare, low, high in (
        (tail(1.96), "lower_warn", "upper_warn"),
        (tail(3.09), "lower_flag", "upper_flag"),
    ):
        assert (round(found[low], 6), round(found[high], 6)) == exact(chances, rare)


@given(st.integers(1, 2000), st.floats(0.01, 14.9))
def test_limits_of_small_counts_are_those_of_the_exact_sums(n, per_1000):
    found = limits(COUNT, per_1000, [float(n)], ORDINARY).iloc[0] * n / 1000
    chances = poisson(n * per_1000 / 1000)
    for rare, low, high in (
        (tail(1.96), "lower_warn", "upper_warn"),
        (tail(3.09), "lower_flag", "upper_flag"),
    ):
        assert (round(found[low], 6), round(found[high], 6)) == exact(chances, rare)


@given(
    st.sampled_from([SHARE, COUNT]),
    st.floats(0, 100),
    st.lists(st.integers(0, 10**6), min_size=1, max_size=20),
)
def test_the_inner_limits_lie_within_the_outer_ones_and_around_the_city(indicator, city, sizes):
    found = limits(indicator, city, [float(n) for n in sizes], ORDINARY)
    some = found[np.array(sizes) > 0]
    assert found[np.array(sizes) == 0].isna().all(axis=None)
    assert (some["lower_flag"] <= some["lower_warn"]).all()
    assert (some["upper_warn"] <= some["upper_flag"]).all()
    assert (some["lower_flag"] <= city + 1e-9).all()
    assert (some >= 0).all(axis=None)


def test_a_policy_says_how_far_out_the_limits_lie():
    """86 % in the city, 1,000 answers: 86 ± 2.5 · √(0.86 · 0.14 / 1000) = 83.257 to 88.743."""
    found = limits(SHARE, 86.0, [1000.0], Lines(1.5, 2.5)).iloc[0]
    assert found["lower_warn"] == pytest.approx(84.354, abs=0.001)
    assert found["lower_flag"] == pytest.approx(83.257, abs=0.001)
    assert found["upper_flag"] == pytest.approx(88.743, abs=0.001)
    assert flags(SHARE, 86.0, (832, 1000), lines=Lines(1.5, 2.5)) == [Flag.FLAG_LOW]
    assert flags(SHARE, 86.0, (832, 1000)) == [Flag.WARN_LOW]
    assert flags(SHARE, 86.0, (832, 1000), lines=Lines(3.0, 4.5)) == [Flag.INSIDE]


def test_small_counts_are_judged_by_the_exact_tail_of_the_same_z():
    """0.5 expected: P(x ≥ 3) is 1.44 %, P(x ≥ 4) 0.18 %; beyond 2.0 (2.28 %) lies 3, beyond 2.5 (0.62 %) only 4."""
    assert flags(COUNT, 12.5, (3, 40), lines=Lines(1.0, 2.0)) == [Flag.FLAG_HIGH]
    assert flags(COUNT, 12.5, (3, 40), lines=Lines(1.0, 2.5)) == [Flag.WARN_HIGH]
    assert flags(COUNT, 12.5, (4, 40), lines=Lines(1.0, 2.5)) == [Flag.FLAG_HIGH]


def test_each_row_is_judged_by_its_own_limits():
    frame = pd.DataFrame(
        {"survey_high": [832.0, 832.0, 0.0], "survey_answers": [1000.0, 1000.0, 0.0]}, index=[4, 9, 1]
    )
    found = funnel(measure(frame, SHARE), SHARE, 86.0, [Lines(3.0, 4.5), Lines(1.5, 2.5), ORDINARY])
    assert list(found["flag"]) == [Flag.INSIDE, Flag.FLAG_LOW, Flag.INSIDE]
    assert list(zip(*(found[name] for name in statistics.Z), strict=True)) == [
        (3.0, 4.5),
        (1.5, 2.5),
        (1.96, 3.09),
    ]
    assert found.loc[9, "lower_flag"] == pytest.approx(83.257, abs=0.001)


@pytest.mark.parametrize(
    ("z", "share"),
    [(1.0, "68%"), (1.5, "87%"), (1.96, "95%"), (2.5, "98.8%"), (3.0, "99.73%"), (3.09, "99.8%"), (4.5, "99.99932%"),
     (5.0, "99.999943%")],
)  # fmt: skip
def test_a_limit_is_said_in_percent(z, share):
    assert inside(z) == share


def test_no_limit_that_a_policy_may_set_is_said_to_hold_everything():
    """schema.json: 1 to 5."""
    shares = [float(inside(hundredths / 100).removesuffix("%")) for hundredths in range(100, 501)]
    assert all(68 <= share < 100 for share in shares)
    assert shares == sorted(shares)
