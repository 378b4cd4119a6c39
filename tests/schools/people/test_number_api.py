"""Numbers that wait, by the API: the same persons, rules and words as on the page."""

from uuid import uuid4

import pytest

from afterbell.accounts import number_actions
from afterbell.accounts.models import NumberClaim, User
from afterbell.accounts.roles import Role
from tenants.context import in_school
from tests.accounts.makers import a_user
from tests.city import NOON
from tests.schools.people.stage import client_of

HERE = "/api/v1/numbers/"
NEW = "+8613800138002"


@pytest.fixture
def people(north, settings):
    settings.SECOND_FACTOR = "optional"
    with in_school(north):
        found = {
            role: a_user(role=role) for role in (Role.PRINCIPAL, Role.DEPUTY, Role.CLERK, Role.CARE_STAFF)
        }
        claim = number_actions.claim_number(
            user=found[Role.CARE_STAFF], phone=NEW, reason="手机遗失", by=found[Role.PRINCIPAL], now=NOON
        )
    return {role: client_of(north, user) for role, user in found.items()}, claim


def post(client, claim, **given):
    return client.post(f"{HERE}{claim.pk}/", given, content_type="application/json")


def test_who_may_answer_finds_it_and_answers_once(north, people):
    clients, claim = people
    deputy = clients[Role.DEPUTY]
    (row,) = deputy.get(HERE).json()
    assert (row["id"], row["phone"], row["is_own"], row["waits_until"]) == (str(claim.pk), NEW, False, None)
    assert clients[Role.PRINCIPAL].get(HERE).json() == []  # who claimed it
    assert clients[Role.CARE_STAFF].get(HERE).json()[0]["is_own"] is True
    assert post(deputy, claim).status_code == 400
    assert post(clients[Role.PRINCIPAL], claim, is_yes=True).status_code == 404
    assert (
        post(clients[Role.CARE_STAFF], claim, is_yes=True).status_code == 403
    )  # with a role, not the own yes
    done = post(deputy, claim, is_yes=True)
    assert (done.status_code, done.json()["is_accepted"]) == (200, True)
    again = post(clients[Role.CLERK], claim, is_yes=False)
    assert (again.status_code, again.json()["type"].rpartition(":")[2]) == (409, "number_claim_answered")
    with in_school(north):
        assert User.objects.get(pk=claim.user_id).phone == NEW
    assert deputy.get(HERE).json() == []


def test_the_owner_says_no(north, people):
    clients, claim = people
    assert post(clients[Role.CARE_STAFF], claim, is_yes=False).json()["is_accepted"] is False
    with in_school(north):
        assert User.objects.get(pk=claim.user_id).phone != NEW
        assert NumberClaim.objects.get().answered_by_id == claim.user_id


def test_strangers_and_unknown_ones(north, south, people):
    clients, claim = people
    with in_school(north):
        other = a_user(role=Role.CARE_STAFF)
    with in_school(south):
        foreign = a_user(role=Role.PRINCIPAL)
    assert post(client_of(north, other), claim, is_yes=True).status_code == 404
    assert post(client_of(south, foreign), claim, is_yes=True).status_code == 404
    missing = clients[Role.DEPUTY].post(
        f"{HERE}{uuid4()}/", {"is_yes": True}, content_type="application/json"
    )
    assert missing.status_code == 404
