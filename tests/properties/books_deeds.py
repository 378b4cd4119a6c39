"""How a deed of the random books is done: as one request, by somebody, sometimes with a fault in it, and looked at after it.

A refusal is one of the house's own with a sentence, and changes no row; a fault changes no row either, and the deed can
be done again. After each deed every promise of `afterbell verify` holds and the oracle's books are the school's.
"""

import re
from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine

from afterbell.accounts.models import User
from afterbell.audit import queries as audit
from afterbell.audit import standing
from afterbell.kernel.errors import Refused
from schools.finance import promises
from tenants.context import in_school
from tests.properties.books_facts import Fault, Hand, Ready, Tables, breaks
from tests.properties.books_oracle import Oracle
from tests.properties.books_stage import BEGINS, Stage
from tests.undone import undone

NUMBERS: Final = st.integers(0, 199)
"""Which of the rows at hand."""
WHO: Final = st.sampled_from((*(0,) * 16, *range(1, 8)))
"""0: whoever usually does it; else one of the people, whose right it may not be."""
TWICE: Final = -1
FAULTS: Final = st.just(0) | st.just(TWICE) | st.integers(1, 70)
"""0: none; TWICE: the same click again, from the page as it was read; else the number of the statement that breaks."""
RESTED_ON: Final = ("finance_", "enrolment_agreement", "planning_")
"""Tables that a promise of the books can be broken by."""
CHINESE: Final = re.compile("[\u4e00-\u9fff]")


@dataclass
class Life:
    """What goes back with the tables when an example ends."""

    now: datetime = BEGINS
    hand: Hand = field(default_factory=Hand)
    oracle: Oracle = field(default_factory=Oracle)
    rows: list[int] = field(default_factory=list)

    def clone(self) -> "Life":
        return Life(self.now, self.hand.clone(), deepcopy(self.oracle), list(self.rows))


class Deeds(RuleBasedStateMachine):
    """The school at hand, its clock, and doing."""

    def __init__(
        self, stage: Stage, tables: Tables, life: Life, outcomes: Counter[str], *, stays: bool = False
    ) -> None:
        """`stays`: what is done is the beginning of other lives."""
        super().__init__()
        self.stage, self.tables, self.life, self.outcomes = stage, tables, life, outcomes
        self.looks_each_time = not stays
        self.is_sound = True
        self._ends = ExitStack()
        if not stays:
            self._ends.enter_context(undone())
        self._ends.enter_context(in_school(stage.school))

    def teardown(self) -> None:
        """The end of a life: what was not looked at after each deed, unless one has failed."""
        try:
            if self.is_sound:
                self._sealed()
                self.life.rows = self.tables.read()
                self.whole()
                assert audit.broken_promise() is None
        finally:
            self._ends.close()

    @property
    def now(self) -> datetime:
        return self.life.now

    @property
    def today(self) -> date:
        return (self.now + timedelta(hours=8)).date()

    @property
    def oracle(self) -> Oracle:
        return self.life.oracle

    def has(self, kind: str, ready: Ready) -> bool:
        return self.life.hand.has(kind, ready)

    def pick(self, kind: str, number: int, ready: Ready) -> Any:
        return self.life.hand.pick(kind, number, ready)

    def person(self, who: int, usual: str) -> User:
        """As a request reads the user: rights are asked for anew."""
        names = [usual, *self.stage.people]
        return User.objects.get(pk=self.stage.people[names[who % len(names)]].pk)

    def do(
        self, deed: Callable[[], Any], *, fault: int = 0, told: Callable[[Any], None] | None = None
    ) -> Any:
        """What the deed gives, or None when it was refused. `told` tells the oracle what was done.

        A deed that broke is done again; short ones may be over before their fault.
        """
        self.life.now += timedelta(minutes=7)
        self.is_sound = False
        name = getattr(deed, "__name__", "deed")
        before = transaction.savepoint()
        try:
            with breaks(fault), transaction.atomic():
                result = deed()
        except Fault:
            if (
                transaction.get_rollback()
            ):  # in the commit itself, which here a savepoint stands for: its rollback too
                transaction.set_rollback(False)
                transaction.savepoint_rollback(before)
            self._unchanged(f"{name} broke at {fault}")
            self.outcomes[f"{name} broke"] += 1
            return self.do(deed, told=told)
        except Refused as refusal:
            self._refused(name, refusal)
            return None
        self.outcomes[f"{name} done"] += 1
        if told is not None:
            told(result)
        self.look()
        self.is_sound = True
        if fault == TWICE:
            self.do(deed, told=told)
        return result

    def _refused(self, name: str, refusal: Refused) -> None:
        self.outcomes[f"{name} refused: {refusal.code}"] += 1
        assert CHINESE.search(str(refusal)), f"{type(refusal)} says {refusal}"
        self._unchanged(f"{name} was refused: {refusal.code}")
        self.is_sound = True

    def _unchanged(self, what: str) -> None:
        assert self.tables.changed(self.life.rows, self.tables.read()) == [], what

    def look(self) -> None:
        """After a deed: what the pages show now, whether everything holds."""
        self._sealed()
        before, self.life.rows = self.life.rows, self.tables.read()
        changed = self.tables.changed(before, self.life.rows)
        self.life.hand.look(changed)
        if self.looks_each_time and any(name.startswith(RESTED_ON) for name in changed):
            self.whole()

    def _sealed(self) -> None:
        """What the stage wrote outside every block has its seals now."""
        with transaction.atomic():
            pass

    def whole(self) -> None:
        assert promises.broken_promise() is None
        sealed = list(standing.broken_promises())
        assert sealed == [], sealed
        assert self.oracle.difference() is None


def is_in(*states: str) -> Ready:
    return lambda row: row.state in states


def anything(_row: Any) -> bool:
    return True
