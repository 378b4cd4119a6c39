"""From which difference on a school stands out among its peers, by the policy of each school at the term's beginning (S48).

A rank alone says nothing: of twelve schools one is always the lowest and one the highest, by a fen or by a half.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd

from oversight.indicators import standards
from oversight.indicators.catalogue import Unit
from oversight.indicators.standards import Key
from tenants.policies.documents import Comparison

__all__ = ["Key", "Least", "Mattering", "of_frame", "of_term"]
Floats = npt.NDArray[np.float64]


class Least(NamedTuple):
    """What a policy asks of a difference."""

    percent: int = Comparison.least_difference_percent
    fen: int = Comparison.least_difference_fen
    points: int = Comparison.least_difference_points


@dataclass(frozen=True)
class Mattering:
    """For each school, in the order of a frame: the least difference in the unit of a figure, and in proportion to it."""

    absolute: Floats
    relative: Floats
    is_share: bool = False

    def holds(self, value: Floats, median: Floats) -> npt.NDArray[np.bool_]:
        """Whether both are reached. Of shares the smaller part counts: 90 of 99 is ten times as many left out as one.

        Worked, 15 % and 20 fen: 4.01 against 3.81 yuan are 5 %: no. 2.10 against 3.81 are 45 % and 1.71 yuan: yes.
        """
        base = np.minimum(np.abs(median), np.abs(100 - median)) if self.is_share else np.abs(median)
        difference = np.abs(value - median)
        return np.asarray((difference >= self.absolute - 1e-9) & (difference >= self.relative * base - 1e-9))


def of_frame(schools: pd.DataFrame, least: Mapping[Key, Least], unit: Unit) -> Mattering:
    """`schools` has district_code and kind."""
    keys = zip(schools["district_code"], schools["kind"], strict=True)
    found = np.array(
        [standards.chosen(least, district, kind) or Least() for district, kind in keys], dtype=np.float64
    )
    percent, fen, points = found.reshape(-1, 3).T
    absolute = {Unit.FEN: fen, Unit.PERCENT: points}.get(unit, np.zeros(len(percent)))
    return Mattering(absolute, percent / 100, is_share=unit is Unit.PERCENT)


def of_term(term: str) -> Mapping[Key, Least]:
    """By the scopes of the policies; empty for a term without policies, in which the defaults hold."""
    return {scope: _least(rules) for scope, rules in standards.of_term(term).items()}


def _least(rules: Comparison) -> Least:
    return Least(rules.least_difference_percent, rules.least_difference_fen, rules.least_difference_points)
