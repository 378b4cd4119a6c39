"""Months of the random books' oracle: of the calendar, and without a break from any day on."""

from datetime import date, timedelta
from fractions import Fraction

HALF = Fraction(1, 2)
ONE_DAY = timedelta(days=1)


def month_of(day: date) -> str:
    return f"{day:%Y-%m}"


def first_of(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def later(day: date, months: int) -> date:
    """The same day of a later month, or its last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for number in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError(day)


def months_between(first: date, last: date) -> list[str]:
    found = [month_of(first)]
    while found[-1] < month_of(last):
        found.append(month_of(later(first_of(found[-1]), 1)))
    return found


def stretch(days: list[date], run: list[date]) -> tuple[date, date]:
    """Up to the day before the next lesson; from the month's first day where no lesson of the month was before."""
    at = days.index(run[0])
    before, after = days[:at], days[at + len(run) :]
    first = run[0] if before and month_of(before[-1]) == month_of(run[0]) else run[0].replace(day=1)
    if after:
        return first, after[0] - ONE_DAY
    begins = run[-1].replace(day=1)
    return first, later(begins, 1) - ONE_DAY if first <= begins else run[-1]


def share_of(day: date, first: date, last: date) -> Fraction:
    whole = 0
    while later(first, whole + 1) <= last + ONE_DAY:
        whole += 1
    rest, end = later(first, whole), later(first, whole + 1)
    if first <= day < rest:
        return Fraction(1)
    is_half = 2 * (last + ONE_DAY - rest).days >= (end - rest).days and rest <= last
    return HALF if is_half and rest <= day < end else Fraction(0)
