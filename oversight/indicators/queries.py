"""Figures as pages, downloads, the API and alerts ask for them: one call each, one frame of schools for many figures.

Whatever takes a frame also loads it when none is given: frames.schools, or with `needs_of(codes)` its few columns. The
figure of an area is made from its schools (measures.grouped), so that city, districts and schools always fit together.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Protocol, TypeVar

import numpy as np
import pandas as pd
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.chance import Interval, wilson
from oversight.indicators import frames, measures, standards, statistics
from oversight.indicators.ages import DataAge, SchoolLine, TermChoice, data_age, terms
from oversight.indicators.catalogue import CATALOGUE, Better, Indicator, Spread, Text
from oversight.indicators.measures import State
from oversight.indicators.standards import Rules
from oversight.scope import Scope
from oversight.selection import Selection

__all__ = [
    "DataAge", "Figure", "SchoolLine", "TermChoice", "by_district", "by_kind", "by_stage", "centre", "data_age", "figure",
    "figures", "needs_of", "of_frame", "previous_term", "ranking", "terms", "trend",
]  # fmt: skip
ABOUT: Final = list(frames.SCHOOL_ABOUT)


class _Dated(Protocol):
    @property
    def code(self) -> str: ...

    @property
    def first_date(self) -> date: ...


D = TypeVar("D", bound=_Dated)


@dataclass(frozen=True)
class Figure:
    """One indicator of one part of the city: unknown is None, and `state` says why."""

    indicator: Indicator
    value: float | None
    numerator: float | None
    denominator: float | None
    n: float | None
    state: State
    interval: Interval | None = None
    """95 % (Wilson), in percent, where the figure is a share of counts."""
    is_median: bool = False
    """Of schools; n counts them then."""
    before: float | None = None
    """The value of the term before."""

    @property
    def change(self) -> float | None:
        """Against the term before, in the unit (percentage points for shares)."""
        return None if self.value is None or self.before is None else self.value - self.before

    @property
    def n_of(self) -> Text:
        """What n counts."""
        return _("所学校") if self.is_median else self.indicator.n_of


def needs_of(codes: Collection[str]) -> frozenset[str]:
    """The columns of these indicators: frames.schools(…, needs=…)."""
    return frozenset(name for code in codes for name in CATALOGUE[code].columns)


def figure(scope: Scope, selection: Selection, code: str, *, before: str | None = None) -> Figure:
    """One figure; with `before` (a term's code, see previous_term) also what it was then. One or two statements."""
    return figures(scope, selection, [code], before=before)[code]


def figures(
    scope: Scope,
    selection: Selection,
    codes: Collection[str],
    *,
    before: str | None = None,
    frame: pd.DataFrame | None = None,
    frame_before: pd.DataFrame | None = None,
) -> dict[str, Figure]:
    """Many figures of one selection: one statement, two with the term before.

    A selection of months has no term before: other months are no comparison.
    """
    needs = needs_of(codes)
    now = frames.schools(scope, selection, needs=needs) if frame is None else frame
    if frame_before is None and before and not selection.by_month:
        frame_before = frames.schools(scope, replace(selection, term=before), needs=needs)
    return {code: of_frame(now, code, before=frame_before) for code in codes}


def of_frame(frame: pd.DataFrame, code: str, *, before: pd.DataFrame | None = None) -> Figure:
    """The one figure of a frame of schools."""
    indicator = CATALOGUE[code]
    found = _figure(measures.of_all(frame, indicator).iloc[0], indicator)
    if before is None:
        return found
    return replace(found, before=_known(measures.of_all(before, indicator).iloc[0]["value"]))


def by_district(
    scope: Scope, selection: Selection, code: str, *, frame: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row a district, in the city's order: district_code, district_name, value, numerator, denominator, n, state."""
    found = _by(scope, selection, code, ["district_position", "district_code", "district_name"], frame)
    return found.sort_values(["district_position", "district_code"], ignore_index=True)


def by_stage(
    scope: Scope, selection: Selection, code: str, *, frame: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row a stage: stage, value, numerator, denominator, n, state."""
    return _by(scope, selection, code, ["stage"], frame).sort_values("stage", ignore_index=True)


def by_kind(
    scope: Scope, selection: Selection, code: str, *, frame: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row a kind: kind, value, numerator, denominator, n, state."""
    return _by(scope, selection, code, ["kind"], frame).sort_values("kind", ignore_index=True)


def trend(
    scope: Scope, selection: Selection, code: str, *, frame: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row a month with any fact, in order: month, value, numerator, denominator, n, state.

    `frame` is frames.months, or frames.months_of_schools of one school. Raises ValueError for an indicator that the
    months don't carry (Indicator.by_month).
    """
    indicator = CATALOGUE[code]
    if not indicator.by_month:
        raise ValueError(f"{code} has no figure by month")
    if frame is None:
        is_one = bool(selection.school) or scope.only_school is not None
        frame = (frames.months_of_schools if is_one else frames.months)(scope, selection)
    return pd.concat([frame[["month"]], measures.measure(frame, indicator)], axis=1)


def centre(scope: Scope, selection: Selection, code: str) -> float | None:
    """The rate that a funnel stands on: the city's, whatever is looked at and by whom. One statement."""
    everywhere = replace(selection, district="", stage="", kind="", school="")
    return figure(Scope(districts=None, reader=scope.reader), everywhere, code).value


def ranking(
    scope: Scope,
    selection: Selection,
    code: str,
    *,
    frame: pd.DataFrame | None = None,
    city: float | None = None,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """All schools of the selection, the worst first (the highest, where neither way is good), unknown ones last.

    Columns: ABOUT, value, numerator, denominator, n, state, the funnel's limits, each school's by its own policy, and
    `flag` (statistics.funnel). `city` is the rate that they are compared with; without one it is `centre`'s. `rules` are
    the term's policies; without any they are asked for (standards.of_term).
    """
    indicator = CATALOGUE[code]
    if frame is None:
        frame = frames.schools(scope, selection, needs=indicator.columns)
    measured = measures.measure(frame, indicator)
    if city is None and indicator.spread is not Spread.NONE:
        is_whole = scope.districts is None and selection == Selection(selection.term)
        city = of_frame(frame, code).value if is_whole else centre(scope, selection, code)
    judged_by = standards.of_term(selection.term) if rules is None else rules
    lines = standards.lines_of(frame, judged_by)
    placed = statistics.funnel(measured, indicator, city, lines)
    found = pd.concat([frame[ABOUT], measured, placed], axis=1)
    is_low_first = indicator.better is Better.HIGHER
    return found.sort_values(
        ["value", "code"], ascending=[is_low_first, True], na_position="last", ignore_index=True
    )


def previous_term(term: str, known: Sequence[D]) -> D | None:
    """The term that began last before this one; None for the first, and for one that is not known."""
    this = next((each for each in known if each.code == term), None)
    if this is None:
        return None
    earlier = [each for each in known if each.first_date < this.first_date]
    return max(earlier, key=lambda each: each.first_date, default=None)


def _by(
    scope: Scope, selection: Selection, code: str, names: list[str], frame: pd.DataFrame | None
) -> pd.DataFrame:
    indicator = CATALOGUE[code]
    if frame is None:
        frame = frames.schools(scope, selection, needs=indicator.columns)
    return measures.grouped(frame, indicator, names).reset_index(names=names)


def _figure(row: "pd.Series[float]", indicator: Indicator) -> Figure:
    found = Figure(
        indicator=indicator,
        value=_known(row["value"]),
        numerator=_known(row["numerator"]),
        denominator=_known(row["denominator"]),
        n=_known(row["n"]),
        state=State(str(row["state"])),
        is_median=indicator.over_schools,
    )
    if indicator.spread is not Spread.BINOMIAL or found.numerator is None or found.denominator is None:
        return found
    ends = wilson(found.numerator, found.denominator)
    return replace(found, interval=ends and Interval(ends.low * 100, ends.high * 100))


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
