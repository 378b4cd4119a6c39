"""Stage of the journey of a term: a city of its own with one empty school, rules, a calendar, and three first accounts.

The clock is the real one; between midnight and four the gate's day is the calendar's here, not the evening before: the
journey opens its session at whatever hour it runs. Term and calendar are laid around today: today and tomorrow are
school days with Monday's timetable whatever the day of the week, all other days are free; the term began with the month
before, which is over and can be closed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from unittest.mock import patch

from django.db import connections
from django.test import override_settings
from django.utils import timezone

from afterbell.accounts import actions as accounts
from afterbell.accounts.roles import Role
from afterbell.kernel.dates import ONE_DAY, Month, Period
from schools.care import roll
from tenants import calendar_actions, context, provisioning
from tenants.models import District, Kind, School, SizeClass, Stage, Term
from tenants.policies import actions as policies
from tenants.policies import ready
from tests import city, databases

CODE, NAME = "3301020001", "湖滨区第一小学"
PASSWORD = "tian-qing-1962"
MONDAY = 1
SETTINGS = {
    "DEMO": True,  # the demo's outbox stands in for the guardian's phone
    "SECOND_FACTOR": "optional",
    "CODE_SENDER": "afterbell.accounts.senders.VisibleOutbox",
    "OUTBOX_WAKE": "tests.journeys.term_stage.nobody_is_woken",
    "CACHES": {
        "default": {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "journey",
            "KEY_FUNCTION": "tenants.cache.school_key",
        }
    },
}


def nobody_is_woken(school_id: str) -> None:
    """No worker runs here: the journey drains the outbox itself."""


@dataclass(frozen=True)
class Days:
    """The term around today."""

    today: date
    first: date
    last: date

    @classmethod
    def around(cls, now: datetime) -> "Days":
        today = timezone.localdate(now)
        this_month = Month.of(today).period.first
        return cls(today, Month.of(this_month - ONE_DAY).period.first, today + timedelta(days=20))

    @property
    def term_code(self) -> str:
        """By the calendar alone: the second half of a year begins a school year."""
        year, half = (self.first.year, 1) if self.first.month > 6 else (self.first.year - 1, 2)
        return f"{year}-{year + 1}-{half}"

    @property
    def this_month(self) -> str:
        return str(Month.of(self.today))

    @property
    def month_before(self) -> str:
        return str(Month.of(self.first))


@contextmanager
def an_empty_school() -> Iterator[tuple[School, Days]]:
    """A city of its own in a database of its own, gone afterwards: pages commit, and nothing may stay behind."""
    name = f"test_journey_{city.os_worker()}"
    before = connections["default"].settings_dict["NAME"]
    databases.drop(name)
    databases.create_installed(name)
    databases.go_to(name)
    try:
        with override_settings(**SETTINGS), patch.object(roll, "NIGHT", timedelta()):
            now = timezone.now()
            days = Days.around(now)
            yield _found_city(days, now), days
    finally:
        databases.go_to(before)
        databases.drop(name)


def _found_city(days: Days, now: datetime) -> School:
    provisioning.install()
    lake = District.objects.create(code="330102", name="湖滨区", position=1)
    Term.objects.create(code=days.term_code, name="本学期", first_date=days.first, last_date=days.last)
    _lay_calendar(days, now)
    rules = ready.document("haikou")
    policies.adopt(
        name="按课时收费",
        document=rules,
        valid_from_date=days.first,
        source=ready.source_of(rules),
        by=None,
        now=now,
    )
    school = provisioning.open_school(
        code=CODE,
        name=NAME,
        district=lake,
        stage=Stage.PRIMARY,
        kind=Kind.URBAN,
        size_class=SizeClass.SMALL,
        now=now,
    )
    with context.in_city():
        _account("bureau", "教育局王科长", Role.BUREAU_SUPERVISOR, now)
    with context.in_school(school):
        _account("principal", "郑校长", Role.PRINCIPAL, now)
        _account("deputy", "许副校长", Role.DEPUTY, now)
        _account("clerk", "孙老师", Role.CLERK, now)
    return school


def _lay_calendar(days: Days, now: datetime) -> None:
    at_school = (days.today, days.today + ONE_DAY)
    period = Period(days.first, days.last)
    calendar_actions.enter_days(
        period=period,
        holidays=[day for day in period if day not in at_school],
        make_up_days=dict.fromkeys(at_school, MONDAY),
        reason="试验校历",
        by=None,
        now=now,
    )


def _account(login: str, name: str, role: Role, now: datetime) -> None:
    user = accounts.create_user(login=login, name=name, password=PASSWORD, by=None, now=now)
    accounts.assign_role(user=user, role=role, by=None, now=now)
