"""Fair comparison: each school against schools like it. Pure: a frame of schools in, frames of figures out.

Source: calculations.md, "Peers" (after England's school cost benchmarking). Candidates are schools of the same stage and
kind that kept the service for the whole period and whose four features are known:

    distance(a, b) = sqrt( sum over features of  weight * ((a - b) / range) ** 2 )

participants 0.5, weekly hours 0.2, share of hardship children 0.2, share of outside staff 0.1; range is the candidates'
largest less smallest (a feature in which all are alike adds nothing). The 30 nearest are the peers, ties by school code;
under 10 there is no comparison. The frame is that of the WHOLE city (indicators.frames.schools without a filter): peers
don't stop at a district's border, and who they are is shown to the bureaus only, never to a school.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from oversight.costs.mattering import Mattering

WEIGHTS: Final[Mapping[str, float]] = MappingProxyType(
    {"participants": 0.5, "weekly_hours": 0.2, "hardship_share": 0.2, "outside_share": 0.1}
)
NEAREST: Final = 30
LEAST: Final = 10
WHOLE_PERIOD: Final = 0.5
"""Of the median days of its stage and kind: a school with fewer kept the service for a part of the period only."""
TAIL: Final = 10.0
"""Percent at each end: the lowest and the highest decile."""

Floats = npt.NDArray[np.float64]


class Flag(StrEnum):
    """What the comparison says of a school, or why there is none."""

    LOW = "low"
    HIGH = "high"
    NONE = "none"
    TOO_FEW = "too_few"
    """Fewer than 10 peers whose value is known."""
    PART_PERIOD = "part_period"
    INCOMPLETE = "incomplete"
    """The school's own value or one of its features is not known."""


class Sides(StrEnum):
    """Which ends of the peers' values are a reason to look."""

    BOTH = "both"
    HIGH = "high"


@dataclass(frozen=True)
class Cost:
    """Fen a pupil hour: the sum of these columns, times 60, over the pupil minutes."""

    columns: tuple[str, ...]
    sides: Sides


COSTS: Final[Mapping[str, Cost]] = MappingProxyType(
    {
        "cost_per_pupil_hour": Cost(("staff_fen", "materials_fen", "other_fen"), Sides.BOTH),
        # Too cheap is a reason to look as well: who looks after the children?
        "staff_cost_per_pupil_hour": Cost(("staff_fen",), Sides.BOTH),
        "materials_per_pupil_hour": Cost(("materials_fen",), Sides.HIGH),
        "other_per_pupil_hour": Cost(("other_fen",), Sides.HIGH),
    }
)


@dataclass(frozen=True)
class Peers:
    """Who is whose peer, by row of the frame: found once, used for any number of values."""

    index: "pd.Index[int]"
    nearest: npt.NDArray[np.intp]
    """One line a row: places of its peers in the frame, nearest first; -1 where there are no more."""
    why_not: "pd.Series[str]"
    """Flag.NONE for a candidate, else why the row has no peers and is nobody's."""


def find(frame: pd.DataFrame) -> Peers:
    """The peers of every school of the frame."""
    features = features_of(frame)
    why_not = _why_not(frame, features)
    nearest = np.full((len(frame), NEAREST), -1, dtype=np.intp)
    by_code = np.argsort(frame["code"].to_numpy(dtype=str), kind="stable")
    candidates = by_code[(why_not == Flag.NONE.value).to_numpy()[by_code]]
    values = features.to_numpy(dtype="float64")
    groups = (frame["stage"].astype(str) + " " + frame["kind"].astype(str)).to_numpy(dtype=str)
    for group in np.unique(groups[candidates]):
        places = candidates[groups[candidates] == group]
        order = np.argsort(distances(values[places]), axis=1, kind="stable")  # ties keep the order of codes
        count = min(NEAREST, len(places) - 1)
        nearest[places, :count] = places[order[:, :count]]
    return Peers(frame.index, nearest, why_not)


def features_of(frame: pd.DataFrame) -> pd.DataFrame:
    """What makes two schools alike; NaN where a part is unknown or nothing can be divided."""
    return pd.DataFrame(
        {
            "participants": frame["participants"],
            "weekly_hours": frame["weekly_minutes"] / 60,
            "hardship_share": _share(frame["hardship_participants"], frame["participants"]),
            "outside_share": _share(frame["staff_outside"], frame["staff_contracted"]),
        },
        dtype="float64",
    )


def distances(values: Floats) -> Floats:
    """All schools of one group against all: symmetric; a school is infinitely far from itself, so never its own peer."""
    squares = np.zeros((len(values), len(values)))
    for column, weight in zip(values.T, WEIGHTS.values(), strict=True):
        width = np.ptp(column)
        if width > 0:
            squares += weight * (np.subtract.outer(column, column) / width) ** 2
    found = np.sqrt(squares)
    np.fill_diagonal(found, np.inf)
    return found


def compare(
    frame: pd.DataFrame,
    cost: str = "cost_per_pupil_hour",
    *,
    among: Peers | None = None,
    matters: Mattering | None = None,
) -> pd.DataFrame:
    """Every school's cost a pupil hour (one of COSTS) against its peers': see `compare_values`, in fen."""
    wanted = COSTS[cost]
    values = per_pupil_hour(frame, wanted.columns)
    return compare_values(values, among or find(frame), sides=wanted.sides, matters=matters)


def compare_values(
    values: "pd.Series[float]", among: Peers, *, sides: Sides = Sides.BOTH, matters: Mattering | None = None
) -> pd.DataFrame:
    """Any figure of the schools (same index as the frame) against the peers whose figure is known. Nothing is rounded.

    A flag needs a difference that `matters` besides its rank (every difference does, unless said).

    Columns: value, median, lower and upper (the peers' middle half), difference (value - median), percentile, n, decile
    and flag.
    percentile = 100 * (peers below + half of the peers that are equal) / n: 50 where all are equal. decile 1 is under
    the 10th percentile, 10 above the 90th. Where there is no comparison, only value, n and flag are there.
    """
    own: Floats = np.asarray(values, dtype=np.float64)
    theirs = np.where(among.nearest >= 0, own[among.nearest], np.nan)
    n = np.sum(~np.isnan(theirs), axis=1)
    flags = _without(own, n, among.why_not)
    compared = flags == Flag.NONE.value
    shown = np.full((len(own), 5), np.nan)
    if compared.any():
        shown[compared] = _figures(own[compared], theirs[compared], n[compared])
    found = pd.DataFrame(
        shown, index=among.index, columns=["median", "lower", "upper", "difference", "percentile"]
    )
    found.insert(0, "value", own)
    found["n"] = np.where(among.why_not.to_numpy() == Flag.NONE.value, n, 0)
    found["decile"] = _decile(shown[:, 4])
    counts = np.ones(len(own), dtype=bool) if matters is None else matters.holds(own, shown[:, 0])
    flags[counts & (shown[:, 4] > 100 - TAIL)] = Flag.HIGH.value
    if sides is Sides.BOTH:
        flags[counts & (shown[:, 4] < TAIL)] = Flag.LOW.value
    found["flag"] = flags
    return found


def peers_of(frame: pd.DataFrame, code: str) -> pd.DataFrame:
    """The frame's rows of one school's peers, nearest first; empty where it has none. Not for a school's own eyes.

    Raises KeyError for a school that is not in the frame.
    """
    places = np.flatnonzero((frame["code"] == code).to_numpy())
    if not len(places):
        raise KeyError(code)
    found = find(frame).nearest[places[0]]
    return frame.take(found[found >= 0])


def per_pupil_hour(frame: pd.DataFrame, columns: tuple[str, ...]) -> "pd.Series[float]":
    """Fen a pupil hour; unknown while a part is, or without a pupil minute (calculations.md, "Cost per pupil hour")."""
    minutes = frame["pupil_minutes"]
    spent = frame[list(columns)].sum(axis=1, skipna=False)
    return spent.astype("float64") * 60 / minutes.where(minutes > 0)


def _why_not(frame: pd.DataFrame, features: pd.DataFrame) -> "pd.Series[str]":
    days = frame["days_held"].where(frame["days_held"] > 0)
    usual = days.groupby([frame["stage"], frame["kind"]]).transform("median")
    found = pd.Series(Flag.NONE.value, index=frame.index, dtype="object")
    found[days < usual * WHOLE_PERIOD] = Flag.PART_PERIOD.value
    found[features.isna().any(axis=1) | days.isna()] = Flag.INCOMPLETE.value
    return found


def _without(own: Floats, n: npt.NDArray[np.int_], why_not: "pd.Series[str]") -> npt.NDArray[np.object_]:
    flags = why_not.to_numpy(dtype=object, copy=True)
    flags[(flags == Flag.NONE.value) & (n < LEAST)] = Flag.TOO_FEW.value
    flags[np.isnan(own)] = Flag.INCOMPLETE.value
    return flags


def _figures(own: Floats, theirs: Floats, n: npt.NDArray[np.int_]) -> Floats:
    ordered = np.sort(theirs, axis=1)  # what is not known comes last
    lower, median, upper = (_quantile(ordered, n, share) for share in (0.25, 0.5, 0.75))
    below = np.sum(theirs < own[:, None], axis=1)
    equal = np.sum(theirs == own[:, None], axis=1)
    return np.column_stack([median, lower, upper, own - median, 100 * (2 * below + equal) / (2 * n)])


def _quantile(ordered: Floats, n: npt.NDArray[np.int_], share: float) -> Floats:
    """Between the two values next to it, in proportion: what spreadsheets and pandas call a quantile."""
    place = share * (n - 1)
    under = np.floor(place).astype(np.intp)
    rows = np.arange(len(ordered))
    first, second = ordered[rows, under], ordered[rows, np.minimum(under + 1, n - 1)]
    return np.asarray(first + (second - first) * (place - under))


def _decile(percentile: Floats) -> Floats:
    """1 to 10; 10 is above the 90th percentile and 1 under the 10th, so that both ends are as wide."""
    upper = np.where(percentile > 50, np.ceil(percentile / 10), np.floor(percentile / 10) + 1)
    return np.clip(upper, 1, 10)


def _share(part: "pd.Series[float]", whole: "pd.Series[float]") -> "pd.Series[float]":
    return part / whole.where(whole > 0)
