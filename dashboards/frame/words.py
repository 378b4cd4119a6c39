"""Figures in words and cells: one rounding, one unit, and the symbol where there is none."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any, Final

import numpy as np
import pandas as pd
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.pages import sheets, values
from afterbell.pages.figures import Note
from afterbell.pages.sheets import Cell, Column, Kind, Sign
from afterbell.pages.values import those as those  # dashboards say it as words.those
from oversight.indicators.catalogue import Indicator, Unit
from oversight.indicators.measures import State
from oversight.protection.decisions import CITY_K

KINDS: Final = {
    Unit.PERCENT: Kind.PERCENT,
    Unit.FEN: Kind.YUAN,
    Unit.SCORE: Kind.HUNDREDTH,
    Unit.PER_1000: Kind.TENTH,
    Unit.PUPILS: Kind.TENTH,
}
UNITS: Final[dict[Unit, str | Promise]] = {
    Unit.PERCENT: "%",
    Unit.FEN: gettext_lazy("元"),
    Unit.SCORE: gettext_lazy("分"),
    Unit.PER_1000: gettext_lazy("件"),
    Unit.PUPILS: gettext_lazy("人"),
}
SIGNS: Final = {
    State.MISSING.value: Sign.NOT_AVAILABLE,
    State.NOT_APPLICABLE.value: Sign.NOT_APPLICABLE,
    State.HIDDEN.value: Sign.HIDDEN,
}


def protection() -> Note:
    """What is hidden, from whom, and how far that goes."""
    return Note(
        _("保护"),
        _("参加或未参加的不足 %(k)s 人时，数字不显示。为了让看得到市级各页、文件和接口的人也算不出来，另有一些数一并不显示："
          "每个不显示的数至少还有 %(left)s 种可能，人数更少时为全部可能。本校的人知道本校的数，不在此列。")
        % {"k": CITY_K, "left": max(2, CITY_K - 1)},
    )  # fmt: skip


def column(indicator: Indicator, label: str = "") -> Column:
    """The indicator's column, named by its unit."""
    return Column(label or indicator.name, KINDS[indicator.unit], UNITS[indicator.unit])


def cells(measured: pd.DataFrame, name: str = "value") -> list[Cell]:
    """A column of measures.measure as cells: a number, or the sign for its state."""
    return [
        cell(value, state)
        for value, state in zip(measured[name].tolist(), measured["state"].tolist(), strict=True)
    ]


def counts(column: "pd.Series[float]") -> list[Cell]:
    """A column of counts as cells; what is not known is x."""
    return [cell(value) for value in column.tolist()]


def cell(value: Any, state: str = State.KNOWN.value) -> Cell:
    """One number of a frame (float, whole fen, None, NaN or NA), or the sign for its state."""
    if state != State.KNOWN.value:
        return SIGNS[state]
    if pd.isna(value):
        return Sign.NOT_AVAILABLE
    return int(value) if isinstance(value, np.integer) else value


def children(counted: float | None) -> Cell:
    """Of measures.children: a number, or the sign for why there is none."""
    return Sign.HIDDEN if counted is None else cell(counted)


def to_draw(found: Cell) -> float | None:
    """For figures: a number, or a gap."""
    return float(found) if isinstance(found, int | float | Decimal) else None


def numbers(pairs: Iterable[tuple[Cell, Cell]]) -> list[tuple[str, float]]:
    """Of (name, cell), those with a number."""
    drawn = ((str(name), to_draw(found)) for name, found in pairs)
    return [(name, value) for name, value in drawn if value is not None]


def count(value: Cell) -> str:
    """1,234, or the sign for why there is none."""
    return sheets.shown(value if isinstance(value, Sign) else cell(value), Column("", Kind.WHOLE))


def number(indicator: Indicator, found: Cell) -> str:
    """Without its unit: 86.0 · 3.20 · x."""
    return sheets.shown(found, column(indicator)).removesuffix("%")


def value(indicator: Indicator, found: Cell) -> str:
    """With its unit: 86.0% · 3.20 元 · 2.1 件; a symbol with its word."""
    text = sheets.shown(found, column(indicator))
    if isinstance(found, Sign):
        return _("%(sign)s（%(word)s）") % {"sign": text, "word": values.LEGEND[text]}
    return text if indicator.unit is Unit.PERCENT else f"{text} {UNITS[indicator.unit]}"


def difference(indicator: Indicator, now: Cell, before: Cell, *, same_days: bool = False) -> tuple[str, str]:
    """The change in words and its direction: ("1.2 个百分点", "up"); empty when one of the two is not known.

    It is the difference of what is shown, so that a reader who subtracts gets the same. `same_days` says that of the term
    before only as many days are meant as this one has had (loads.before).
    """
    if isinstance(now, Sign | None) or isinstance(before, Sign | None):
        return "", ""
    places = sheets.PLACES[KINDS[indicator.unit]]
    scale = 100 if indicator.unit is Unit.FEN else 1
    later, earlier = (sheets.rounded(float(each) / scale, places) for each in (now, before))  # type: ignore[arg-type]
    if later is None or earlier is None:
        return "", ""
    step = later - earlier
    direction = "up" if step > 0 else "down" if step < 0 else "same"
    if direction == "same":
        return _("与上学期同期持平") if same_days else _("与上学期持平"), direction
    unit = _("个百分点") if indicator.unit is Unit.PERCENT else str(UNITS[indicator.unit])
    if same_days:
        words = _("比上学期同期升 %(step)s %(unit)s") if step > 0 else _("比上学期同期降 %(step)s %(unit)s")
    else:
        words = _("比上学期升 %(step)s %(unit)s") if step > 0 else _("比上学期降 %(step)s %(unit)s")
    return words % {"step": f"{abs(step):,}", "unit": unit}, direction
