"""Schools of a look, and the city that they are compared with: one statement for both."""

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from dashboards.frame.look import Look
from oversight.indicators import frames
from oversight.scope import Scope


class Schools(NamedTuple):
    """Frames of frames.schools."""

    chosen: pd.DataFrame
    city: pd.DataFrame
    """All: the rate of a funnel is theirs, whatever is looked at and by whom, so that a school has one verdict."""


def schools(look: Look, needs: Collection[str]) -> Schools:
    """The chosen ones are cut out of the city; of the others only sums may be shown."""
    wanted = look.selection
    everywhere = replace(wanted, district="", stage="", kind="", school="")
    city = frames.schools(Scope(districts=None, reader=look.scope.reader), everywhere, needs=needs)
    return Schools(chosen_of(city, look), city)


def chosen_of(city: pd.DataFrame, look: Look) -> pd.DataFrame:
    """The rows of the look's schools that its reader may see."""
    wanted = look.selection
    mine = pd.Series(True, index=city.index)
    if look.scope.districts is not None:
        mine &= city["district_code"].isin(look.scope.districts)
    for column, value in (("district_code", wanted.district), ("stage", wanted.stage), ("kind", wanted.kind),
                          ("code", wanted.school)):  # fmt: skip
        if value:
            mine &= city[column] == value
    return city[mine]


def before(look: Look, needs: Collection[str]) -> pd.DataFrame | None:
    """The chosen schools in the term before; None without one, and for some months, which have no counterpart."""
    if look.before is None or look.selection.by_month:
        return None
    return frames.schools(look.scope, look.before, needs=needs)


def months(look: Look) -> pd.DataFrame:
    """By month: of the areas, or of the one school that was chosen, which no area knows."""
    load = frames.months_of_schools if look.selection.school else frames.months
    return load(look.scope, look.selection)
