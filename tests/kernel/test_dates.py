"""Days, months and minutes in worked numbers, on real months."""

from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

import pytest
from django.core.exceptions import ValidationError

from afterbell.kernel.dates import (
    Month,
    Months,
    Period,
    add_months,
    continuous_months,
    days_in,
    in_our_years,
    local_date,
    missed_share,
    remaining_share,
    week_of,
    whole_minutes,
)

MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
WEEKDAYS = [day for day in MARCH if day.isoweekday() <= 5]  # 22 school days
FOUR = datetime(2026, 9, 1, 8, 0, tzinfo=UTC)


def test_a_period_holds_both_its_ends():
    assert MARCH.days == 31
    assert date(2026, 3, 1) in MARCH
    assert date(2026, 3, 31) in MARCH
    assert date(2026, 4, 1) not in MARCH
    assert Period(date(2026, 3, 1), date(2026, 3, 1)).days == 1


def test_a_period_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="before its first day"):
        Period(date(2026, 3, 2), date(2026, 3, 1))


def test_a_billing_period_must_lie_within_the_term():
    term = Period(date(2026, 3, 2), date(2026, 7, 3))
    assert Period(date(2026, 3, 2), date(2026, 3, 31)).within(term)
    assert not MARCH.within(term)


def test_the_overlap_of_two_periods_is_the_days_of_both():
    spring = Period(date(2026, 3, 16), date(2026, 4, 15))
    assert MARCH.overlap(spring) == Period(date(2026, 3, 16), date(2026, 3, 31))
    assert MARCH.overlap(Period(date(2026, 4, 1), date(2026, 4, 2))) is None


def test_a_term_touches_its_months_across_the_new_year():
    months = Period(date(2026, 9, 1), date(2027, 1, 22)).months()
    assert [str(month) for month in months] == ["2026-09", "2026-10", "2026-11", "2026-12", "2027-01"]


def test_a_month_knows_its_days():
    assert Month(2024, 2).period == Period(date(2024, 2, 1), date(2024, 2, 29))
    assert Month(2026, 12).following() == Month(2027, 1)
    assert Month.of(date(2026, 9, 30)) == Month(2026, 9)
    with pytest.raises(ValueError, match="no month 13"):
        Month(2026, 13)


@pytest.mark.parametrize(
    ("day", "count", "result"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 1, 31), 2, date(2026, 3, 31)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 1, 15), -13, date(2024, 12, 15)),
    ],
)
def test_months_are_added_by_the_calendar(day, count, result):
    assert add_months(day, count) == result


@pytest.mark.parametrize(
    ("first", "last", "months"),
    [
        (date(2026, 3, 10), date(2026, 4, 9), Months(1, 0, False)),  # 10 March to 9 April: a month
        (date(2026, 3, 10), date(2026, 4, 8), Months(0, 30, True)),  # a day less: not a month, more than half
        (date(2026, 3, 1), date(2026, 3, 31), Months(1, 0, False)),
        (date(2026, 3, 1), date(2026, 3, 15), Months(0, 15, False)),  # 15 of 31 days: less than half
        (date(2026, 3, 1), date(2026, 3, 16), Months(0, 16, True)),
        (date(2026, 4, 1), date(2026, 4, 15), Months(0, 15, True)),  # 15 of 30 days: exactly half
        (
            date(2026, 3, 10),
            date(2026, 4, 24),
            Months(1, 15, True),
        ),  # a month, then 15 of the 30 days to 9 May
        (date(2026, 3, 10), date(2026, 4, 23), Months(1, 14, False)),
        (date(2026, 1, 31), date(2026, 2, 27), Months(1, 0, False)),  # February has no 31st
        (date(2026, 1, 31), date(2026, 3, 30), Months(2, 0, False)),
        (date(2026, 9, 1), date(2026, 9, 1), Months(0, 1, False)),
    ],
)
def test_continuous_months_are_counted_from_any_day_on(first, last, months):
    """Haikou: a continuous month → that month; half a month up to a month → half; less → nothing."""
    assert continuous_months(Period(first, last)) == months


def test_school_days_of_a_period_count_once():
    assert days_in(MARCH, [*WEEKDAYS, *WEEKDAYS, date(2026, 4, 1)]) == 22


def test_the_missed_share_knows_exactly_half():
    """Wuzhou's threshold: 11 of the 22 school days of March 2026 are exactly half."""
    assert missed_share(MARCH, school_days=WEEKDAYS, missed=WEEKDAYS[:11]) == Fraction(1, 2)
    assert missed_share(MARCH, school_days=WEEKDAYS, missed=WEEKDAYS[:12]) > Fraction(1, 2)


def test_a_day_without_school_cannot_be_missed():
    sunday = date(2026, 3, 1)
    assert missed_share(MARCH, school_days=WEEKDAYS, missed=[sunday, WEEKDAYS[0]]) == Fraction(1, 22)


def test_a_period_without_school_days_has_no_share():
    assert missed_share(MARCH, school_days=[], missed=WEEKDAYS) == 0
    assert remaining_share(MARCH, school_days=[], left_on=MARCH.first) == 0


def test_who_leaves_has_the_school_days_after_that_day_left():
    """Wuhan: leaving on Friday 13 March 2026 leaves 12 of 22 school days."""
    assert remaining_share(MARCH, school_days=WEEKDAYS, left_on=date(2026, 3, 13)) == Fraction(12, 22)
    assert remaining_share(MARCH, school_days=WEEKDAYS, left_on=date(2026, 2, 28)) == 1
    assert remaining_share(MARCH, school_days=WEEKDAYS, left_on=date(2026, 3, 31)) == 0


def test_a_week_goes_from_monday_to_sunday():
    week = Period(date(2026, 8, 31), date(2026, 9, 6))
    assert week_of(date(2026, 8, 31)) == week_of(date(2026, 9, 6)) == week


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(0, 0), (59, 0), (60, 1), (5399, 89), (5400, 90), (9000, 90), (-60, 0)]
)
def test_a_pupils_minutes_are_whole_and_never_more_than_the_session(seconds, minutes):
    assert whole_minutes(FOUR, FOUR + timedelta(seconds=seconds), most=90) == minutes


def test_a_moment_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="time zone"):
        whole_minutes(FOUR.replace(tzinfo=None), FOUR, most=90)


def test_the_day_is_the_schools_day_not_utc():
    assert local_date(datetime(2026, 8, 31, 16, 0, tzinfo=UTC)) == date(2026, 9, 1)
    assert local_date(datetime(2026, 8, 31, 15, 59, tzinfo=UTC)) == date(2026, 8, 31)


@pytest.mark.parametrize("day", [date(1, 1, 1), date(1999, 12, 31), date(2200, 1, 1), date(9999, 12, 31)])
def test_a_day_without_days_around_it_is_refused_in_words(day):
    with pytest.raises(ValidationError, match="2000 年至 2199 年"):
        in_our_years(day)


@pytest.mark.parametrize("day", [date(2000, 1, 1), date(2026, 9, 1), date(2199, 12, 31)])
def test_a_day_of_ours_is_taken(day):
    in_our_years(day)
