"""Where to look first: schools outside of chance in a bad way, and schools that improved by more than chance. Pure.

Both tell their reason with numbers. The change of a school between two terms is measured in standard errors:
shares (p₁ − p₀) ÷ √(p(1 − p)(1/n₁ + 1/n₀)) with the pooled p; rates (r₁ − r₀) ÷ √(r(1/n₁ + 1/n₀)) with the pooled r
(the usual two-sample tests, normal approximation); what is within the inner limit of the school's own policy (1.96 where
none says another) is not told, so that small schools are not praised for noise.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd
from django.utils.translation import gettext as _

from dashboards.frame import breakdown, words
from oversight.indicators import measures, standards
from oversight.indicators.catalogue import CATALOGUE, Better, Indicator, Spread
from oversight.indicators.measures import State
from oversight.indicators.standards import Rules
from oversight.indicators.statistics import Flag
from oversight.redlines.queries import RuleCount

JUDGED: Final = tuple(
    CATALOGUE[code]
    for code in ("complaints_per_1000", "satisfaction", "complaints_in_time", "statements_on_time")
)
"""Indicators with a good and a bad direction, whose chance is known."""
MOST: Final = 3
FEW: Final = 20
"""Below this n in one of the terms a change is not told."""


@dataclass(frozen=True)
class Look:
    """One line: a school and why."""

    code: str
    name: str
    district: str
    reasons: tuple[str, ...]


def worst(
    schools: pd.DataFrame,
    alerts: Mapping[str, Sequence[RuleCount]],
    *,
    city: pd.DataFrame,
    rules: Rules,
    most: int = MOST,
) -> list[Look]:
    """Schools with red alerts or with a figure beyond the outer limit on the bad side; the most and the farthest first.

    `city` holds all schools, for the rate that each is compared with; `rules` are the term's (indicators.standards).
    """
    reasons: dict[str, list[str]] = {}
    weight: dict[str, float] = {}
    for indicator in JUDGED:
        everywhere = breakdown.whole(city, indicator)
        placed = breakdown.compared(schools, indicator, centre=everywhere.value, rules=rules)
        bad = placed[placed["flag"] == _bad(indicator)]
        average = words.value(indicator, everywhere.cell)
        edge = bad["upper_flag"] if indicator.better is Better.LOWER else bad["lower_flag"]
        far = ((bad["value"] - edge).abs() / edge.where(edge > 0, 1.0)).clip(upper=9.0)
        for place, value, distance in zip(bad.index, bad["value"], far, strict=True):
            code = str(schools.loc[place, "code"])
            about = {"name": indicator.name, "value": words.value(indicator, value), "city": average}
            reasons.setdefault(code, []).append(_("%(name)s %(value)s（全市平均 %(city)s）") % about)
            weight[code] = weight.get(code, 0.0) + 10.0 + float(distance)
    for code, counts in alerts.items():
        for one in counts:
            if one.red:
                reasons.setdefault(code, []).append(
                    _("红线：%(rule)s（%(n)s 条）") % {"rule": one.rule.name, "n": one.red}
                )
                weight[code] = weight.get(code, 0.0) + 12.0 * one.red
    chosen = sorted(weight, key=lambda code: (-weight[code], code))[:most]
    return _lines(schools, [(code, reasons[code]) for code in chosen])


def improved(
    schools: pd.DataFrame, before: pd.DataFrame | None, *, rules: Rules, most: int = MOST
) -> list[Look]:
    """Schools of both terms whose figure became better by more than chance; the surest first, one reason a school."""
    if before is None or schools.empty or before.empty:
        return []
    found: dict[str, tuple[float, str]] = {}
    asked = pd.Series([one.warn for one in standards.lines_of(schools, rules)], index=schools["code"])
    for indicator in JUDGED:
        now, then = (
            measures.measure(frame, indicator).set_index(frame["code"]) for frame in (schools, before)
        )
        both = now.join(then.add_suffix("_then"), how="inner")
        both["sure"] = _errors(both, indicator)
        told_of = both.loc[both["sure"] >= asked.reindex(both.index), ["value", "value_then", "sure"]]
        for code, value, then_value, size in told_of.itertuples(name=None):
            about = {
                "name": indicator.name, "then": words.value(indicator, then_value), "now": words.value(indicator, value),
            }  # fmt: skip
            told = _("%(name)s：%(then)s → %(now)s") % about
            found[str(code)] = max(found.get(str(code), (0.0, "")), (float(size), told))
    chosen = sorted(found, key=lambda code: (-found[code][0], code))[:most]
    return _lines(schools, [(code, [found[code][1]]) for code in chosen])


def _errors(both: pd.DataFrame, indicator: Indicator) -> "pd.Series[float]":
    """The improvement in standard errors, NaN where it can't be told."""
    known = (both["state"] == State.KNOWN.value) & (both["state_then"] == State.KNOWN.value)
    known &= (both["denominator"] >= FEW) & (both["denominator_then"] >= FEW)
    rows = both[known]
    n_now, n_then = rows["denominator"], rows["denominator_then"]
    pooled = (rows["numerator"] + rows["numerator_then"]) / (n_now + n_then)
    spread = pooled if indicator.spread is Spread.POISSON else pooled * (1 - pooled)
    error = np.sqrt(spread * (1 / n_now + 1 / n_then))
    step = rows["numerator"] / n_now - rows["numerator_then"] / n_then
    sign = 1.0 if indicator.better is Better.HIGHER else -1.0
    sure: pd.Series[float] = (sign * step / error.where(error > 0)).dropna()
    return sure


def _bad(indicator: Indicator) -> str:
    return (Flag.FLAG_HIGH if indicator.better is Better.LOWER else Flag.FLAG_LOW).value


def _lines(schools: pd.DataFrame, chosen: Sequence[tuple[str, Sequence[str]]]) -> list[Look]:
    about = schools.set_index("code")
    return [
        Look(code, str(about.loc[code, "name"]), str(about.loc[code, "district_name"]), tuple(reasons))
        for code, reasons in chosen
        if code in about.index
    ]
