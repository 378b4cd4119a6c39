"""The machine of random books: all deeds of one school under one profile, from one of five beginnings.

A machine begins before the term (nobody is enrolled), in the middle of it (all are enrolled, charged, some have paid), when
the service ended early, when the term is over (all months closed), or when it was settled: settlements come to pass only
where a term has been. The beginnings are lived through by the machine's own deeds, one on top of the other.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Final

from schools.enrolment.models import Side
from schools.finance.spending import BY_PAY_SHEET
from tenants.context import in_school
from tenants.models import School
from tests.properties import books_stage
from tests.properties.books_deeds import Life, anything, is_in
from tests.properties.books_facts import Tables
from tests.properties.books_of_families import FamilyDeeds
from tests.properties.books_of_fees import FeeDeeds, stands
from tests.properties.books_of_money import MoneyDeeds, is_undoable
from tests.properties.books_of_settlement import SettlementDeeds
from tests.properties.books_oracle import Oracle
from tests.properties.books_rules import Text
from tests.properties.books_stage import CHILDREN, EARLY, LAST, MONTHS, OVER, PERIODS, TERM, Stage
from tests.undone import undone


class Machine(FamilyDeeds, FeeDeeds, MoneyDeeds, SettlementDeeds):
    """Everything that can be done."""

    def before_the_preview(self) -> None:
        for period in PERIODS if not self.oracle.batches else ():
            self.reckon_absences(period)

    def others_act(self, others: Sequence[str], number: int) -> None:
        for what in others:
            if what == "leave" and self.today <= LAST and self.has("agreement", is_in("active")):
                self.leave(4 * number)
            if what == "leave the school" and self.has("agreement", is_in("active")):
                self.leave_the_school(4 * number, days=5)
            if what == "pay" and self.has("agreement", anything):
                self.pay(4 * number, 7001, key=31 + number)
            if what == "undo" and self.has("transfer", is_undoable):
                self.undo(4 * number)
            if what == "waive" and self.stage.profile["waivers"] and self.has("charge", stands):
                self.ask_waiver(4 * number, 1234)
            if what == "send" and self.has("refund", anything):
                self.send(4 * number, "issue")
            if what == "spend":
                self.ask_money(("teaching_pay", BY_PAY_SHEET), 900, days=20, form=50 + 2 * number)
                if self.has("expenditure", is_in("requested")):
                    self.decide_money(4 * number)


def nothing_yet(_life: Machine) -> None:
    """Before the term."""


def in_the_middle(life: Machine) -> None:
    """Everybody is enrolled (one waits for football), charged for what the profile allows, one with a waiver; most have
    paid; lessons were held."""
    for child in range(CHILDREN):
        life.apply(child, football=True, who=0, each=True)
        life.review(0, tuple(Side))
    by_term = "month" not in life.stage.profile["billing"]["cycles"]
    life.charge(TERM if by_term else MONTHS[0])
    if life.stage.profile["waivers"]:
        life.ask_waiver(0, 1111)
    for number in range(3):
        life.pay(number * 4, 9000 + number, key=20 + number)
    life.weeks_go_by(4, 2)


def when_it_ended_early(life: Machine) -> None:
    """The school closed its service in the middle: children are still enrolled when the term is settled."""
    life.end_early(really=True)
    life.life.now = EARLY
    for month in MONTHS[:2]:
        life.close(month)


def when_it_is_over(life: Machine) -> None:
    """One has left, two paid ahead, absences were looked at, every lesson was held, every month is closed."""
    life.weeks_go_by(4, 3)
    for number in range(2):
        life.pay(number * 4, 23000 + number, key=24 + number)
    life.leave(8)
    life.charge(MONTHS[1])
    for _each in range(4):
        life.weeks_go_by(4, 1)
    life.life.now = OVER
    if life.stage.profile["refund"]["kind"] != "none":
        life.before_the_preview()
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
    when_it_ended_early,
    when_it_is_over,
    when_it_was_settled,
)
ASIDE: Final = when_it_ended_early
"""Nothing follows it."""


@contextmanager
def lives(school: School, profile: str, outcomes: Counter[str]) -> Iterator[Iterator[Callable[[], Machine]]]:
    """Machines to be made from each beginning, in their order."""
    stage = books_stage.build(school, profile)
    with in_school(school):
        tables = Tables(school.schema_name)
        life = Life(oracle=Oracle(text=Text(stage.profile)))
        life.hand.look(tables.names)
        life.rows = tables.read()
    yield _beginnings(stage, tables, life, outcomes)


def _beginnings(
    stage: Stage, tables: Tables, life: Life, outcomes: Counter[str]
) -> Iterator[Callable[[], Machine]]:
    for begin in BEGINNINGS:
        with undone() if begin is ASIDE else nullcontext():
            lived = life.clone() if begin is ASIDE else life
            machine = Machine(stage, tables, lived, outcomes, stays=True)
            begin(machine)
            machine.teardown()
            yield partial(_machine, stage, tables, lived, outcomes)


def _machine(stage: Stage, tables: Tables, life: Life, outcomes: Counter[str]) -> Machine:
    return Machine(stage, tables, life.clone(), outcomes)
