"""The city's screens: one decision for every figure of schools (calculations.md, "Suppression"; S1, S25)."""

import pandas as pd
import pytest

from oversight.indicators import measures
from oversight.indicators.catalogue import CATALOGUE
from oversight.indicators.measures import State
from oversight.protection import decisions

KIND, STAGE, HERE = "kind", "stage", "330102"


def a_school(
    code, participants, pupils, *, district=HERE, kind="urban", stage="primary", answers=100, **more
):
    return {
        "code": code, "district_code": district, "stage": stage, "kind": kind, "participants": float(participants),
        "pupils_on_roll": float(pupils), "five_day_participants": float(participants // 2), "complaints": 1.0,
        "survey_answers": float(answers), "survey_invited": 200.0, "survey_high": answers * 0.5,
        "survey_score_sum": answers * 4.0, **more,
    }  # fmt: skip


def decided(*schools):
    frame = pd.DataFrame(schools)
    decision = decisions.decide(frame)
    return frame.assign(**{decisions.COLUMN: pd.Series([decision] * len(frame), dtype=object)})


def states(frame, code="participation"):
    """Of the whole, of each kind, and of each school."""
    one = CATALOGUE[code]
    return (
        measures.of_all(frame, one)["state"][0],
        measures.grouped(frame, one, [KIND])["state"].to_dict(),
        measures.measure(frame, one)["state"].tolist(),
    )


def test_the_city_s_sentence_does_not_tell_of_the_country_s_three():
    """503 of 840 take part, in town 64.1 % of 780: 3 of the country's 60, though its own figure was hidden."""
    frame = decided(a_school("1", 500, 780), a_school("2", 3, 60, kind="rural"))
    assert states(frame) == ("known", {"urban": "hidden", "rural": "hidden"}, ["hidden", "hidden"])
    assert measures.of_all(frame, CATALOGUE["participation"])["numerator"][0] == 503
    assert measures.children(frame) == 503


def test_a_school_s_own_three_are_hidden_with_the_smallest_of_its_neighbours():
    frame = decided(
        a_school("1", 500, 780), a_school("2", 3, 60), a_school("3", 200, 300), a_school("4", 20, 90)
    )
    assert states(frame) == ("known", {"urban": "known"}, ["known", "hidden", "known", "hidden"])


def test_the_rest_is_hidden_as_well():
    frame = decided(a_school("1", 778, 780), a_school("2", 300, 600), a_school("3", 200, 300))
    assert states(frame)[2] == ["hidden", "known", "hidden"]


def test_what_says_how_many_take_part_is_hidden_with_it():
    """A rate of complaints and their number give the children; of a sentence the sum is taken from the same decision."""
    frame = decided(a_school("1", 500, 780), a_school("2", 4, 60), a_school("3", 200, 300))
    for code in ("five_day_share", "complaints_per_1000"):
        found = measures.measure(frame, CATALOGUE[code])
        assert found["state"].tolist() == ["known", "hidden", "hidden"]
        assert found.loc[1:, ["value", "numerator", "denominator", "n"]].isna().all(axis=None)
    assert measures.children(frame.iloc[[1]]) is None
    assert measures.children(frame.iloc[[0]]) == 500


def test_a_score_that_few_gave_is_not_told_by_the_others():
    frame = decided(a_school("1", 500, 780), a_school("2", 100, 200, answers=3), a_school("3", 200, 300))
    for code in ("satisfaction", "satisfaction_mean", "response_rate"):
        whole, kinds, schools = states(frame, code)
        assert (whole, kinds) == ("known", {"urban": "known"})
        assert (schools[1], schools.count("hidden")) == ("hidden", 2)


def test_any_other_choice_of_schools_is_shown_when_each_of_them_is():
    """A search by name makes sums that no filter makes."""
    frame = decided(*(a_school(str(n), 500 + n, 780) for n in range(4)), a_school("9", 3, 60))
    hidden = measures.measure(frame, CATALOGUE["participation"])["state"] == State.HIDDEN.value
    assert hidden.sum() == 2
    some = frame[~hidden].iloc[:2]
    assert states(some)[0] == "known"
    assert states(pd.concat([some, frame[hidden].iloc[:1]]))[0] == "hidden"


def test_a_school_of_which_it_is_not_known_of_how_many_is_in_no_sentence():
    frame = decided(a_school("1", 500, 780), a_school("2", 30, float("nan")))
    assert measures.children(frame) is None
    assert measures.children(frame.iloc[[0]]) == 500


def test_districts_that_are_one_school_are_that_school():
    frame = decided(a_school("1", 500, 780), a_school("2", 3, 60, district="330106"), a_school("3", 99, 200))
    by = measures.grouped(frame, CATALOGUE["participation"], ["district_code"])["state"]
    assert by.to_dict() == {HERE: "hidden", "330106": "hidden"}
    assert states(frame)[0] == "known"


@pytest.mark.parametrize("counts", [[], [(0, 0)], [(0, 60), (50, 100)]])
def test_where_nothing_is_small_nothing_is_hidden(counts):
    columns = list(a_school("1", 1, 1))
    frame = pd.DataFrame([a_school(str(n), *pair) for n, pair in enumerate(counts)], columns=columns)
    found = decisions.decide(frame)
    assert not any(family.schools or any(family.sums.values()) for name, family in found.families.items()
                   if name != decisions.FIVE_DAYS)  # fmt: skip
