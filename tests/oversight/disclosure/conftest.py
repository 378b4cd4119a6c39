"""Stage of the public pages: a visitor without a cookie, and three schools of which one has published nothing."""

import hashlib

import pytest
from django.core.cache import cache
from django.test import Client

from oversight.disclosure import actions
from tests.accounts.makers import CITY
from tests.makers import a_term
from tests.oversight import makers
from tests.oversight.protection import attack
from tests.oversight.protection.published import public

TEXT = """afterbell-statement 1
school: 3301020001
term: 2026-2027-1
month: 2026-09
opening: 0
received: 1300000
spent: 250000
spent_staff: 240000
spent_materials: 10000
spent_other: 0
refunded: 0
closing: 1050000
payments: 100
refunds: 0
expenditures: 1
expenditure: 2026-09-20 staff 240000 九月服务人员报酬
ledger: 412 9f86d081
"""
SHA = hashlib.sha256(TEXT.encode()).hexdigest()


@pytest.fixture(autouse=True)
def fresh_limits():
    """Rate limits live in Redis, outside the test's transaction."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def visitor():
    """Somebody who has never been here."""
    return Client(SERVER_NAME=CITY)


@pytest.fixture
def published(db, north, south, island):
    """North: under the cap, September out in time. South: over the cap, collected by the committee, out late. The
    island's plan is a draft, and its statement is not out."""
    a_term()
    makers.a_term_fact(north)
    makers.a_month_fact(north, statement_sha256=SHA)
    makers.a_term_fact(south, fee_fen=16_000, collector="committee", participants=350)
    makers.a_month_fact(south, statement_sha256="a" * 64, statement_published_at="2026-10-20T04:00:00+00:00")
    makers.a_term_fact(
        island, plan_state="draft", plan_published_at=None, fee_fen=99_900, participants=4, pupils_on_roll=60
    )
    makers.a_month_fact(island, statement_sha256="", statement_published_at=None)
    makers.rolled()
    actions.publish(now=makers.LATER)


@pytest.fixture
def attack_on():
    """What is hidden of published tables → how many values it still has, 9 for nine or more."""

    def attacked(areas, grids):
        attacker = attack.Attacker()
        hidden = public(attacker, areas, grids)
        return {each.what: attacker.left(each.names, 9) for each in hidden}

    return attacked
