"""Days and months for every date: adding, counting and sharing fit together."""

from datetime import date, timedelta
from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from afterbell.kernel.dates import Month, Period, add_months, continuous_months, missed_share, remaining_share

DAYS = st.dates(date(2000, 1, 1), date(2099, 12, 31))
PERIODS = st.builds(
    lambda first, days: Period(first, first + timedelta(days=days)), DAYS, st.integers(0, 500)
)


@given(DAYS, st.integers(-600, 600))
def test_adding_months_lands_in_the_right_month_and_never_later_in_it(day, count):
    result = add_months(day, count)
    assert (result.year * 12 + result.month) - (day.year * 12 + day.month) == count
    assert result.day <= day.day


@given(DAYS, st.integers(0, 600))
def test_going_back_as_many_months_lands_on_the_day_or_a_shorter_months_end(day, count):
    assert day - timedelta(days=3) <= add_months(add_months(day, count), -count) <= day


@given(PERIODS)
def test_the_months_of_a_period_cover_each_of_its_days_once(period):
    months = period.months()
    pieces = [month.period.overlap(period) for month in months]
    assert sum(piece.days for piece in pieces if piece) == period.days
    assert [month.following() for month in months[:-1]] == months[1:]


@given(DAYS)
def test_a_whole_calendar_month_is_one_continuous_month(day):
    counted = continuous_months(Month.of(day).period)
    assert (counted.whole, counted.rest_days, counted.rest_is_half) == (1, 0, False)


@given(PERIODS)
def test_continuous_months_and_rest_make_up_the_period(period):
    counted = continuous_months(period)
    begins = add_months(period.first, counted.whole)
    assert begins + timedelta(days=counted.rest_days - 1) == period.last
    assert counted.rest_days < (add_months(period.first, counted.whole + 1) - begins).days


@given(PERIODS)
def test_a_day_more_never_counts_for_less(period):
    longer = Period(period.first, period.last + timedelta(days=1))
    one, more = continuous_months(period), continuous_months(longer)
    assert (one.whole, one.rest_is_half) <= (more.whole, more.rest_is_half)


@given(PERIODS, PERIODS)
def test_an_overlap_is_within_both_and_the_same_from_either_side(one, other):
    both = one.overlap(other)
    assert both == other.overlap(one)
    assert both is None or (both.within(one) and both.within(other))
    assert (both is None) == (set(one).isdisjoint(other))


@given(PERIODS, st.sets(DAYS, max_size=40), st.sets(DAYS, max_size=40), DAYS)
def test_a_share_lies_between_nothing_and_all(period, school_days, missed, left_on):
    days = school_days | {period.first}
    assert 0 <= missed_share(period, school_days=days, missed=missed) <= 1
    assert 0 <= remaining_share(period, school_days=days, left_on=left_on) <= 1
    assert missed_share(period, school_days=days, missed=days) == Fraction(1)
