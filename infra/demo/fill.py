"""Fills the demo city: districts, schools, accounts. Safe to repeat: what is there is kept."""

from datetime import UTC, datetime
from typing import TypedDict

from django.conf import settings

from infra.demo import accounts, crew, names, rules, stories
from tenants import context, provisioning
from tenants.commands.progress import progress
from tenants.fleet import migrating
from tenants.models import District, School

SCHOOLS_WITH_ACCOUNTS = 3
LEAST_NOW = datetime(2026, 11, 18, 12, 0, tzinfo=UTC)
"""The stories of the running term are told by then; a clock before it sees a city that is a little ahead."""


class DemoSchoolLine(TypedDict):
    """A school in .afterbell/demo.json."""

    code: str
    name: str
    host: str


class DemoCity(TypedDict):
    """What .afterbell/demo.json says besides its address (contract "Files")."""

    city_host: str
    schools: list[DemoSchoolLine]
    accounts: list[accounts.DemoAccount]
    term: str
    past_term: str


def fill(*, schools: int, now: datetime) -> DemoCity:
    """The demo city with this many schools; more than last time opens the missing ones."""
    migrating.migrate(now=now)
    districts = _districts()
    opened = _schools(list(names.schools(schools)), districts, now)
    rules.fill(now)
    people = accounts.of_city(now)
    for index, school in enumerate(opened[:SCHOOLS_WITH_ACCOUNTS], start=1):
        people += accounts.of_school(school, index, now)
    crew.load_all(opened, now=max(now, LEAST_NOW))
    return DemoCity(
        city_host=settings.CITY_HOST,
        schools=[
            DemoSchoolLine(code=s.code, name=s.name, host=f"s{s.code}.{settings.DOMAIN}") for s in opened
        ],
        accounts=people,
        term=stories.RUNNING,
        past_term=stories.PAST,
    )


def _districts() -> dict[str, District]:
    with context.as_owner():
        return {
            code: District.objects.get_or_create(code=code, defaults={"name": name, "position": position})[0]
            for position, (code, name) in enumerate(names.DISTRICTS, start=1)
        }


def _schools(wanted: list[names.DemoSchool], districts: dict[str, District], now: datetime) -> list[School]:
    opened = []
    with progress("Opening schools") as tick:
        for done, school in enumerate(wanted, start=1):
            opened.append(
                provisioning.open_school(
                    code=school.code,
                    name=school.name,
                    district=districts[school.district_code],
                    stage=school.stage,
                    kind=school.kind,
                    size_class=school.size_class,
                    now=now,
                )
            )
            tick(done, len(wanted))
    return opened
