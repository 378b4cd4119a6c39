"""A tile: one figure with its change against the term before, its n, and a small trend."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from afterbell.pages.sheets import Cell
from dashboards.frame import words
from dashboards.frame.against import Step
from oversight.indicators.catalogue import Better, Indicator

Text = str | Promise
NO_STEP: Final = Step()


@dataclass(frozen=True)
class Tile:
    """What <c-tile> shows."""

    label: Text
    value: str
    unit: Text = ""
    change: str = ""
    direction: str = ""
    good: str = ""
    """`good` or `bad` when the catalogue knows which way is good."""
    n: str = ""
    href: str = ""
    trend: Sequence[float | None] = ()
    trend_label: str = ""


def tile(
    indicator: Indicator,
    *,
    now: Cell,
    step: Step = NO_STEP,
    n: Cell = None,
    href: str = "",
    trend: Sequence[float | None] = (),
) -> Tile:
    """The tile of one indicator; a change is good or bad only where it matters."""
    return Tile(
        label=indicator.name,
        value=words.number(indicator, now),
        unit=words.UNITS[indicator.unit],
        change=step.words,
        direction=step.direction,
        good=judged(indicator, step.direction) if step.matters else "",
        n=_("%(n)s %(of)s") % {"n": words.count(n), "of": indicator.n_of},
        href=href,
        trend=tuple(trend),
        trend_label=_("%(name)s按月变化") % {"name": indicator.name},
    )


def judged(indicator: Indicator, direction: str) -> str:
    """Whether a change in this direction is good."""
    if direction not in ("up", "down") or indicator.better is Better.NEITHER:
        return ""
    return "good" if (direction == "up") == (indicator.better is Better.HIGHER) else "bad"
