"""A hidden score is not alone: what is left of the total is the sum of two."""

import pandas as pd

from dashboards.satisfaction import protection


def measured(*rows):
    frame = pd.DataFrame(rows, columns=["value", "denominator", "state"], dtype="object")
    numbers = frame[["value", "denominator"]].astype("float64")
    return numbers.assign(numerator=numbers["denominator"], n=numbers["denominator"], state=frame["state"])


def states(frame):
    return protection.not_alone(frame)["state"].tolist()


def test_with_one_hidden_row_the_one_of_fewest_answers_is_hidden_too():
    found = protection.not_alone(measured((None, None, "hidden"), (80.0, 200, "known"), (90.0, 30, "known")))
    assert found["state"].tolist() == ["hidden", "known", "hidden"]
    assert found.loc[2, ["value", "numerator", "denominator", "n"]].isna().all()


def test_two_hidden_rows_and_none_are_left_as_they_are():
    two = measured((None, None, "hidden"), (None, None, "hidden"), (90.0, 30, "known"))
    assert states(two) == ["hidden", "hidden", "known"]
    assert states(measured((80.0, 200, "known"), (90.0, 30, "known"))) == ["known", "known"]


def test_a_hidden_row_without_any_other_is_left():
    assert states(measured((None, None, "hidden"), (None, None, "missing"))) == ["hidden", "missing"]
