"""The machine of random books: all deeds of one school under one profile, from one of four beginnings.

A machine begins before the term (nobody is enrolled), in the middle of it (all are enrolled, charged, some have paid), when
it is over (all months closed), or when it was settled: settlements come to pass only where a term has been. The
beginnings are lived through by the machine's own deeds, one on top of the other.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from schools.enrolment.models import Side
from tenants.context import in_school
from tenants.models import School
from tests.properties import books_stage
from tests.properties.books_deeds import Life
from tests.properties.books_facts import Tables
from tests.properties.books_of_families import FamilyDeeds
from tests.properties.books_of_fees import FeeDeeds
from tests.properties.books_of_money import MoneyDeeds
from tests.properties.books_of_settlement import SettlementDeeds
from tests.properties.books_stage import CHILDREN, MONTHS, OVER, TERM, Stage


class Machine(FamilyDeeds, FeeDeeds, MoneyDeeds, SettlementDeeds):
    """Everything that can be done."""


def nothing_yet(_life: Machine) -> None:
    """Before the term."""


def in_the_middle(life: Machine) -> None:
    """Everybody is enrolled, charged for what the profile allows, and has paid something; two lessons were held."""
    for child in range(CHILDREN):
        life.apply(child, football=True, who=0)
        for side in Side:
            life.review(0, side, yes=True, who=0)
    by_term = "month" not in life.stage.profile["billing"]["cycles"]
    life.charge(TERM if by_term else MONTHS[0])
    for number in range(3):
        life.pay(number * 4, 9000 + number, key=20 + number)
    life.weeks_go_by(2, 2)


def when_it_is_over(life: Machine) -> None:
    """What was asked for is decided, every lesson held, every month closed."""
    for _each in range(5):
        life.weeks_go_by(4, 1)
    life.charge(MONTHS[1])
    life.life.now = OVER
    for month in MONTHS:
        life.close(month)


def when_it_was_settled(life: Machine) -> None:
    """Every family has its share on the way to it."""
    life.preview()
    life.propose(0)
    life.vote(0)
    life.count(0)
    life.batch(0)


BEGINNINGS: Final[tuple[Callable[[Machine], None], ...]] = (
    nothing_yet,
    in_the_middle,
    when_it_is_over,
    when_it_was_settled,
)


@contextmanager
def lives(school: School, profile: str, outcomes: Counter[str]) -> Iterator[Iterator[Callable[[], Machine]]]:
    """Machines to be made from each beginning, in their order."""
    stage = books_stage.build(school, profile)
    with in_school(school):
        tables = Tables(school.schema_name)
        life = Life()
        life.hand.look()
        life.rows = tables.read()
    yield _beginnings(stage, tables, life, outcomes)


def _beginnings(
    stage: Stage, tables: Tables, life: Life, outcomes: Counter[str]
) -> Iterator[Callable[[], Machine]]:
    for begin in BEGINNINGS:
        machine = Machine(stage, tables, life, outcomes, stays=True)
        begin(machine)
        machine.teardown()
        yield lambda: Machine(stage, tables, life.clone(), outcomes)
