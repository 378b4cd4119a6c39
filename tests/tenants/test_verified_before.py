"""What a verification found stays. The handbook: 发现过的问题一直留在页面上，数据改回去也不会消失."""

import pytest
from django.db import connection

from afterbell.accounts.roles import Role
from afterbell.audit import findings
from tenants.anchors.models import ChainState
from tenants.context import as_owner, in_city, in_school
from tests.accounts.makers import a_user
from tests.city import NOON
from tests.tenants.test_verifying import HOUR, auditor, run, state_of  # noqa: F401  (a fixture)


@pytest.fixture
def changed(north):
    """A row changed behind the program, and the way to put it back."""
    with in_school(north):
        user = a_user(role=Role.PRINCIPAL, name="王校长")

    def name(word):
        with as_owner(north.schema_name), connection.cursor() as cursor:
            cursor.execute("UPDATE accounts_user SET name = %s WHERE id = %s", [word, user.pk])

    name("x")
    return lambda: name("王校长")


def found_ever(school):
    """Whatever the city still knows of what was wrong with the chain."""
    with in_city():
        state = ChainState.objects.get(school=school)
        return [one for one in state.findings if one["code"] == "seal_changed"]


def test_a_row_that_was_put_back_stays_found(north, auditor, changed):  # noqa: F811
    run(auditor, north)
    assert found_ever(north)
    changed()
    run(auditor, north, NOON + HOUR)
    assert found_ever(north), "the chain is said to hold, and nothing says that it ever did not"


def test_a_verification_that_fails_takes_back_nothing(north, auditor, changed, monkeypatch):  # noqa: F811
    run(auditor, north)
    assert found_ever(north)
    monkeypatch.setattr(findings, "found", lambda _anchors: 1 / 0)
    run(auditor, north, NOON + HOUR)
    assert (state_of(north).verdict, bool(found_ever(north))) == ("broken", True)
