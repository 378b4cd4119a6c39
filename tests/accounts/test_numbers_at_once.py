"""A number is answered once, whoever is at it at the same moment; of two first colleagues one is the first."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from afterbell.accounts import actions, number_actions
from afterbell.accounts.models import NumberClaim, User
from afterbell.accounts.roles import Role
from afterbell.kernel.errors import Refused
from tenants import context
from tests import makers as house
from tests.accounts.makers import a_user
from tests.city import NOON
from tests.properties import school_of_deeds


@pytest.fixture
def school(django_db_setup, django_db_blocker) -> Iterator:
    """In a database of its own, where what is done is committed."""
    with django_db_blocker.unblock(), school_of_deeds.own_database() as found:
        yield found


def phone() -> str:
    return f"+86138{house.number():08d}"


def test_two_answers_and_a_second_claim_at_once(school):
    """Yes and no: one counts. Two claims: one is there. Twice yes: the number is changed once."""
    with context.in_school(school):
        office = [a_user(role=role) for role in (Role.PRINCIPAL, Role.DEPUTY, Role.CLERK)]
        principal, deputy, clerk = (user.pk for user in office)
        teacher = a_user(role=Role.CARE_STAFF, phone=phone()).pk

    def claim(by) -> None:
        given = {"user": User.objects.get(pk=teacher), "by": User.objects.get(pk=by)}
        number_actions.claim_number(phone=phone(), reason="换号", now=NOON, **given)

    def answer(by, deed) -> None:
        deed(claim=NumberClaim.objects.latest("at", "pk"), by=User.objects.get(pk=by), now=NOON)

    for deeds in (
        (number_actions.accept_number, number_actions.refuse_number),
        (number_actions.accept_number, number_actions.accept_number),
    ):
        refused = at_once(school, lambda: claim(principal), lambda: claim(principal))
        assert kinds(refused) == ["ClaimOpen"]
        yes, other = deeds
        refused = at_once(
            school, lambda yes=yes: answer(deputy, yes), lambda other=other: answer(clerk, other)
        )
        assert kinds(refused) == ["ClaimAnswered"]
        with context.in_school(school):
            last = NumberClaim.objects.latest("at", "pk")
            has_it = User.objects.get(pk=teacher).phone == last.phone
            assert has_it == last.is_accepted


def test_of_two_first_colleagues_one_is_the_first(school):
    with context.in_school(school):
        head = a_user(role=Role.PRINCIPAL, phone=phone())
        made = []
        for name in ("李雷", "韩梅"):
            user = actions.create_user(
                login=f"u-{name.encode().hex()}", name=name, phone=phone(), by=head, now=NOON
            )
            actions.assign_role(user=user, role=Role.CLERK, by=head, now=NOON)
            made.append((user.number_claims.get().pk, name))

    def prove(key, name) -> None:
        claim = NumberClaim.objects.select_related("user", "by").get(pk=key)
        number_actions.accept_as_owner(claim=claim, name=name, here=None, now=NOON)

    refused = at_once(school, *(lambda key=key, name=name: prove(key, name) for key, name in made))
    assert kinds(refused) == ["NotYourAnswer"]
    with context.in_school(school):
        assert NumberClaim.objects.filter(is_accepted=True).count() == 1


def at_once(school, *deeds: Callable[[], None]) -> list[Refused | None]:
    together = threading.Barrier(len(deeds))

    def one(deed) -> Refused | None:
        try:
            with context.in_school(school), transaction.atomic():
                User.objects.exists()  # connected
                together.wait(30)
                deed()
        except Refused as refusal:
            return refusal
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(deeds)) as people:
        return list(people.map(one, deeds))


def kinds(refused: list[Refused | None]) -> list[str]:
    return [type(each).__name__ for each in refused if each is not None]
