"""The rule of continuous months: which calendar days an absence gives back, and which part of their fee. Pure.

An absence is a run of service days of the child's own timetable that were missed in a row. It does not stop where a bill
does, so it is looked for in the whole timetable, and each bill gives back its own days.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import groupby
from typing import Final

from django.utils.translation import gettext as _

from afterbell.kernel.dates import ONE_DAY, Month, Period, add_months, continuous_months
from tenants.policies.documents import MonthCount

WHOLE: Final = Fraction(1)
HALF: Final = Fraction(1, 2)


@dataclass(frozen=True)
class Spell:
    """Calendar days whose fee goes back, wholly or by half, and why."""

    days: Period
    share: Fraction
    why: str


def spells(
    count: MonthCount, *, days: Iterable[date], away: Iterable[date], half_month_returns_half: bool
) -> list[Spell]:
    """Of service days, held or to come, and those of them on which the child was away, in order."""
    ordered = sorted(days)
    runs = _runs(ordered, frozenset(away))
    found = _COUNTS[count](ordered, runs)
    return [spell for spell in found if spell.share == WHOLE or half_month_returns_half]


def share_of(day: date, found: Iterable[Spell]) -> Fraction:
    """How much of a day's fee goes back; two halves are the whole, and a day never goes back twice."""
    return min(WHOLE, sum((spell.share for spell in found if day in spell.days), Fraction(0)))


def _calendar(days: list[date], runs: list[list[date]]) -> Iterator[Spell]:
    """Calendar months all of whose service days were missed; half a month: at least half of them in a row.

    Worked, 65.00 a month without halves: 7 to 30 September has 18 service days, all missed: 65.00, whatever day the
    term begins. Away from 12 October to 12 November, there before and after: nothing.
    """
    for month, own in groupby(days, Month.of):
        of = len(list(own))
        longest = max((sum(1 for day in run if Month.of(day) == month) for run in runs), default=0)
        words = {"month": str(month), "missed": longest, "of": of}
        if longest == of:
            yield Spell(month.period, WHOLE, _("%(month)s 的服务日 %(of)s 天全部缺勤，退当月") % words)
        elif 2 * longest >= of:
            why = _("%(month)s 的服务日 %(of)s 天，连续缺勤 %(missed)s 天，达到一半，退当月的一半") % words
            yield Spell(month.period, HALF, why)


def _from_any_day(days: list[date], runs: list[list[date]]) -> Iterator[Spell]:
    """Each continuous month from the first missed day on; a rest of at least half a month: half of its month.

    Worked, Haikou, 3.00 a class hour, 2 hours a school day: away from 10 March to 24 April. One month (10 March to
    9 April) in full; the rest of 15 days is at least half of 10 April to 9 May: half of that month's fee.
    """
    for run in runs:
        away = _stretch(days, run)
        months = continuous_months(away)
        full_until = add_months(away.first, months.whole)
        if months.whole:
            whole = Period(away.first, full_until - ONE_DAY)
            words = {"first": whole.first, "last": whole.last, "count": months.whole}
            yield Spell(whole, WHOLE, _("%(first)s 至 %(last)s 连续缺勤满 %(count)s 个月，全退") % words)
        if months.rest_days and months.rest_is_half:
            rest = Period(full_until, add_months(away.first, months.whole + 1) - ONE_DAY)
            words = {"day": rest.first, "first": rest.first, "last": rest.last}
            yield Spell(rest, HALF, _("%(day)s 起连续缺勤满半个月，退 %(first)s 至 %(last)s 的一半") % words)


_COUNTS: Final[Mapping[MonthCount, Callable[[list[date], list[list[date]]], Iterable[Spell]]]] = {
    MonthCount.CALENDAR: _calendar,
    MonthCount.ANY_DAY: _from_any_day,
}


def _runs(days: list[date], away: frozenset[date]) -> list[list[date]]:
    """Service days missed in a row, whatever days without service lie between."""
    return [list(run) for is_away, run in groupby(days, away.__contains__) if is_away]


def _stretch(days: list[date], run: list[date]) -> Period:
    """Calendar days of a run, up to the day before the next service day.

    Where the run has every service day of the month in which it begins, up to there, it begins on the 1st: whatever
    day the term begins. So at the other end: where it has every service day of the last month, it ends with the month.
    """
    at = days.index(run[0])
    before, after = days[:at], days[at + len(run) :]
    is_from_first = not before or Month.of(before[-1]) != Month.of(run[0])
    first = Month.of(run[0]).period.first if is_from_first else run[0]
    if after:
        return Period(first, after[0] - ONE_DAY)
    month = Month.of(run[-1]).period
    return Period(first, month.last if first <= month.first else run[-1])
