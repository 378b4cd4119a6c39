"""A term, its rules, and alerts in two districts; officers of the city, of one district, and of the price bureau."""

from datetime import datetime

import pytest

from afterbell.accounts.roles import Role
from oversight.facts.models import MonthFact
from oversight.redlines import actions
from tenants.context import in_city
from tenants.policies import ready
from tests import makers as people
from tests.accounts import makers as accounts
from tests.oversight import makers

NOW = datetime.fromisoformat("2026-11-23T04:00:00+00:00")


@pytest.fixture
def rules(db, settings):
    """The rules in force, and logins without one-time codes."""
    settings.SECOND_FACTOR = "optional"
    people.a_term()
    people.a_policy(ready.document("national-2024"), name="全国规则")


@pytest.fixture
def alerts(rules, north, south, island):
    """North: a fee over the cap and a class with two signs; island: a missing statement; south: clean."""
    makers.a_known_school(north, fee_fen=20_000)
    makers.a_class_fact(
        north, class_name="三年级2班", pupils=50, participants=49, consents=50, consents_in_burst=45
    )
    makers.a_known_school(south)
    makers.a_known_school(island)
    MonthFact.objects.filter(school=island).update(statement_published_at=None)
    makers.rolled(NOW)
    actions.evaluate_all(now=NOW)


@pytest.fixture
def at_city():
    """A browser of an officer: at_city(), at_city(scope="330102"), at_city("price_officer")."""

    def make(role: str = "bureau_supervisor", scope: str = "", name: str = "赵敏"):
        with in_city():
            user = accounts.a_user(role=Role(role), scope=scope, name=name)
        return accounts.logged_in(accounts.CITY, user.login)

    return make
