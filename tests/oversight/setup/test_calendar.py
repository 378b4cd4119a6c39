"""The calendar's second door. What one day refuses, the form of a whole year does; and who comes second."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from afterbell.kernel.dates import Period
from tenants import calendar, calendar_actions
from tenants.context import in_city
from tenants.models import CalendarOverride
from tests import makers
from tests.accounts import makers as accounts
from tests.city import NOON
from tests.oversight.setup.test_pages import at_city, text  # noqa: F401  (a fixture)

TODAY = timezone.localdate()


def enter(desk, first, last, holidays="", make_up="", query=""):
    given = {
        "first": first,
        "last": last,
        "holidays": holidays,
        "make_up_days": make_up,
        "reason": "放假安排",
    }
    return desk.post(f"/calendar/enter/{query}", given)


def test_the_form_of_a_year_changes_no_day_that_is_past(at_city):  # noqa: F811
    """change_day says: 点名、收费和退费都按当时的校历计算，不能再改. This form made ten school days of last month free."""
    makers.a_term(code=_code(), first_date=TODAY - timedelta(days=60), last_date=TODAY + timedelta(days=20))
    first, last = TODAY - timedelta(days=40), TODAY - timedelta(days=27)
    before = calendar.school_days(first, last)
    assert len(before) > 5
    enter(at_city(), first, last, holidays=f"{first} 至 {last}")
    assert calendar.school_days(first, last) == before


def test_two_officers_at_once_enter_the_same_days(db, monkeypatch):
    """The second one's page was an internal error: unique (date, district)."""
    day = date(2031, 1, 6)
    first_read = calendar_actions._is_open

    def somebody_is_quicker(one, *more):
        CalendarOverride.objects.get_or_create(date=day, district=None, is_school_day=True, reason="别人")
        return first_read(one, *more)

    monkeypatch.setattr(calendar_actions, "_is_open", somebody_is_quicker)
    with in_city():
        new = calendar_actions.enter_days(
            period=Period(day, day + timedelta(days=3)), holidays=[], make_up_days={}, reason="2031年放假安排",
            by=accounts.a_user(), now=NOON,
        )  # fmt: skip
        assert new == 3, "days that were entered before stay as they are"


def test_a_districts_day_does_not_go_back_to_what_nobody_knows(at_city, north):  # noqa: F811
    """2031 is in no national calendar, and the city has said nothing: after the restore every page that asks is refused."""
    day = date(2031, 2, 10)
    makers.a_term(code="2030-2031-2", first_date=date(2031, 2, 1), last_date=date(2031, 6, 30))
    desk, query = at_city(), f"?district={north.district.code}"
    assert enter(desk, day, day + timedelta(days=4), query=query).status_code == 302
    row = CalendarOverride.objects.get(date=day, district=north.district)
    answer = desk.post(f"/calendar/{day}/restore/{query}", {"seen": f"1||{row.reason}"})
    assert answer.status_code == 409, text(answer)
    assert calendar.is_school_day(day, north.district)


def _code():
    year = (TODAY - timedelta(days=60)).year
    return f"{year}-{year + 1}-1"


@pytest.mark.parametrize("code", ["339999", "湖滨区", "330102 "])
def test_a_district_that_is_gone_is_not_the_whole_city(at_city, code):  # noqa: F811
    """A tab that was open for a district which somebody has removed meanwhile: saved, it closed every school of the city."""
    day = TODAY + timedelta(days=2)
    makers.a_term(code=_code(), first_date=TODAY - timedelta(days=60), last_date=TODAY + timedelta(days=20))
    desk = at_city()
    given = {"is_school_day": "no", "follows_weekday": "", "reason": "区里停课", "seen": ""}
    answers = [
        desk.post(f"/calendar/{day}/?district={code}", given),
        enter(desk, TODAY + timedelta(days=5), TODAY + timedelta(days=6), query=f"?district={code}"),
    ]
    assert not CalendarOverride.objects.filter(district=None).exists()
    assert [answer.status_code for answer in answers] == [404, 404]
