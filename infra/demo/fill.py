"""Fills the demo city: districts, schools, accounts. Safe to repeat: what is there is kept."""

from datetime import datetime
from typing import TypedDict

from django.conf import settings
from rich.progress import Progress

from infra.demo import accounts, names, rosters, rules
from tenants import context, provisioning
from tenants.fleet import migrating
from tenants.models import District, School

SCHOOLS_WITH_ACCOUNTS = 3


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


def fill(*, schools: int, now: datetime) -> DemoCity:
    """The demo city with this many schools; more than last time opens the missing ones."""
    migrating.migrate(now=now)
    districts = _districts()
    opened = _schools(list(names.schools(schools)), districts, now)
    rules.fill(now)
    people = accounts.of_city(now)
    for index, school in enumerate(opened[:SCHOOLS_WITH_ACCOUNTS], start=1):
        people += accounts.of_school(school, index, now)
        rosters.fill(school, index, now)
    return DemoCity(
        city_host=settings.CITY_HOST,
        schools=[
            DemoSchoolLine(code=s.code, name=s.name, host=f"s{s.code}.{settings.DOMAIN}") for s in opened
        ],
        accounts=people,
    )


def _districts() -> dict[str, District]:
    with context.as_owner():
        return {
            code: District.objects.get_or_create(code=code, defaults={"name": name, "position": position})[0]
            for position, (code, name, _kind) in enumerate(names.DISTRICTS, start=1)
        }


def _schools(wanted: list[names.DemoSchool], districts: dict[str, District], now: datetime) -> list[School]:
    opened = []
    with Progress() as progress:
        bar = progress.add_task("Opening schools", total=len(wanted))
        for school in wanted:
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
            progress.advance(bar)
    return opened
