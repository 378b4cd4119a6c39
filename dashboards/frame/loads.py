"""Schools of a look, and the schools that they are compared with: one statement for both."""

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from dashboards.frame.look import Look
from oversight.indicators import frames


class Schools(NamedTuple):
    """Frames of frames.schools."""

    chosen: pd.DataFrame
    around: pd.DataFrame
    """Of the same stage and kind, in all that the reader may see: the rate of a funnel is theirs."""


def schools(look: Look, needs: Collection[str]) -> Schools:
    """A district or one school is cut out of its surroundings, so that its funnel stands on the same rate."""
    wanted = look.selection
    around = frames.schools(look.scope, replace(wanted, district="", school=""), needs=needs)
    chosen = around
    for column, value in (("district_code", wanted.district), ("code", wanted.school)):
        if value:
            chosen = chosen[chosen[column] == value]
    return Schools(chosen, around)


def before(look: Look, needs: Collection[str]) -> pd.DataFrame | None:
    """The chosen schools in the term before; None without one, and for some months, which have no counterpart."""
    if look.before is None or look.selection.by_month:
        return None
    return frames.schools(look.scope, look.before, needs=needs)


def months(look: Look) -> pd.DataFrame:
    """By month: of the areas, or of the one school that was chosen, which no area knows."""
    load = frames.months_of_schools if look.selection.school else frames.months
    return load(look.scope, look.selection)
