"""Schools of a look, and the city that they are compared with: one statement for both."""

from collections.abc import Collection
from dataclasses import replace
from datetime import date, timedelta
from typing import NamedTuple

import pandas as pd

from afterbell.kernel.dates import Period, add_months, local_date
from dashboards.frame.look import Look
from oversight.facts import columns
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
    """The chosen schools in the term before; None without one, and for some months, which have no counterpart.

    While the chosen term runs, what adds up by month is that of as many days: the months that had begun by then, and of
    complaints, which would grow with the rest of their last month, the part of these months' days.
    """
    if look.before is None or look.selection.by_month:
        return None
    span = _same_days(look)
    if span is None:
        return frames.schools(look.scope, look.before, needs=needs)
    found = frames.schools(look.scope, replace(look.before, last_month=span.last_month), needs=needs)
    voices = [name for name in columns.VOICES if name in found.columns]
    return found.assign(**{name: found[name] * span.share for name in voices})


class _Span(NamedTuple):
    last_month: str
    share: float
    """Of the days of these months, how many the running term has had."""


def _same_days(look: Look) -> _Span | None:
    """None for a term that is over: whole terms are compared."""
    term, earlier = look.term, look.term_before
    if not look.is_running or term is None or earlier is None:
        return None
    today = local_date(look.now)
    passed = (today - term.first_date).days + 1
    until = min(earlier.first_date + timedelta(days=max(passed, 1) - 1), earlier.last_date)
    months = Period(earlier.first_date, until).months()
    last = list(months)[-1]
    whole = (min(add_months(date.fromisoformat(f"{last}-01"), 1) - timedelta(days=1), earlier.last_date)
             - earlier.first_date).days + 1  # fmt: skip
    return _Span(str(last), min(1.0, passed / whole))


def months(look: Look) -> pd.DataFrame:
    """By month: of the areas, or of the one school that was chosen, which no area knows."""
    load = frames.months_of_schools if look.selection.school else frames.months
    return load(look.scope, look.selection)
