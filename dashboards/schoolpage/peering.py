"""One school's figures against its peers' and against chance. Pure: the city's frame in, a few numbers of one school out.

What comes out names nobody but the school itself: median, middle half and number of its peers, so that the school may
see it too (dashboards.own).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pandas as pd

from afterbell.pages.sheets import Cell
from dashboards.frame import breakdown, words
from oversight.costs import mattering, peers
from oversight.costs.mattering import Key, Least
from oversight.costs.peers import Flag, Peers, Sides
from oversight.indicators import measures
from oversight.indicators import queries as indicators
from oversight.indicators.catalogue import CATALOGUE, Better, Indicator
from oversight.indicators.measures import State
from oversight.indicators.standards import Rules
from oversight.indicators.statistics import Flag as Chance

SUPERVISED: Final = (
    "participation", "five_day_share", "attendance", "handover_complete", "staff_ratio", "checks_valid", "satisfaction",
    "response_rate", "fee_to_cap", "fee_per_month", "fee_per_class_hour", "cost_per_pupil_hour",
    "staff_cost_per_pupil_hour", "collected", "statements_on_time", "complaints_per_1000", "complaints_in_time",
)  # fmt: skip
"""The main indicators, for who supervises and for the school itself."""
PRICED: Final = (
    "fee_to_cap", "fee_per_month", "fee_per_class_hour", "cost_per_pupil_hour", "staff_cost_per_pupil_hour",
    "staff_share", "materials_share", "waived", "collected", "paid_ahead", "surplus_returned", "statements_on_time",
)  # fmt: skip
"""For the price officer, who sees costs and never children."""
ONE_SIDED: Final = frozenset({"materials_share", "fee_to_cap", "fee_per_month", "fee_per_class_hour"})
"""Only the high end is a reason to look (calculations.md: materials and other); cheap for families is none."""
CHANCES: Final = ("participation", "satisfaction", "complaints_per_1000")
"""Rates that the dashboards' funnels show too."""
GOOD_ENDS: Final = frozenset({(Flag.HIGH, Better.HIGHER), (Flag.LOW, Better.LOWER)})
BAD_CHANCES: Final = frozenset(
    {
        (Chance.FLAG_LOW, Better.HIGHER),
        (Chance.FLAG_HIGH, Better.LOWER),
        (Chance.FLAG_LOW, Better.NEITHER),
        (Chance.FLAG_HIGH, Better.NEITHER),
    }
)
FEATURES: Final = frozenset(
    {
        "participants",
        "weekly_minutes",
        "hardship_participants",
        "staff_outside",
        "staff_contracted",
        "days_held",
    }
)


@dataclass(frozen=True)
class Position:
    """Where one figure of the school stands among its peers."""

    indicator: Indicator
    own: Cell
    n_own: Cell
    was: Cell
    """In the term before."""
    median: float | None
    lower: float | None
    upper: float | None
    n: int
    percentile: float | None
    flag: Flag
    chance: Chance | None = None
    """Where the funnel puts it; None for figures without one."""

    @property
    def is_compared(self) -> bool:
        return self.median is not None

    @property
    def is_favourable(self) -> bool:
        """At the end of its peers' values that the catalogue calls good."""
        return self.chance is None and (self.flag, self.indicator.better) in GOOD_ENDS

    @property
    def is_flagged(self) -> bool:
        """At an end of its peers' values that is a reason to look: either one where neither way is good.

        What chance does to a figure is judged by the funnel alone, as on every page: peers are shown beside it.
        """
        return self.chance is None and self.flag in (Flag.LOW, Flag.HIGH) and not self.is_favourable

    @property
    def is_beyond_chance(self) -> bool:
        return self.chance is not None and (self.chance, self.indicator.better) in BAD_CHANCES

    @property
    def stands_out(self) -> bool:
        return self.is_flagged or self.is_beyond_chance


def needs(codes: Sequence[str]) -> frozenset[str]:
    """Columns of the city's frame."""
    return indicators.needs_of(codes) | FEATURES | {"pupils_on_roll", "fee_fen", "cap_fen"}


def positions(
    city: pd.DataFrame,
    code: str,
    codes: Sequence[str],
    *,
    rules: Rules,
    before: pd.DataFrame | None = None,
    least: Mapping[Key, Least] | None = None,
) -> list[Position]:
    """`city` holds all schools: peers and the rate of the funnels are found in it.

    `rules` (indicators.standards) say how far out the funnel's limits lie, `least` (costs.mattering) which differences
    matter.
    """
    circle, among = around(city, code)
    own = circle.iloc[[0]]
    return [
        replace(
            _position(CATALOGUE[each], circle, among, before, least or {}),
            chance=_chance(CATALOGUE[each], own, city, rules),
        )
        for each in codes
    ]


def around(city: pd.DataFrame, code: str) -> tuple[pd.DataFrame, Peers]:
    """The school's row and those of its peers, nearest first, and who is whose peer in it: the school alone has any.

    A page compares one school in many figures; comparing all schools in each would take a hundred times as long.
    """
    everybody = peers.find(city)
    place = int(np.flatnonzero((city["code"] == code).to_numpy())[0])
    theirs = everybody.nearest[place]
    theirs = theirs[theirs >= 0]
    circle = city.take([place, *theirs])
    nearest = np.full((len(circle), peers.NEAREST), -1, dtype=np.intp)
    nearest[0, : len(theirs)] = np.arange(1, len(theirs) + 1)
    return circle, Peers(circle.index, nearest, everybody.why_not.loc[circle.index])


def why_not(positions: Sequence[Position]) -> Flag | None:
    """Why nothing could be compared; None when something was."""
    if any(each.is_compared for each in positions):
        return None
    flags = [each.flag for each in positions]
    return next((flag for flag in (Flag.PART_PERIOD, Flag.TOO_FEW) if flag in flags), Flag.INCOMPLETE)


def _position(
    indicator: Indicator,
    circle: pd.DataFrame,
    among: Peers,
    before: pd.DataFrame | None,
    least: Mapping[Key, Least],
) -> Position:
    measured = measures.measure(circle, indicator)
    sides = Sides.HIGH if indicator.code in ONE_SIDED else Sides.BOTH
    matters = mattering.of_frame(circle, least, indicator.unit)
    found = peers.compare_values(measured["value"], among, sides=sides, matters=matters).iloc[0]
    own = measured.iloc[0]
    state, n = str(own["state"]), float(own["n"])
    return Position(
        indicator=indicator,
        own=words.cell(own["value"], state),
        n_own=words.cell(n, State.KNOWN.value if n == n else state),
        was=_before(indicator, before),
        median=_known(found["median"]),
        lower=_known(found["lower"]),
        upper=_known(found["upper"]),
        n=int(found["n"]),
        percentile=_known(found["percentile"]),
        flag=Flag(str(found["flag"])),
    )


def _chance(indicator: Indicator, own: pd.DataFrame, city: pd.DataFrame, rules: Rules) -> Chance | None:
    """Against the city's rate, as in the dashboards' funnels; None for what has no funnel there, or no value."""
    if indicator.code not in CHANCES:
        return None
    rate = breakdown.whole(city, indicator).value
    placed = breakdown.compared(own, indicator, centre=rate, rules=rules).iloc[0]
    return Chance(str(placed["flag"])) if rate is not None and placed["state"] == State.KNOWN.value else None


def _before(indicator: Indicator, before: pd.DataFrame | None) -> Cell:
    if before is None or before.empty:
        return None
    was = measures.measure(before, indicator).iloc[0]
    return words.cell(was["value"], str(was["state"]))


def _known(value: float) -> float | None:
    return None if value != value else float(value)
