"""How old the figures are: whoever is silent is named, whoever never reported is named apart, holidays are no silence."""

from datetime import date, datetime, timedelta

import pytest
from django.core.cache import cache
from redis.exceptions import ConnectionError as NoRedis

from afterbell.kernel.dates import local_date
from oversight.facts import actions
from oversight.facts.models import Pulse
from oversight.indicators import ages, queries
from oversight.scope import WHOLE_CITY, Reader, Scope, of_school
from tenants.models import CalendarOverride, School
from tenants.states import SchoolState
from tests import makers
from tests.oversight import makers as facts

NOW = datetime.fromisoformat("2026-09-17T04:00:00+00:00")
"""Noon of a Thursday: the last three school days before it are 14, 15 and 16 September."""
MONDAY, FRIDAY = date(2026, 9, 14), date(2026, 9, 11)
PRICE = Scope(districts=None, reader=Reader.PRICE)


@pytest.fixture(autouse=True)
def _forget():
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def term(db):
    return makers.a_term()


def a_school_that_held(school, *days, **more):
    for day in days:
        facts.a_day_fact(school, day)
    facts.a_term_fact(
        school, **{"plan_published_at": datetime.fromisoformat("2026-09-01T01:00:00+00:00"), **more}
    )


def age(scope=WHOLE_CITY, now=NOW):
    facts.rolled(now=now)
    return queries.data_age(scope, now)


def codes(lines):
    return [line.code for line in lines]


def test_a_published_plan_and_nothing_held_for_three_school_days_is_silence(term, north, south, island):
    a_school_that_held(north, date(2026, 9, 4), FRIDAY)
    a_school_that_held(south, MONDAY)
    a_school_that_held(island)
    found = age()
    assert codes(found.silent) == [north.code, island.code]
    line = found.silent[0]
    assert (line.name, line.district_name) == ("湖滨区第一小学", "湖滨区")
    assert local_date(line.since) == FRIDAY
    assert found.silent[1].since is None
    assert found.never == ()


def test_who_never_reported_is_not_silent_but_named_apart(term, north, south, island):
    a_school_that_held(north, MONDAY)
    a_school_that_held(south, MONDAY)
    found = age()
    assert codes(found.never) == [island.code]
    assert found.silent == ()


def test_a_school_still_at_its_plan_is_neither(term, north, south, island):
    for school in (north, south, island):
        a_school_that_held(school, plan_state="draft", plan_published_at=None)
    found = age()
    assert (found.silent, found.never) == ((), ())


def test_three_school_days_must_have_passed_since_the_plan_came_out(term, north, south, island):
    a_school_that_held(
        north, plan_published_at=datetime.fromisoformat("2026-09-14T17:00:00+00:00")
    )  # the 15th here
    a_school_that_held(south, plan_published_at=datetime.fromisoformat("2026-09-14T15:00:00+00:00"))
    a_school_that_held(island, MONDAY)
    assert codes(age().silent) == [south.code]


def test_three_school_days_must_have_passed_since_the_plans_own_first_day(term, north, south, island):
    """A plan that is accepted in August may begin when the first weeks of the term are over."""
    a_school_that_held(north, plan_first_date=date(2026, 9, 15))
    a_school_that_held(south, plan_first_date=MONDAY)
    a_school_that_held(island, MONDAY, plan_first_date=MONDAY)
    assert codes(age().silent) == [south.code]


def test_three_school_days_must_have_passed_since_the_term_began(term, north):
    a_school_that_held(north)
    thursday = datetime.fromisoformat("2026-09-03T04:00:00+00:00")
    assert age(now=thursday).silent == ()
    assert codes(age(now=thursday + timedelta(days=1)).silent) == [north.code]


def test_the_national_holidays_are_no_silence(term, north):
    """1 to 7 October there is no school; on the 9th, two school days have passed since the holidays."""
    a_school_that_held(north, date(2026, 9, 30))
    assert age(now=datetime.fromisoformat("2026-10-09T04:00:00+00:00")).silent == ()


def test_a_districts_own_free_days_are_no_silence_there(term, north, island):
    """A typhoon closes the schools of the island's district alone."""
    for day in (14, 15, 16):
        CalendarOverride.objects.create(
            date=date(2026, 9, day), is_school_day=False, district=island.district, reason="台风"
        )
    a_school_that_held(north, FRIDAY)
    a_school_that_held(island, FRIDAY)
    assert codes(age().silent) == [north.code]


def test_between_terms_nobody_is_silent(term, north):
    a_school_that_held(north)
    found = age(now=datetime.fromisoformat("2027-02-10T04:00:00+00:00"))
    assert (found.term, found.silent, found.never) == (None, (), ())


def test_an_archived_school_is_not_missed(term, north, south, island):
    a_school_that_held(north)
    School.objects.exclude(pk=north.pk).update(state=SchoolState.ARCHIVED, archived_at=NOW)
    found = age()
    assert codes(found.silent) == [north.code]
    assert found.never == ()


def test_whose_last_roll_up_failed_is_named_with_its_last_success(term, north, south, island):
    for school in (north, south, island):
        a_school_that_held(school, MONDAY)
    facts.rolled(now=NOW)
    actions.note_failure(school=south, now=NOW + timedelta(minutes=3))
    found = queries.data_age(WHOLE_CITY, NOW)
    assert codes(found.failed) == [south.code]
    assert found.failed[0].since == NOW
    facts.rolled(now=NOW + timedelta(minutes=5))
    assert queries.data_age(WHOLE_CITY, NOW).failed == ()
    assert Pulse.objects.get(school=south).failed_at is None


def test_the_age_is_that_of_the_last_sweep_or_the_last_sum(term, north):
    assert queries.data_age(WHOLE_CITY, NOW).as_of is None
    facts.rolled(now=NOW)
    assert queries.data_age(WHOLE_CITY, NOW).as_of == NOW
    actions.note_sweep(began_at=NOW + timedelta(minutes=1))
    found = queries.data_age(WHOLE_CITY, NOW)
    assert (found.rolled_at, found.as_of) == (NOW, NOW + timedelta(minutes=1))


@pytest.mark.parametrize("scope", [WHOLE_CITY, PRICE])
def test_both_bureaus_know_the_age(term, north, scope):
    a_school_that_held(north)
    assert codes(age(scope).silent) == [north.code]


def test_each_knows_of_the_own_schools_alone(term, north, south, island):
    a_school_that_held(north)
    hills = Scope(districts=frozenset({"330106"}))
    found = age(hills)
    assert (codes(found.silent), codes(found.never)) == ([], [island.code])
    assert codes(age(of_school(north)).silent) == [north.code]
    assert queries.data_age(Scope(districts=frozenset()), NOW).never == ()


def test_the_calendar_is_asked_once_in_ten_minutes(term, north, django_assert_num_queries):
    facts.rolled()
    queries.data_age(WHOLE_CITY, NOW)
    with django_assert_num_queries(2):
        queries.data_age(WHOLE_CITY, NOW)


def test_without_redis_the_calendar_is_asked_each_time(term, north, monkeypatch):
    a_school_that_held(north)

    def is_away(*_args, **_more):
        raise NoRedis

    monkeypatch.setattr(cache, "get_or_set", is_away)
    assert codes(age().silent) == [north.code]


def test_in_a_year_whose_calendar_is_unknown_nobody_is_called_silent(north):
    makers.a_term(code="2035-2036-1", first_date=date(2035, 9, 1), last_date=date(2036, 1, 20))
    a_school_that_held(north, term_code="2035-2036-1")
    now = datetime.fromisoformat("2035-09-20T04:00:00+00:00")
    assert ages.recent_days(now) == {ages.CITY: None}
    assert age(now=now).silent == ()
