"""Figures from frames. Pure: a frame of sums in, a frame of values out, nothing loaded and nothing rounded.

A value that can't be had says why: unknown parts (missing), nothing to divide by (not applicable), too few children, or
what would tell of too few (hidden). It is never 0 for want of data, and a school whose part is unknown is in no sum.

A frame of schools carries the decision on its counts of children (oversight/protection): whoever measures it, page, file
or API, hides the same. Other frames hide by their own numbers alone.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from oversight.indicators.catalogue import Indicator
from oversight.protection import decisions
from oversight.protection.decisions import CITY_K

PARTS: Final = ["numerator", "denominator", "n"]
Floats = npt.NDArray[np.float64]


class State(StrEnum):
    """Whether a value is there, and why not."""

    KNOWN = "known"
    MISSING = "missing"
    NOT_APPLICABLE = "not_applicable"
    HIDDEN = "hidden"


def measure(frame: pd.DataFrame, indicator: Indicator, *, k: int = CITY_K) -> pd.DataFrame:
    """One row a row of `frame`, same index: value (in the unit of the indicator, NaN unless known), numerator,
    denominator, n, state; and `repeated` for an indicator that has it. Of a hidden figure nothing is given, not even the
    parts.

    Of a frame of areas it is the ratio of their sums, in which a school with one known part alone is too; `grouped` and
    `of_all` of a frame of schools leave such a school out.
    """
    hidden = np.zeros(len(frame), dtype=bool)
    if decision := decisions.of_frame(frame):
        for column in _protected(indicator):
            hidden |= decision.hides_each(column, frame)
    found = _judged(_parts(frame, indicator), frame.index, indicator, k=k, hidden=hidden)
    if indicator.repeated is None or not set(indicator.repeated.columns) <= set(frame.columns):
        return found
    return found.assign(repeated=_numbers(indicator.repeated(frame)))


def grouped(frame: pd.DataFrame, indicator: Indicator, by: Sequence[str], *, k: int = CITY_K) -> pd.DataFrame:
    """The figure of each group of schools, indexed by `by` in order of appearance: the ratio of the sums of those schools
    whose parts are known, or the median of schools where sums mean nothing (n is how many then).
    """
    keys = [frame[name] for name in by]
    if indicator.over_schools:
        return _medians(measure(frame, indicator, k=k), keys)
    parts = pd.DataFrame(
        dict(zip(PARTS, _summable(_parts(frame, indicator)), strict=True)), index=frame.index
    )
    by_group = parts.groupby(keys, sort=False)
    sums = by_group.sum(min_count=1)
    found = (_numbers(sums[name]) for name in PARTS)
    hidden = np.zeros(len(sums), dtype=bool)
    if _protected(indicator) and decisions.of_frame(frame) is not None:
        places = {group: np.asarray(rows) for group, rows in by_group.indices.items()}
        hidden = np.array(
            [_hides(frame, parts, indicator, places[group]) for group in sums.index], dtype=bool
        )
    return _judged(Parts(*found), sums.index, indicator, k=k, hidden=hidden)


def of_all(frame: pd.DataFrame, indicator: Indicator, *, k: int = CITY_K) -> pd.DataFrame:
    """The one figure of all rows together, as one row; of no rows it is missing."""
    if indicator.over_schools and len(frame):
        everybody = pd.Series(0, index=frame.index)
        return _medians(measure(frame, indicator, k=k), [everybody]).reset_index(drop=True)
    parts = pd.DataFrame(
        dict(zip(PARTS, _summable(_parts(frame, indicator)), strict=True)), index=frame.index
    )
    hidden = np.array([_hides(frame, parts, indicator, np.arange(len(frame)))], dtype=bool)
    sums = (_sum(_numbers(parts[name])) for name in PARTS)
    return _judged(Parts(*sums), pd.RangeIndex(1), indicator, k=k, hidden=hidden)


def children(frame: pd.DataFrame, column: str = decisions.PARTICIPANTS) -> float | None:
    """How many there are in all schools of a frame that know it, for a sentence: NaN when none does, None when hidden."""
    known = frame[frame[column].notna()] if len(frame) else frame
    if known.empty:
        return float("nan")
    decision = decisions.of_frame(known)
    total = float(known[column].sum())
    hides = 0 < total < CITY_K if decision is None else decision.hides(column, known["code"])
    return None if hides else total


def _protected(indicator: Indicator) -> list[str]:
    """Its counts of children that are decided upon for all figures together."""
    return [name for name in indicator.columns if name in decisions.OF]


def _hides(frame: pd.DataFrame, parts: pd.DataFrame, indicator: Indicator, rows: "npt.NDArray[Any]") -> bool:
    """Whether the sum over those of these rows that are in it is hidden."""
    decision = decisions.of_frame(frame)
    if decision is None:
        return False
    summed = rows[parts["numerator"].notna().to_numpy()[rows]]
    codes = frame["code"].iloc[summed]
    return any(decision.hides(column, codes) for column in _protected(indicator))


def total(frame: pd.DataFrame) -> pd.DataFrame:
    """One row: the sums of all number columns; a column without any known value stays unknown."""
    numbers = frame.select_dtypes("number")
    return numbers.sum(min_count=1).to_frame().T.astype("float64")


class Parts(NamedTuple):
    """What a figure is made of, row by row."""

    numerator: Floats
    denominator: Floats
    n: Floats


def _numbers(column: "pd.Series[float]") -> Floats:
    return np.asarray(column, dtype=np.float64)


def _parts(frame: pd.DataFrame, indicator: Indicator) -> Parts:
    top, bottom = _numbers(indicator.numerator(frame)), _numbers(indicator.denominator(frame))
    return Parts(top, bottom, bottom if indicator.n is None else _numbers(indicator.n(frame)))


def _summable(parts: Parts) -> Parts:
    """The parts of those who are in a sum: both known, and no gap instead of a surplus, which is nobody else's."""
    is_in = ~np.isnan(parts.numerator) & (parts.denominator >= 0)
    return Parts(*(np.where(is_in, part, np.nan) for part in parts))


def _sum(part: Floats) -> Floats:
    """As an array of one; nothing known is not 0."""
    return np.full(1, np.nan if np.isnan(part).all() else float(np.nansum(part)))


def _judged(
    parts: Parts, index: pd.Index, indicator: Indicator, *, k: int, hidden: "npt.NDArray[np.bool_]"
) -> pd.DataFrame:
    """Parts with their state and value. The last reason that holds is the one that is said."""
    top, bottom, n = parts
    is_unknown = np.isnan(top) | np.isnan(bottom)
    state = np.full(len(top), State.KNOWN.value, dtype=object)
    state[bottom <= 0] = State.NOT_APPLICABLE.value
    state[is_unknown] = State.MISSING.value
    if indicator.may_lack_denominator:
        state[~np.isnan(top) & np.isnan(bottom)] = State.NOT_APPLICABLE.value
    few = _few(parts, indicator, k) | hidden
    state[few] = State.HIDDEN.value
    value = np.full(len(top), np.nan)
    np.divide(top, bottom, out=value, where=state == State.KNOWN.value)
    shown = {
        name: np.where(few, np.nan, part)
        for name, part in zip(PARTS, (top, bottom, n / indicator.n_per), strict=True)
    }
    return pd.DataFrame({"value": value * indicator.factor, **shown, "state": state}, index=index)


def _few(parts: Parts, indicator: Indicator, k: int) -> npt.NDArray[np.bool_]:
    few = np.zeros(len(parts.n), dtype=bool)
    if indicator.about_children:
        few |= (parts.n > 0) & (parts.n < k)
    if indicator.counts_children:
        rest = parts.denominator - parts.numerator
        few |= (parts.numerator > 0) & (parts.numerator < k) | (rest > 0) & (rest < k)
    return few


def _medians(single: pd.DataFrame, keys: "list[pd.Series[Any]]") -> pd.DataFrame:
    """Median of the known; a group without any is not applicable when none of its schools can have a value."""
    value = single["value"].groupby(keys, sort=False)
    found = pd.DataFrame({"value": value.median(), "n": value.count().astype("float64")})
    unknown = (single["state"] != State.NOT_APPLICABLE.value).groupby(keys, sort=False).any()
    found["state"] = State.KNOWN.value
    found.loc[found["n"] == 0, "state"] = State.MISSING.value
    found.loc[(found["n"] == 0) & ~unknown, "state"] = State.NOT_APPLICABLE.value
    found[["numerator", "denominator"]] = float("nan")
    return found[["value", *PARTS, "state"]]
