"""School days on real dates of 2025 and 2026, with the city's and a district's own days before the national ones."""

from datetime import date

import pytest

from afterbell.audit.models import Entry
from afterbell.kernel.dates import Period
from tenants import calendar
from tenants.calendar import CalendarUnknown, SchoolDay, is_school_day, school_days
from tenants.calendar_actions import enter_days
from tenants.context import in_city, in_school
from tenants.models import CalendarOverride, Term
from tests.city import NOON


@pytest.fixture
def terms(db):
    for code, first, last in (
        ("2025-2026-1", date(2025, 9, 1), date(2026, 1, 23)),
        ("2025-2026-2", date(2026, 2, 26), date(2026, 7, 3)),
        ("2026-2027-1", date(2026, 9, 1), date(2027, 1, 22)),
    ):
        Term.objects.create(code=code, name=code, first_date=first, last_date=last)


def override(day, *, open_, district=None, weekday=None):
    CalendarOverride.objects.create(
        date=day, is_school_day=open_, district=district, follows_weekday=weekday, reason="测试"
    )


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        (date(2026, 9, 1), True),  # Tuesday, first day of term
        (date(2026, 9, 5), False),  # Saturday
        (date(2026, 9, 25), False),  # Friday, Mid-Autumn Festival
        (date(2026, 10, 1), False),  # National Day
        (date(2026, 10, 7), False),  # Wednesday, its last day
        (date(2026, 10, 8), True),
        (date(2026, 9, 20), True),  # Sunday, make-up day of National Day
        (date(2026, 10, 10), True),  # Saturday, make-up day of National Day
        (date(2025, 10, 8), False),  # Wednesday, eighth day of the holiday of 2025
        (date(2025, 9, 28), True),  # Sunday, make-up day of 2025
        (date(2025, 10, 11), True),  # Saturday, make-up day of 2025
        (date(2026, 2, 28), True),  # Saturday, make-up day of Spring Festival
        (date(2026, 5, 4), False),  # Monday, Labour Day
        (date(2026, 6, 19), False),  # Friday, Dragon Boat Festival
        (date(2026, 8, 31), False),  # Monday before the term
        (date(2026, 7, 6), False),  # Monday after the term
    ],
)
def test_a_day_is_a_school_day_by_the_national_calendar_within_a_term(terms, day, open_):
    assert is_school_day(day) is open_


def test_october_2026_has_eighteen_school_days(terms):
    """Weekdays 22, less 5 of National Day (1, 2, 5, 6, 7 October), with Saturday the 10th: 18."""
    days = school_days(date(2026, 10, 1), date(2026, 10, 31))
    assert len(days) == 18
    assert days[0] == date(2026, 10, 8)
    assert date(2026, 10, 10) in days


def test_a_whole_term_takes_two_queries(terms, django_assert_num_queries):
    with django_assert_num_queries(2):
        assert len(school_days(date(2025, 9, 1), date(2026, 1, 23))) > 90


def test_the_timetable_of_a_make_up_day_is_unknown_until_the_city_says_it(terms):
    saturday = date(2026, 10, 10)
    assert calendar.follows_weekday(saturday) is None
    found = calendar.school_calendar(date(2026, 9, 1), date(2026, 12, 31))
    assert calendar.unsettled(found) == [date(2026, 9, 20), saturday]
    override(saturday, open_=True, weekday=3)
    assert calendar.follows_weekday(saturday) == 3
    assert calendar.school_calendar(saturday, saturday) == [SchoolDay(saturday, 3)]


def test_an_ordinary_day_follows_its_own_weekday_and_a_free_day_none(terms):
    assert calendar.follows_weekday(date(2026, 9, 1)) == 2
    assert calendar.follows_weekday(date(2026, 9, 5)) is None


def test_the_citys_day_goes_before_the_national_and_a_districts_before_the_citys(terms, north, island):
    storm, lake, hills = date(2026, 9, 2), north.district, island.district
    override(storm, open_=False)
    assert not is_school_day(storm)
    assert not is_school_day(storm, lake)
    override(storm, open_=True, district=lake)
    assert is_school_day(storm, lake)
    assert not is_school_day(storm, hills)
    assert not is_school_day(storm)


def test_an_override_outside_every_term_makes_no_school_day(terms):
    override(date(2026, 8, 15), open_=True)
    assert not is_school_day(date(2026, 8, 15))


def test_without_a_term_there_is_no_school(db):
    assert school_days(date(2026, 9, 1), date(2026, 9, 30)) == []


def test_a_year_that_nobody_knows_yet_is_refused_with_what_to_do(terms):
    with pytest.raises(CalendarUnknown, match="2027 年的全国放假安排") as refused:
        school_days(date(2026, 12, 28), date(2027, 1, 8))
    assert refused.value.code == "calendar.unknown"
    assert "请市级管理员" in str(refused.value)
    with pytest.raises(CalendarUnknown):
        is_school_day(date(2027, 1, 4))


def test_an_unknown_year_outside_every_term_does_not_matter(terms):
    assert not is_school_day(date(2030, 1, 4))


def test_the_city_can_enter_the_days_of_an_unknown_year(terms, north):
    january = Period(date(2027, 1, 1), date(2027, 1, 31))
    with in_city():
        new = enter_days(
            period=january,
            holidays=[date(2027, 1, 1)],
            make_up_days={date(2027, 1, 9): 5},
            reason="2027年放假安排",
            by=None,
            now=NOON,
        )
        assert new == 31
        assert Entry.objects.latest("position").details == {
            "first": "2027-01-01",
            "last": "2027-01-31",
            "days": 31,
        }
    with in_school(north):
        days = calendar.school_calendar(date(2026, 12, 31), date(2027, 1, 11), north.district)
    assert [day.date.day for day in days] == [31, 4, 5, 6, 7, 8, 9, 11]
    assert days[-2].weekday == 5


def test_days_that_were_entered_before_stay(terms):
    override(date(2027, 1, 4), open_=False)
    week = Period(date(2027, 1, 4), date(2027, 1, 8))
    words = {"period": week, "holidays": [], "make_up_days": {}, "reason": "测试", "by": None, "now": NOON}
    assert (enter_days(**words), enter_days(**words)) == (4, 0)
    assert not is_school_day(date(2027, 1, 4))


def test_holidays_outside_the_period_are_a_mistake(terms):
    week = Period(date(2027, 1, 4), date(2027, 1, 8))
    with pytest.raises(ValueError, match="lie in the period"):
        enter_days(period=week, holidays=[date(2027, 2, 1)], make_up_days={}, reason="x", by=None, now=NOON)
