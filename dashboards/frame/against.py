"""A figure of some schools against the term before: of the schools that both terms have, and whether it matters. Pure.

A school that joins brings its own figures along; the others have not changed by that. So a change is told of the schools
with the figure in both terms, and says so where there are others; none is told where it would give away what is hidden.
"""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _

from afterbell.pages.sheets import Sign
from dashboards.frame import breakdown, words
from oversight.costs import mattering
from oversight.costs.mattering import Key, Least
from oversight.indicators import measures
from oversight.indicators.catalogue import Indicator
from oversight.indicators.measures import State
from oversight.indicators.statistics import LEAST_PEOPLE


class Common(NamedTuple):
    """The schools that have the figure in both terms, in both."""

    now: pd.DataFrame
    before: pd.DataFrame
    n: int | None
    """How many they are where not all of a term's; None where they are all."""

    def told(self, change: str) -> str:
        """Of whom the change is."""
        if self.n is None or not change:
            return change
        return _("%(change)s（只比两个学期都有数据的 %(n)s 所学校）") % {"change": change, "n": f"{self.n:,}"}


class Step(NamedTuple):
    """A change in words, its direction as words.difference has it, and whether it is one that matters."""

    words: str = ""
    direction: str = ""
    matters: bool = False


def common(indicator: Indicator, now: pd.DataFrame, before: pd.DataFrame | None) -> Common | None:
    """None without a term before, without a school that both have, and where a hidden school is in one term alone.

    The figure of all and that of all but one tell of the one: for a hidden school there is no second figure.
    """
    if before is None:
        return None
    here, there = _states(now, indicator), _states(before, indicator)
    if here.keys() == there.keys():
        return Common(now, before, None)
    both, alone = here.keys() & there.keys(), here.keys() ^ there.keys()
    if not both or any({**here, **there}[code] == State.HIDDEN.value for code in alone):
        return None
    return Common(now[now["code"].isin(both)], before[before["code"].isin(both)], len(both))


def step(
    indicator: Indicator,
    now: pd.DataFrame,
    before: pd.DataFrame | None,
    *,
    least: Mapping[Key, Least] | None = None,
    same_days: bool = False,
) -> Step:
    """`least` as costs.mattering has it. Worked: 2.10 and 2.10 yuan, and a third school that joins at 0.50: no change."""
    schools = common(indicator, now, before)
    if schools is None:
        return Step()
    later, earlier = (breakdown.whole(frame, indicator) for frame in (schools.now, schools.before))
    change, direction = words.difference(indicator, later.cell, earlier.cell, same_days=same_days)
    if isinstance(later.cell, Sign) or isinstance(earlier.cell, Sign) or not change:
        return Step()
    value, was = float(later.found["value"]), float(earlier.found["value"])
    matters = mattering.of_frame(schools.now, least or {}, indicator.unit)
    ends = (np.full(len(schools.now), end) for end in (value, was))
    is_much = bool(matters.holds(*ends).all()) and _is_of_people(indicator, later, value - was)
    return Step(schools.told(change), direction, is_much)


def _is_of_people(indicator: Indicator, later: breakdown.Group, by: float) -> bool:
    """Where cases are counted, a change of fewer than three is chance (statistics.LEAST_PEOPLE)."""
    if indicator.repeated is None:
        return True
    value, cases = float(later.found["value"]), float(later.found["numerator"])
    return value == 0 or abs(by) / value * cases >= LEAST_PEOPLE


def _states(frame: pd.DataFrame, indicator: Indicator) -> dict[str, str]:
    """The schools that have the figure, shown or hidden."""
    if frame.empty:
        return {}
    states = dict(zip(frame["code"], measures.measure(frame, indicator)["state"], strict=True))
    return {code: state for code, state in states.items() if state in (State.KNOWN.value, State.HIDDEN.value)}
