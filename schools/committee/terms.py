"""How long a seat of the committee may be given for (S6: terms of office)."""

from datetime import date
from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import ONE_DAY
from afterbell.kernel.errors import Refused

MOST_YEARS: Final = 3
"""S6 speaks of terms and names no length: three school years, after which the parents choose again."""
MOST_AHEAD: Final = 1
"""Years before its first day that a seat may be written down."""


class TermTooLong(Refused):
    """A seat for good is no term of office."""

    code = "committee.term_too_long"
    message = _("任期最多 %(years)s 年，请把结束日期改到 %(last)s 或以前。连任的，到期后重新登记。")


class TermOver(Refused):
    """A seat that nobody ever sits on."""

    code = "committee.term_over"
    message = _("任期在今天以前就结束了。请核对结束日期的年份。")


class TermTooFar(Refused):
    """A year that nobody means."""

    code = "committee.term_too_far"
    message = _("任期最多提前一年登记，请核对开始日期的年份。")


def refuse_strange(first: date, last: date, *, today: date) -> None:
    """Raises TermOver, TermTooFar, TermTooLong. Both days belong to the term: three years end the day before."""
    if last < today:
        raise TermOver(field="until_date")
    if first > _later(today, MOST_AHEAD):
        raise TermTooFar(field="from_date")
    latest = _later(first, MOST_YEARS) - ONE_DAY
    if last > latest:
        raise TermTooLong(years=MOST_YEARS, last=latest.isoformat(), field="until_date")


def usual_end(first: date) -> date:
    """What a new seat's form begins with: one year."""
    return _later(first, 1) - ONE_DAY


def _later(day: date, years: int) -> date:
    """The same day so many years later; of 29 February the first of March, where there is none."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)
