"""Days, months and minutes as the calculations count them. Pure: the clock is always a parameter."""

from calendar import monthrange
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Final, Self

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

ONE_DAY = timedelta(days=1)
YEARS: Final = range(2000, 2200)
"""Of everything that is written down here. A day before or after can be added to each, in any zone."""
NOT_OUR_YEARS: Final = _("请填写 2000 年至 2199 年之间的日期。")


@dataclass(frozen=True, order=True)
class Period:
    """Days from the first to the last, both inside, as terms, statements and leave are written."""

    first: date
    last: date

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise ValueError(f"a period can't end on {self.last}, before its first day {self.first}")

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    def __iter__(self) -> Iterator[date]:
        return (self.first + timedelta(days=number) for number in range(self.days))

    @property
    def days(self) -> int:
        """Calendar days."""
        return (self.last - self.first).days + 1

    def within(self, other: "Period") -> bool:
        """A billing period lies within one term (reference facts: never across terms)."""
        return other.first <= self.first and self.last <= other.last

    def overlap(self, other: "Period") -> "Period | None":
        """The days of both, or None."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        return Period(first, last) if first <= last else None

    @property
    def month_count(self) -> int:
        """How many calendar months it touches."""
        first, last = self.first, self.last
        return 12 * (last.year - first.year) + last.month - first.month + 1

    def months(self) -> list["Month"]:
        """The calendar months that it touches, in order."""
        found = [Month.of(self.first)]
        while found[-1] < Month.of(self.last):
            found.append(found[-1].following())
        return found


@dataclass(frozen=True, order=True)
class Month:
    """A calendar month: the unit of statements and of monthly fees."""

    year: int
    number: int

    def __post_init__(self) -> None:
        if not 1 <= self.number <= 12:
            raise ValueError(f"there is no month {self.number}")

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.number:02d}"

    @classmethod
    def of(cls, day: date) -> Self:
        """The month of a day."""
        return cls(day.year, day.month)

    @property
    def period(self) -> Period:
        """From its first to its last day."""
        last = monthrange(self.year, self.number)[1]
        return Period(date(self.year, self.number, 1), date(self.year, self.number, last))

    def following(self) -> "Month":
        """The next month."""
        return Month(self.year + self.number // 12, self.number % 12 + 1)


@dataclass(frozen=True)
class Months:
    """A stretch of days counted in continuous months: whole ones, and what is left in days."""

    whole: int
    rest_days: int
    rest_is_half: bool
    """The rest is at least half of the month that it begins."""


def add_months(day: date, count: int) -> date:
    """The same day of a later (or earlier) month; where there is no such day, the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def continuous_months(period: Period) -> Months:
    """Months in a row from any day on: 10 March to 9 April is one (refund rule `continuous_months`).

    Always counted from the first day, so that 31 January and 28 February don't drift.
    """
    after = period.last + ONE_DAY
    whole = 0
    while add_months(period.first, whole + 1) <= after:
        whole += 1
    begins, ends = add_months(period.first, whole), add_months(period.first, whole + 1)
    rest = (after - begins).days
    return Months(whole=whole, rest_days=rest, rest_is_half=2 * rest >= (ends - begins).days)


def days_in(period: Period, days: Collection[date]) -> int:
    """How many of these days, such as school days, lie in the period; each counts once."""
    return sum(1 for day in set(days) if day in period)


def missed_share(period: Period, *, school_days: Collection[date], missed: Collection[date]) -> Fraction:
    """Missed school days ÷ school days of the period (refund rule `half_month_threshold`).

    A day on which there was no school can't be missed; a period without school days has no share, 0.
    """
    return _share(days_in(period, set(school_days) & set(missed)), days_in(period, school_days))


def remaining_share(period: Period, *, school_days: Collection[date], left_on: date) -> Fraction:
    """School days after the day of leaving ÷ school days of the period (refund rule `remaining_days`)."""
    after = [day for day in school_days if day > left_on]
    return _share(days_in(period, after), days_in(period, school_days))


def week_of(day: date) -> Period:
    """Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return Period(monday, monday + timedelta(days=6))


def whole_minutes(start: datetime, end: datetime, *, most: int) -> int:
    """Minutes that a pupil was there: whole ones, none below zero, at most the session's length."""
    if timezone.is_naive(start) or timezone.is_naive(end):
        raise ValueError("a moment without a time zone is ambiguous")
    return max(0, min(most, (end - start) // timedelta(minutes=1)))


def in_our_years(day: date) -> None:
    """Validator of form and API fields, for days and moments: year 1 and year 9999 have no day before or after them."""
    if day.year not in YEARS:
        raise ValidationError(NOT_OUR_YEARS, code="out_of_years")


def local_date(at: datetime) -> date:
    """The day at the school, not in UTC: before 8 in the morning they differ."""
    return timezone.localdate(at)


def _share(part: int, whole: int) -> Fraction:
    return Fraction(part, whole) if whole else Fraction(0)
