"""Peers: worked numbers, properties, and who is left out and told so."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from oversight.costs import mattering, peers
from oversight.costs.peers import Flag, Sides
from oversight.indicators import measures
from oversight.indicators.catalogue import CATALOGUE, Unit
from tests.oversight.costs.frames import changed, schools

COLUMNS = st.integers(2, 25).flatmap(
    lambda count: arrays.arrays(np.float64, (count, 4), elements=st.floats(0, 1000, width=32))
)


def test_the_distance_of_two_schools_is_the_weighted_root_of_squares():
    # participants 100, 200, 300; weekly hours 10, 10, 5; hardship 0, 0.1, 0.2; outside 0, 0.5, 0.5
    values = np.array([[100, 10, 0.0, 0.0], [200, 10, 0.1, 0.5], [300, 5, 0.2, 0.5]])
    found = peers.distances(values)
    assert found[0, 1] == pytest.approx(math.sqrt(0.5 * 0.5**2 + 0.2 * 0 + 0.2 * 0.5**2 + 0.1 * 1**2))
    assert found[0, 2] == pytest.approx(math.sqrt(0.5 + 0.2 + 0.2 + 0.1))
    assert found[1, 2] == pytest.approx(math.sqrt(0.5 * 0.5**2 + 0.2 * 1 + 0.2 * 0.5**2))


def test_a_school_against_its_peers_worked_by_hand():
    frame = changed(schools(12), 11, staff_fen=2000.0)
    found = peers.compare(frame)
    dear = found.loc[11]  # against 1000, 1010, …, 1100
    assert dear["n"] == 11
    assert dear["median"] == 1050
    assert (dear["lower"], dear["upper"]) == (1025, 1075)
    assert dear["difference"] == 950
    assert (dear["percentile"], dear["decile"], dear["flag"]) == (100, 10, Flag.HIGH)
    middle = found.loc[5]  # 1050 against five below and six above
    assert middle["percentile"] == pytest.approx(100 * 5 / 11)
    assert (middle["decile"], middle["flag"]) == (5, Flag.NONE)


def test_the_thirty_nearest_are_the_peers_and_no_more():
    frame = schools(40)
    nearest = peers.peers_of(frame, "3301020000")
    assert list(nearest["code"]) == [f"33010200{number:02d}" for number in range(1, 31)]
    assert peers.compare(frame)["n"].tolist() == [30] * 40


def test_schools_that_are_alike_in_all_are_taken_by_code_in_whatever_order_they_come():
    frame = schools(40, participants=100.0)
    expected = [f"33010200{number:02d}" for number in range(31) if number != 7]
    assert list(peers.peers_of(frame, "3301020007")["code"]) == expected
    assert list(peers.peers_of(frame.iloc[::-1], "3301020007")["code"]) == expected


def test_peers_are_of_the_same_stage_and_kind():
    frame = schools(30, stage=["primary", "nine_year"] * 15)
    assert set(peers.peers_of(frame, "3301020000")["stage"]) == {"primary"}
    assert peers.compare(frame)["n"].tolist() == [14] * 30


def test_ten_peers_are_a_comparison_and_nine_are_too_few():
    assert set(peers.compare(schools(11))["flag"]) <= {Flag.LOW, Flag.HIGH, Flag.NONE}
    few = peers.compare(schools(10))
    assert set(few["flag"]) == {Flag.TOO_FEW}
    assert few["n"].tolist() == [9] * 10
    assert few[["median", "difference", "percentile", "decile"]].isna().all(axis=None)
    assert few["value"].notna().all()


def test_a_school_alone_has_no_peers_and_nothing_breaks():
    found = peers.compare(schools(1))
    assert found.loc[0, ["n", "flag"]].tolist() == [0, Flag.TOO_FEW]
    assert peers.compare(schools(0)).empty
    assert peers.peers_of(schools(1), "3301020000").empty


def test_peers_whose_own_value_is_unknown_do_not_count():
    frame = schools(12)
    frame.loc[[1, 2], "staff_fen"] = float("nan")
    found = peers.compare(frame)
    assert found.loc[0, ["n", "flag"]].tolist() == [9, Flag.TOO_FEW]
    assert found.loc[1, "flag"] == Flag.INCOMPLETE
    assert math.isnan(found.loc[1, "value"])


def test_a_school_of_fewer_than_half_of_the_usual_days_is_nobodys_peer_and_told_so():
    frame = changed(schools(13), 3, days_held=39.0)
    found = peers.compare(frame)
    assert found.loc[3, ["n", "flag"]].tolist() == [0, Flag.PART_PERIOD]
    assert "3301020003" not in set(peers.peers_of(frame, "3301020000")["code"])
    assert peers.compare(changed(schools(13), 3, days_held=40.0)).loc[3, "flag"] != Flag.PART_PERIOD


@pytest.mark.parametrize(
    "part",
    [
        {"weekly_minutes": float("nan")},
        {"participants": 0.0},
        {"participants": float("nan")},
        {"staff_contracted": 0.0},
        {"days_held": 0.0},
        {"days_held": float("nan")},
        {"pupil_minutes": 0.0},
    ],
)
def test_a_school_with_a_missing_part_is_not_compared(part):
    found = peers.compare(changed(schools(13), 3, **part)).loc[3]
    assert found["flag"] == Flag.INCOMPLETE
    assert math.isnan(found["percentile"])


def test_equal_values_are_the_middle_and_no_reason_to_look():
    found = peers.compare(schools(20, staff_fen=1000.0))
    assert set(found["percentile"]) == {50}
    assert set(found["flag"]) == {Flag.NONE}
    assert set(found["difference"]) == {0}


def test_a_feature_in_which_all_are_alike_divides_by_nothing():
    alike = peers.distances(np.ones((4, 4)))
    assert (alike[~np.eye(4, dtype=bool)] == 0).all()


def test_too_cheap_staff_is_a_reason_to_look_and_cheap_materials_are_none():
    frame = schools(21)
    frame["materials_fen"] = frame["staff_fen"]
    staff = peers.compare(frame, "staff_cost_per_pupil_hour")["flag"]
    assert (staff[0], staff[20]) == (Flag.LOW, Flag.HIGH)
    materials = peers.compare(frame, "materials_per_pupil_hour")["flag"]
    assert (materials[0], materials[20]) == (Flag.NONE, Flag.HIGH)


def test_the_ninetieth_percentile_itself_is_not_above_it():
    values = pd.Series([*map(float, range(10)), 8.5])
    found = peers.compare_values(values, peers.find(schools(11)))
    assert found.loc[10, ["percentile", "decile", "flag"]].tolist() == [90, 9, Flag.NONE]
    low = peers.compare_values(-values, peers.find(schools(11)))
    assert low.loc[10, ["percentile", "decile", "flag"]].tolist() == [10, 2, Flag.NONE]


@pytest.mark.parametrize("code", ["cost_per_pupil_hour", "staff_cost_per_pupil_hour"])
def test_the_compared_cost_is_the_catalogues(code):
    frame = schools(5, materials_fen=7.0, other_fen=3.0, pupil_minutes=77.0)
    assert peers.compare(frame, code)["value"].tolist() == pytest.approx(
        measures.measure(frame, CATALOGUE[code])["value"].tolist()
    )


def test_a_school_that_is_not_there_is_said():
    with pytest.raises(KeyError):
        peers.peers_of(schools(3), "9999999999")


@given(COLUMNS)
def test_distances_are_the_same_both_ways_and_nobody_is_the_own_neighbour(values):
    found = peers.distances(values)
    assert np.array_equal(found, found.T)
    assert np.isinf(np.diag(found)).all()
    others = found[~np.eye(len(values), dtype=bool)]
    assert ((others >= 0) & (others <= 1 + 1e-9)).all()  # the weights add up to 1


@given(COLUMNS)
def test_nobody_is_the_own_peer_and_nobody_is_a_peer_twice(values):
    frame = schools(len(values), participants=values[:, 0] + 1, weekly_minutes=values[:, 1])
    for row, places in enumerate(peers.find(frame).nearest):
        known = places[places >= 0]
        assert row not in known
        assert len(set(known)) == len(known) == min(30, len(values) - 1)


@given(st.lists(st.integers(0, 50), min_size=11, max_size=31), st.sampled_from(Sides))
def test_who_costs_more_never_stands_lower(costs, sides):
    # 31 schools at most: everybody has the same others, so places can be compared
    found = peers.compare_values(
        pd.Series([float(cost) for cost in costs]), peers.find(schools(len(costs))), sides=sides
    )
    ordered = found.sort_values("value")
    assert ordered["percentile"].is_monotonic_increasing
    assert ordered["decile"].is_monotonic_increasing
    assert found["percentile"].between(0, 100).all()
    assert (found["lower"] <= found["median"]).all()
    assert (found["median"] <= found["upper"]).all()
    assert (found.loc[found["flag"] == Flag.HIGH, "difference"] > 0).all()
    assert (found.loc[found["flag"] == Flag.LOW, "difference"] < 0).all()


@given(st.lists(st.floats(0, 1e6), min_size=11, max_size=40))
def test_the_middle_half_is_what_pandas_says(costs):
    found = peers.compare_values(pd.Series(costs), peers.find(schools(len(costs), participants=100.0)))
    others = pd.Series([cost for number, cost in enumerate(costs) if number != 0][:30])
    for name, share in (("lower", 0.25), ("median", 0.5), ("upper", 0.75)):
        assert found.loc[0, name] == pytest.approx(others.quantile(share))


def test_each_of_1233_schools_is_compared():
    chance = np.random.default_rng(1)
    frame = schools(1233, code=[f"{number:010d}" for number in range(1233)])
    frame["kind"] = chance.choice(["urban", "town", "rural"], 1233, p=[0.2, 0.3, 0.5])
    frame["participants"] = chance.integers(20, 2000, 1233).astype("float64")
    among = peers.find(frame)
    for cost in peers.COSTS:
        assert len(peers.compare(frame, cost, among=among)) == 1233


@pytest.mark.parametrize(
    ("own", "flag"),
    [
        (366.0, Flag.NONE),
        (401.0, Flag.NONE),
        (300.0, Flag.LOW),
        (460.0, Flag.HIGH),
        (440.0, Flag.HIGH),
        (330.0, Flag.NONE),
    ],
)
def test_a_difference_matters_besides_its_rank(own, flag):
    """3.66 against 3.82 yuan, and 4.01 against 3.81, were flagged as the first and the last of twelve."""
    values = pd.Series([own, *[377.0 + number for number in range(11)]])
    frame = schools(12)
    matters = mattering.of_frame(frame.assign(district_code="330102"), {}, Unit.FEN)
    found = peers.compare_values(values, peers.find(frame), matters=matters).iloc[0]
    assert (found["median"], found["flag"]) == (382.0, flag)
    by_rank = peers.compare_values(values, peers.find(frame)).iloc[0]
    assert by_rank["flag"] in (Flag.LOW, Flag.HIGH)


def test_a_policy_says_what_matters_and_small_money_is_none():
    frame = schools(12).assign(district_code="330102")
    kind = frame["kind"].iloc[0]
    strict = mattering.of_frame(frame, {("330102", kind): mattering.Least(50, 20, 5)}, Unit.FEN)
    assert not strict.holds(np.full(12, 5.0), np.full(12, 9.0)).any()  # four fen are less than twenty
    assert not strict.holds(np.full(12, 300.0), np.full(12, 400.0)).any()
    assert strict.holds(np.full(12, 200.0), np.full(12, 400.0)).all()


@pytest.mark.parametrize(
    ("own", "median", "matters"),
    [(90.0, 99.0, True), (97.0, 99.0, False), (48.0, 50.0, False), (40.0, 50.0, True)],
)
def test_of_shares_the_smaller_part_is_what_differs(own, median, matters):
    frame = schools(1).assign(district_code="330102")
    found = mattering.of_frame(frame, {}, Unit.PERCENT).holds(np.array([own]), np.array([median]))
    assert found.tolist() == [matters]
