"""Chance: which schools lie outside of what it does alone (funnel). Pure, numpy. How sure a share is: kernel/chance.py.

Source: Spiegelhalter 2005, "Funnel plots for comparing institutional performance". calculations.md, "Funnel".
"""

from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from afterbell.kernel.chance import Z95
from oversight.indicators.catalogue import Indicator, Spread
from oversight.indicators.measures import State

Floats = npt.NDArray[np.float64]
Z998: Final = 3.09
TAIL95: Final = 0.025
TAIL998: Final = 0.001
"""Probability beyond each limit, on each side."""
EXACT_BELOW: Final = 30.0
"""While a count varies by less than this (variance), the normal curve flags small schools for noise: exact then."""
LIMITS: Final = ("lower95", "upper95", "lower998", "upper998")


LEAST_PEOPLE: Final = 3
"""Distinct people that a high count of voices must rest on before a school is flagged for it."""


class Flag(StrEnum):
    """Where a school lies. A warning is for one in twenty by chance alone, a flag for one in five hundred."""

    INSIDE = "inside"
    WARN_LOW = "warn_low"
    WARN_HIGH = "warn_high"
    FLAG_LOW = "flag_low"
    FLAG_HIGH = "flag_high"


def funnel(measured: pd.DataFrame, indicator: Indicator, city: float | None) -> pd.DataFrame:
    """Limits at each row's own n, and where the row lies; same index.

    `measured` is measures.measure's frame, `city` the rate that all are compared with, in the indicator's unit. Columns:
    lower95, upper95, lower998, upper998 (in the unit; NaN without a denominator) and flag. Nothing is flagged without a
    city rate, for an unknown value, and for an indicator whose spread is not one of counts.
    """
    found = limits(indicator, city, measured["denominator"].to_numpy(dtype="float64"))
    found.index = measured.index
    known = (measured["state"] == State.KNOWN.value).to_numpy()
    value = measured["value"].where(known).to_numpy(dtype="float64")
    # A count of exactly the limit lies inside; the slack takes what dividing and multiplying again costs.
    slack = 1e-9 * indicator.factor
    flag = np.full(len(found), Flag.INSIDE.value, dtype=object)
    flag[value < found["lower95"].to_numpy() - slack] = Flag.WARN_LOW.value
    flag[value > found["upper95"].to_numpy() + slack] = Flag.WARN_HIGH.value
    flag[value < found["lower998"].to_numpy() - slack] = Flag.FLAG_LOW.value
    flag[_of_people(measured, value, indicator) > found["upper998"].to_numpy() + slack] = Flag.FLAG_HIGH.value
    found["flag"] = flag
    return found


def _of_people(measured: pd.DataFrame, value: Floats, indicator: Indicator) -> Floats:
    """The value by distinct people, 0 where they are too few; the value itself where nobody is counted twice."""
    if indicator.repeated is None or "repeated" not in measured:
        return value
    people = measured["numerator"].to_numpy(dtype="float64") - measured["repeated"].fillna(0).to_numpy(
        dtype="float64"
    )
    whole = measured["denominator"].to_numpy(dtype="float64")
    rate = np.divide(people * indicator.factor, whole, out=np.full(len(value), np.nan), where=whole > 0)
    return np.where(people >= LEAST_PEOPLE, rate, 0.0)


def limits(indicator: Indicator, city: float | None, n: npt.ArrayLike) -> pd.DataFrame:
    """The funnel's four lines at these n (denominators), in the unit of the indicator: for drawing too.

    Binomial for shares, Poisson for counts per 1,000. With x the count at the city's rate: the normal limits
    n·rate ± 1.96 and 3.09 standard deviations where x varies by 30 or more, else exactly the last counts that chance
    still reaches: lower = least c with P(x ≤ c) > 2.5 % (0.1 %), upper = largest c with P(x ≥ c) > 2.5 % (0.1 %).
    Worked: 40 children at 1.25 complaints a hundred are 0.5 expected; up to 4 of them lie inside of the outer limit.
    """
    sizes = np.asarray(n, dtype="float64")
    found = pd.DataFrame(np.nan, index=range(len(sizes)), columns=list(LIMITS), dtype="float64")
    if city is None or not np.isfinite(city) or indicator.spread is Spread.NONE:
        return found
    rate = max(float(city) / indicator.factor, 0.0)
    if indicator.spread is Spread.BINOMIAL:
        rate = min(rate, 1.0)
    some = sizes > 0
    n, places = np.unique(sizes[some], return_inverse=True)
    for bounds, low, high in zip(_counts(rate, n, indicator.spread), LIMITS[::2], LIMITS[1::2], strict=True):
        for name, count in zip((low, high), bounds, strict=True):
            found.loc[some, name] = (count / n * indicator.factor)[places]
    return found


Bounds = tuple[Floats, Floats]
"""The least and the largest count inside, at each n."""


def _counts(rate: float, n: Floats, spread: Spread) -> tuple[Bounds, Bounds]:
    """Of the inner and of the outer limits."""
    is_share = spread is Spread.BINOMIAL
    variance = n * rate * (1 - rate if is_share else 1.0)
    most = n if is_share else np.full_like(n, np.inf)
    inner, outer = (_normal(n * rate, z * np.sqrt(variance), most) for z in (Z95, Z998))
    small = variance < EXACT_BELOW
    if small.any():
        for (least, largest), exact in zip((inner, outer), _exact(rate, n[small], spread), strict=True):
            least[small], largest[small] = exact
    return inner, outer


def _normal(mean: Floats, half: Floats, most: Floats) -> Bounds:
    return np.maximum(mean - half, 0.0), np.minimum(mean + half, most)


def _exact(rate: float, n: Floats, spread: Spread) -> tuple[Bounds, Bounds]:
    """By the distribution itself, added up from the rarer outcome's end."""
    is_turned = spread is Spread.BINOMIAL and rate > 0.5
    below = np.cumsum(_chances(1 - rate if is_turned else rate, n, spread), axis=1)
    above = 1.0 - np.hstack([np.zeros((len(n), 1)), below[:, :-1]])

    def bounds(tail: float) -> Bounds:
        least = (below <= tail).sum(axis=1).astype("float64")
        most = (above > tail).sum(axis=1).astype("float64") - 1
        return (n - most, n - least) if is_turned else (least, most)

    return bounds(TAIL95), bounds(TAIL998)


def _chances(rate: float, n: Floats, spread: Spread) -> Floats:
    """P(0), P(1), … of each n, as far as 12 standard deviations above the largest mean."""
    mean = float(n.max()) * rate
    counts = np.arange(int(mean + 12 * np.sqrt(mean)) + 20, dtype="float64")
    if rate == 0:
        return np.tile((counts == 0).astype("float64"), (len(n), 1))
    expected = n[:, None] * rate
    factorials = np.concatenate([[0.0], np.cumsum(np.log(counts[1:]))])
    if spread is Spread.POISSON:
        return np.asarray(np.exp(counts * np.log(expected) - expected - factorials))
    left = np.maximum(n[:, None] - counts[:-1], 0.0)
    with np.errstate(divide="ignore"):
        ways = np.hstack([np.zeros((len(n), 1)), np.cumsum(np.log(left), axis=1)]) - factorials
    tries = np.maximum(n[:, None] - counts, 0.0)
    return np.asarray(np.exp(ways + counts * np.log(rate) + tries * np.log1p(-rate)))
