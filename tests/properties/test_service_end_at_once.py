"""The service ends while a run charges or a family leaves: no error, one of the two orders, the books hold (S27, S37)."""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction

from afterbell.audit import queries as audit
from afterbell.kernel.errors import Refused
from schools.care.models import Session
from schools.enrolment.models import Agreement
from schools.finance import promises
from schools.finance.models import Account, Calculation, Charge, Refund
from schools.planning.models import Plan
from tenants import context
from tests.properties import deeds_of_money, school_of_deeds
from tests.properties.deeds import DEEDS
from tests.properties.school_of_deeds import Snapshot, Touched, World, watched

END = "schools.finance.actions.service_end.end_service"
ROUNDS = 6
"""Each with other pauses between the statements."""
Outcome = tuple[object, ...]


class Stage:
    """The school, put back as it was after each round."""

    def __init__(self, world: World) -> None:
        self.world, self.snapshot = world, Snapshot(world.school)

    def after(self, act: Callable[[set[str]], list[str]]) -> Outcome:
        """What there is afterwards, and who was refused; the school is put back."""
        written: set[str] = set()
        refused = act(written)
        try:
            with context.in_school(self.world.school):
                assert audit.broken_promise() is None
                assert promises.broken_promise() is None
                return _outcome(refused)
        finally:
            self.snapshot.put_back(written)

    def in_turn(self, *names: str) -> Outcome:
        def act(written: set[str]) -> list[str]:
            return [found for name in names for found in self._does(name, written)]

        return self.after(act)

    def at_once(self, people: ThreadPoolExecutor, *names: str) -> Outcome:
        start = threading.Barrier(len(names), timeout=30)

        def act(written: set[str]) -> list[str]:
            running = [people.submit(self._does, name, written, start) for name in names]
            return [found for done in running for found in done.result(60)]

        return self.after(act)

    def _does(self, name: str, written: set[str], start: threading.Barrier | None = None) -> list[str]:
        """As a request: one transaction. Gives the refusal, if it is one; an error of the database is raised."""
        touched = Touched()
        uneven = 0.002 if start else 0
        try:
            with context.in_school(self.world.school), watched(touched, uneven=uneven):
                act = DEEDS[name](self.world)
                if start:
                    start.wait()
                with transaction.atomic():
                    act()
        except Refused as refusal:
            return [f"{name}: {refusal.code}"]
        finally:
            written.update(touched.tables)
        return []


def _outcome(refused: list[str]) -> Outcome:
    """Rows without their keys and moments; who moves up into the place has a new agreement each time."""
    charges = Charge.objects.values_list(
        "agreement",
        "period",
        "first_date",
        "last_date",
        "covers",
        "units",
        "gross_fen",
        "credited_fen",
        "taken_back_at",
    )
    calculations = Calculation.objects.values_list("agreement", "cause", "period", "credit_fen", "text")
    refunds = Refund.objects.values_list("agreement", "cause", "amount_fen", "state", "explanation")
    agreements = Agreement.objects.values_list("application", "state", "until_date")
    return (
        sorted(refused),
        *(Counter(map(repr, rows)) for rows in (charges, calculations, refunds, agreements)),
        Counter(map(repr, Account.objects.values_list("term_code", "code", "agreement", "balance_fen"))),
        Counter(map(repr, Session.objects.values_list("pk", "state"))),
        Counter(map(repr, Plan.objects.values_list("pk", "state", "ended_date"))),
    )


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker) -> Iterator[Stage]:
    with django_db_blocker.unblock(), school_of_deeds.own_database() as school:
        world = school_of_deeds.build(school)
        deeds_of_money.build(world)
        made = Stage(world)
        yield made
        made.snapshot.close()


@pytest.mark.parametrize(
    "other",
    [
        "schools.finance.actions.charges.charge_period",
        "schools.finance.actions.charges.charge_period (as shown)",
        "schools.finance.actions.charges.take_back",
        "schools.enrolment.actions.exit_agreement",
        "schools.enrolment.actions.end_leavers",
        "schools.enrolment.exit_actions.correct_exit",
        "schools.finance.actions.calculations.refund_exit",
        "schools.finance.actions.calculations.refund_absences",
    ],
)
def test_the_end_of_the_service_beside_another_deed_is_one_of_the_two_orders(stage, other):
    orders = [stage.in_turn(END, other), stage.in_turn(other, END)]
    with ThreadPoolExecutor(2) as people:
        for _round in range(ROUNDS):
            found = stage.at_once(people, END, other)
            assert found in orders, _beside(found, orders)
        for _person in range(2):
            people.submit(_leave).result()


def _leave() -> None:
    connection.close()


def _beside(found: Outcome, orders: list[Outcome]) -> list[object]:
    """What differs from each of the orders: a whole outcome is too long to be read."""
    pairs = [zip(found, order, strict=True) for order in orders]
    return [[(one, other) if isinstance(one, list) else (one - other, other - one) for one, other in pair if one != other]
            for pair in pairs]  # fmt: skip
