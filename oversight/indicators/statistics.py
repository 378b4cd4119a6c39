"""Chance: which schools lie outside of what it does alone (funnel). Pure, numpy. How sure a share is: kernel/chance.py.

Source: Spiegelhalter 2005, "Funnel plots for comparing institutional performance". calculations.md, "Funnel". How far out
the limits lie is the policy's (S48); standards.py says which policy judges which school.
"""

from collections import defaultdict
from collections.abc import Sequence
from enum import StrEnum
from math import erfc, sqrt
from typing import Final, NamedTuple, Self

import numpy as np
import numpy.typing as npt
import pandas as pd

from oversight.indicators.catalogue import Indicator, Spread
from oversight.indicators.measures import State
from tenants.policies.documents import Comparison

Floats = npt.NDArray[np.float64]
EXACT_BELOW: Final = 30.0
"""While a count varies by less than this (variance), the normal curve flags small schools for noise: exact then."""
LIMITS: Final = ("lower_warn", "upper_warn", "lower_flag", "upper_flag")
Z: Final = ("z_warn", "z_flag")
"""Which limits a row was judged by: Lines."""

LEAST_PEOPLE: Final = 3
"""Distinct people that a high count of voices must rest on before a school is flagged for it."""


class Lines(NamedTuple):
    """How many standard deviations from the city's rate the inner and the outer limit lie: by chance alone one in twenty is
    beyond 1.96, one in five hundred beyond 3.09, which hold where no policy says other ones."""

    warn: float = 1.96
    flag: float = 3.09

    @classmethod
    def of(cls, rules: Comparison | None) -> Self:
        """Of a policy in force; None without any."""
        return cls(rules.warn_z_hundredths / 100, rules.flag_z_hundredths / 100) if rules else cls()


def tail(z: float) -> float:
    """The normal distribution's probability beyond z, on one side. Worked: 1.96 → 0.0250, 3.09 → 0.0010."""
    return 0.5 * erfc(z / sqrt(2))


def inside(z: float) -> str:
    """What lies within ± z by chance alone, in percent, to two digits of what does not.

    Worked: 1.5 → 87%, 1.96 → 95%, 2.5 → 98.8%, 3.09 → 99.8%, 4.5 → 99.99932%.
    """
    beyond = 200 * tail(z)
    places = next(places for places in range(20) if beyond >= 10 ** (1 - places))
    text = f"{100 - beyond:.{places}f}"
    return f"{text.rstrip('0').rstrip('.') if places else text}%"


class Flag(StrEnum):
    """Where a school lies: a warning beyond the inner limits, a flag beyond the outer ones (Lines)."""

    INSIDE = "inside"
    WARN_LOW = "warn_low"
    WARN_HIGH = "warn_high"
    FLAG_LOW = "flag_low"
    FLAG_HIGH = "flag_high"


def funnel(
    measured: pd.DataFrame, indicator: Indicator, city: float | None, lines: Sequence[Lines]
) -> pd.DataFrame:
    """Limits at each row's own n and by its own policy, and where the row lies; same index.

    `measured` is measures.measure's frame, `city` the rate that all are compared with, in the indicator's unit, `lines`
    one a row (standards.lines_of). Columns: LIMITS (in the unit; NaN without a denominator), Z and flag. Nothing is flagged
    without a city rate, for an unknown value, and for an indicator whose spread is not one of counts.
    """
    found = _limits_of_each(indicator, city, measured["denominator"].to_numpy(dtype="float64"), lines)
    found.index = measured.index
    known = (measured["state"] == State.KNOWN.value).to_numpy()
    value = measured["value"].where(known).to_numpy(dtype="float64")
    # A count of exactly the limit lies inside; the slack takes what dividing and multiplying again costs.
    slack = 1e-9 * indicator.factor
    flag = np.full(len(found), Flag.INSIDE.value, dtype=object)
    flag[value < found["lower_warn"].to_numpy() - slack] = Flag.WARN_LOW.value
    flag[value > found["upper_warn"].to_numpy() + slack] = Flag.WARN_HIGH.value
    flag[value < found["lower_flag"].to_numpy() - slack] = Flag.FLAG_LOW.value
    flag[_of_people(measured, value, indicator) > found["upper_flag"].to_numpy() + slack] = (
        Flag.FLAG_HIGH.value
    )
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


def _limits_of_each(
    indicator: Indicator, city: float | None, n: Floats, lines: Sequence[Lines]
) -> pd.DataFrame:
    """A city has few policies: the limits are calculated once for each."""
    judged: dict[Lines, list[int]] = defaultdict(list)
    for place, one in enumerate(lines):
        judged[one].append(place)
    found = np.full((len(n), len(LIMITS)), np.nan)
    for one, places in judged.items():
        found[places] = limits(indicator, city, n[places], one).to_numpy()
    frame = pd.DataFrame(found, columns=list(LIMITS), dtype="float64")
    return frame.assign(**{name: [one[place] for one in lines] for place, name in enumerate(Z)})


def limits(indicator: Indicator, city: float | None, n: npt.ArrayLike, lines: Lines) -> pd.DataFrame:
    """The funnel's four lines of one policy at these n (denominators), in the unit of the indicator: for drawing too.

    Binomial for shares, Poisson for counts per 1,000. With x the count at the city's rate: the normal limits
    n·rate ± z standard deviations (inner and outer z: `lines`) where x varies by 30 or more, else exactly the last counts
    that chance still reaches: lower = least c with P(x ≤ c) > tail(z), upper = largest c with P(x ≥ c) > tail(z); of 1.96
    and 3.09 that is 2.5 % and 0.1 %.
    Worked: 40 children at 1.25 complaints a hundred are 0.5 expected; up to 4 of them lie inside of 3.09.
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
    for bounds, low, high in zip(
        _counts(rate, n, indicator.spread, lines), LIMITS[::2], LIMITS[1::2], strict=True
    ):
        for name, count in zip((low, high), bounds, strict=True):
            found.loc[some, name] = (count / n * indicator.factor)[places]
    return found


Bounds = tuple[Floats, Floats]
"""The least and the largest count inside, at each n."""


def _counts(rate: float, n: Floats, spread: Spread, lines: Lines) -> tuple[Bounds, Bounds]:
    """Of the inner and of the outer limits."""
    is_share = spread is Spread.BINOMIAL
    variance = n * rate * (1 - rate if is_share else 1.0)
    most = n if is_share else np.full_like(n, np.inf)
    inner, outer = (_normal(n * rate, z * np.sqrt(variance), most) for z in lines)
    small = variance < EXACT_BELOW
    if small.any():
        for (least, largest), exact in zip(
            (inner, outer), _exact(rate, n[small], spread, lines), strict=True
        ):
            least[small], largest[small] = exact
    return inner, outer


def _normal(mean: Floats, half: Floats, most: Floats) -> Bounds:
    return np.maximum(mean - half, 0.0), np.minimum(mean + half, most)


def _exact(rate: float, n: Floats, spread: Spread, lines: Lines) -> tuple[Bounds, Bounds]:
    """By the distribution itself, added up from the rarer outcome's end."""
    is_turned = spread is Spread.BINOMIAL and rate > 0.5
    below = np.cumsum(_chances(1 - rate if is_turned else rate, n, spread), axis=1)
    above = 1.0 - np.hstack([np.zeros((len(n), 1)), below[:, :-1]])

    def bounds(rare: float) -> Bounds:
        least = (below <= rare).sum(axis=1).astype("float64")
        most = (above > rare).sum(axis=1).astype("float64") - 1
        return (n - most, n - least) if is_turned else (least, most)

    return bounds(tail(lines.warn)), bounds(tail(lines.flag))


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
