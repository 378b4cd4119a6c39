"""Figures from five-row frames: unknown stays unknown, nothing is divided by nothing, few children are not shown."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from oversight.indicators.catalogue import CATALOGUE, Spread, Standard, Theme, Unit
from oversight.indicators.measures import State, grouped, measure, of_all
from tenants import roles

NAN = float("nan")
PARTS = ["value", "numerator", "denominator", "n"]


def frame(**columns):
    return pd.DataFrame({name: pd.Series(values, dtype="float64") for name, values in columns.items()})


def states(code, **columns):
    return list(measure(frame(**columns), CATALOGUE[code])["state"])


def test_a_share_is_its_parts_in_percent():
    found = measure(frame(participants=[300, 0], pupils_on_roll=[400, 400]), CATALOGUE["participation"])
    assert list(found["value"]) == [75.0, 0.0]
    assert list(found["n"]) == [400, 400]
    assert list(found["state"]) == [State.KNOWN, State.KNOWN]


@pytest.mark.parametrize("code", CATALOGUE)
def test_missing_is_never_nought(code):
    """Every indicator: without its columns' values there is no figure, whichever part is unknown."""
    indicator = CATALOGUE[code]
    unknown = frame(**{name: [NAN] for name in indicator.columns})
    assert list(measure(unknown, indicator)["state"]) == [State.MISSING]
    assert measure(unknown, indicator)[PARTS].isna().all(axis=None)
    assert list(of_all(unknown, indicator)["state"]) == [State.MISSING]
    one_known = unknown.assign(**{indicator.denominator.columns[0]: 100.0})
    if set(indicator.numerator.columns) - set(indicator.denominator.columns):
        assert measure(one_known, indicator)["value"].isna().all()


@pytest.mark.parametrize(
    "code", [code for code, one in CATALOGUE.items() if not isinstance(one.numerator, Standard)]
)
def test_nothing_is_divided_by_nothing(code):
    """A fee standard is divided by its school: that is always one."""
    indicator = CATALOGUE[code]
    nothing = frame(**{name: [0.0] for name in indicator.columns})
    found = measure(nothing, indicator)
    assert list(found["state"]) == [State.NOT_APPLICABLE]
    assert found["value"].isna().all()
    assert of_all(nothing, indicator)["state"][0] == State.NOT_APPLICABLE


def test_of_no_school_there_is_no_figure():
    for indicator in CATALOGUE.values():
        empty = frame(**{name: [] for name in indicator.columns})
        assert len(measure(empty, indicator)) == 0
        assert list(of_all(empty, indicator)["state"]) == [State.MISSING]


@pytest.mark.parametrize("n", [1, 4])
def test_fewer_than_five_children_are_not_shown(n):
    """architecture §7, city screens: k = 5. Not even the parts are given."""
    for indicator in CATALOGUE.values():
        if indicator.about_children and indicator.n is None and len(indicator.denominator.columns) == 1:
            few = frame(
                **{indicator.numerator.columns[0]: [0.0], indicator.denominator.columns[0]: [float(n)]}
            )
            found = measure(few, indicator)
            assert list(found["state"]) == [State.HIDDEN], indicator.code
            assert found[PARTS].isna().all(axis=None)


def test_five_children_are_shown():
    assert states("satisfaction", survey_high=[0], survey_answers=[5]) == [State.KNOWN]


def test_a_count_of_few_children_is_not_shown_by_its_share():
    """3 of 200 take part: 1.5 % would say so. None at all is shown as none, and a bad score is no count of children."""
    assert states("participation", participants=[3, 0, 5], pupils_on_roll=[200, 200, 200]) == [
        State.HIDDEN, State.KNOWN, State.KNOWN,
    ]  # fmt: skip
    assert states("satisfaction", survey_high=[3], survey_answers=[60]) == [State.KNOWN]


def test_another_k_hides_more():
    few = frame(participants=[8], pupils_on_roll=[300])
    assert measure(few, CATALOGUE["participation"], k=10)["state"][0] == State.HIDDEN


def test_a_gap_instead_of_a_surplus_has_no_share_and_takes_nothing_from_the_others():
    """S37: a school in the red has nothing to return; the others' surplus is still theirs."""
    schools = frame(surplus_returned_fen=[1000, 0, NAN], surplus_fen=[1000, -600, NAN])
    assert list(measure(schools, CATALOGUE["surplus_returned"])["state"]) == [
        State.KNOWN, State.NOT_APPLICABLE, State.MISSING,
    ]  # fmt: skip
    assert of_all(schools, CATALOGUE["surplus_returned"])["value"][0] == 100.0


def test_a_policy_without_a_cap_is_no_gap_in_the_data():
    assert states("fee_to_cap", fee_fen=[300, 300, NAN], cap_fen=[350, NAN, NAN], schools=[1, 1, 1]) == [
        State.KNOWN, State.NOT_APPLICABLE, State.MISSING,
    ]  # fmt: skip
    capless = frame(fee_fen=[300], cap_fen=[NAN], schools=[1])
    assert of_all(capless, CATALOGUE["fee_to_cap"])["state"][0] == State.NOT_APPLICABLE


def test_a_school_that_knows_only_its_minutes_does_not_make_the_city_cheaper():
    """Its cost is unknown, and not 0: it is in no sum."""
    schools = frame(
        staff_fen=[6000, NAN], materials_fen=[0, NAN], other_fen=[0, NAN], pupil_minutes=[600, 600]
    )
    found = of_all(schools, CATALOGUE["cost_per_pupil_hour"])
    assert (found["value"][0], found["n"][0]) == (600.0, 10.0)


def test_what_can_not_be_added_up_is_the_median_of_schools():
    fees = frame(fee_fen=[100, 200, 600, NAN], cap_fen=[200, 200, 200, 200], schools=[1, 1, 1, 1])
    found = of_all(fees, CATALOGUE["fee_to_cap"])
    assert (found["value"][0], found["n"][0]) == (100.0, 3)


def test_groups_keep_their_order_and_their_own_n():
    schools = frame(participants=[10, 20, 30], pupils_on_roll=[20, 40, 40]).assign(stage=["b", "a", "b"])
    found = grouped(schools, CATALOGUE["participation"], ["stage"])
    assert list(found.index) == ["b", "a"]
    assert list(found["value"]) == [pytest.approx(40 / 60 * 100), 50.0]
    assert list(found["n"]) == [60, 40]


def test_n_is_shown_in_hours_and_yuan():
    cost = frame(staff_fen=[6000], materials_fen=[0], other_fen=[0], pupil_minutes=[600])
    assert measure(cost, CATALOGUE["cost_per_pupil_hour"])["n"][0] == 10.0
    waived = frame(waived_fen=[100], charged_fen=[20_000])
    assert measure(waived, CATALOGUE["waived"])["n"][0] == 200.0


counts = st.lists(st.tuples(st.integers(0, 500), st.integers(0, 500)), min_size=1, max_size=30)


@given(counts)
def test_a_share_of_all_lies_between_the_shares_of_the_schools(pairs):
    open_share = replace(CATALOGUE["participation"], about_children=False, counts_children=False)
    tops = [min(pair) for pair in pairs]
    schools = frame(participants=tops, pupils_on_roll=[max(pair) for pair in pairs])
    single = measure(schools, open_share)["value"].dropna()
    found = of_all(schools, open_share)["value"][0]
    if len(single):
        assert single.min() - 1e-9 <= found <= single.max() + 1e-9
    else:
        assert np.isnan(found)


@given(counts, st.randoms(use_true_random=False))
def test_the_order_of_schools_does_not_matter(pairs, chance):
    turned = list(pairs)
    chance.shuffle(turned)
    one, other = (
        of_all(frame(survey_high=[a for a, _b in rows], survey_answers=[b for _a, b in rows]), CATALOGUE["satisfaction"])
        for rows in (pairs, turned)
    )  # fmt: skip
    pd.testing.assert_frame_equal(one, other)


def test_the_catalogue_holds_what_was_asked_for():
    """Issue 4: the first fifteen, some of them in parts."""
    assert len(CATALOGUE) == 25
    assert [one.code for one in CATALOGUE.values()] == list(CATALOGUE)
    for one in CATALOGUE.values():
        assert one.clauses
        assert str(one.question).endswith("？")
        if one.spread is Spread.BINOMIAL:
            assert one.unit is Unit.PERCENT
        if one.over_schools:
            assert not one.by_month


def test_what_the_price_bureau_is_shown_its_role_may_read():
    for one in CATALOGUE.values():
        if one.theme is Theme.FEES or one.code == "complaints_per_1000":
            assert not set(one.columns) & set(roles.NOT_FOR_PRICES), one.code


def test_a_fee_standard_in_both_units():
    """400 minutes a week are 10 class hours, 41.66 a month: 3.00 an hour are 124.98 a month, and the other way round."""
    plans = frame(fee_fen=[300.0, 12498.0, 50000.0], weekly_minutes=[400.0, 400.0, 400.0]).assign(
        fee_unit=["class_hour", "month", "term"]
    )
    assert Standard("month")(plans).round(6).tolist()[:2] == [12498.0, 12498.0]
    assert Standard("class_hour")(plans).round(6).tolist()[:2] == [300.0, 300.0]
    assert Standard("month")(plans).isna().tolist() == [False, False, True]
