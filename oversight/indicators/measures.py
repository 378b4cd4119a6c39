"""Figures from frames. Pure: a frame of sums in, a frame of values out, nothing loaded and nothing rounded.

A value that can't be had says why: unknown parts (missing), a denominator of 0 (not applicable), too few children
(hidden). It is never 0 for want of data.
"""

from enum import StrEnum
from typing import Final

import pandas as pd

from oversight.indicators.catalogue import Indicator

CITY_K: Final = 5
"""Smallest n about children that the city's screens show (architecture §7)."""


class State(StrEnum):
    """Whether a value is there, and why not."""

    KNOWN = "known"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    HIDDEN = "hidden"


def measure(frame: pd.DataFrame, indicator: Indicator, *, k: int = CITY_K) -> pd.DataFrame:
    """One row a row of `frame`, same index: value (in the unit of the indicator, NaN unless known), numerator,
    denominator, n, state. Of a hidden figure nothing is given, not even the parts.
    """
    top, bottom = indicator.numerator(frame), indicator.denominator(frame)
    n = bottom if indicator.n is None else indicator.n(frame)
    found = pd.DataFrame(
        {"numerator": top, "denominator": bottom, "n": n}, index=frame.index, dtype="float64"
    )
    found["state"] = State.KNOWN.value
    found.loc[bottom == 0, "state"] = State.NOT_APPLICABLE.value
    found.loc[top.isna() | bottom.isna(), "state"] = State.MISSING.value
    if indicator.about_children:
        few = (n > 0) & (n < k)
        found.loc[few, "state"] = State.HIDDEN.value
        found.loc[few, ["numerator", "denominator", "n"]] = float("nan")
    known = found["state"] == State.KNOWN.value
    found["value"] = (found["numerator"] / found["denominator"].where(known) * indicator.factor).where(known)
    return found[["value", "numerator", "denominator", "n", "state"]]


def total(frame: pd.DataFrame) -> pd.DataFrame:
    """One row: the sums of all number columns; a column without any known value stays unknown."""
    numbers = frame.select_dtypes("number")
    return numbers.sum(min_count=1).to_frame().T.astype("float64")


def of_all(frame: pd.DataFrame, indicator: Indicator, *, k: int = CITY_K) -> pd.DataFrame:
    """The one figure of all rows together: the ratio of their sums, or the median of schools where sums mean nothing."""
    if not indicator.over_schools:
        return measure(total(frame), indicator, k=k)
    single = measure(frame, indicator, k=k)
    known = single[single["state"] == State.KNOWN.value]
    return pd.DataFrame(
        {
            "value": [known["value"].median()],
            "numerator": [float("nan")],
            "denominator": [float("nan")],
            "n": [float(len(known))],
            "state": [State.KNOWN.value if len(known) else State.MISSING.value],
        }
    )
