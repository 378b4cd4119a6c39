"""Deeds of the settlement, each by itself: preview, vote opened, votes, count, the decision noted, batch, later rounds."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from schools.committee import actions as committee
from schools.committee.models import Choice, Resolution
from schools.finance import actions
from schools.finance.models import Settlement
from tests.properties.books_deeds import FAULTS, NUMBERS, WHO, Deeds, anything, is_in
from tests.properties.books_facts import as_read
from tests.properties.books_stage import LAST, TERM

OTHERS = ("leave", "leave the school", "leave the school", "pay", "undo", "waive", "send", "spend")
ACTING = st.lists(st.sampled_from(OTHERS), min_size=1, max_size=2)


class SettlementDeeds(Deeds):
    """Whoever previewed does not batch, and the committee decides in between."""

    @precondition(lambda self: self.is_over())
    @rule(steps=st.integers(1, 4), fault=FAULTS)
    def go_on_settling(self, steps: int, fault: int = 0) -> None:
        """Steps of the usual way, so that lives get to the end of it."""
        for _each in range(steps):
            self._next_step(fault)

    @initialize(before=st.integers(0, 3), others=ACTING, number=NUMBERS)
    def begin_settling(self, before: int, others: Sequence[str], number: int) -> None:
        """Most lives that begin after the term begin with this."""
        if before and self.is_over():
            self.settle_while_others_act(before, others, number)

    @precondition(lambda self: self.is_over())
    @rule(
        before=st.integers(1, 3),
        others=ACTING,
        number=NUMBERS,
    )
    def settle_while_others_act(self, before: int, others: Sequence[str], number: int) -> None:
        """Something happens after the preview, the vote or the count, and the way is gone on with."""
        for _each in range(before):
            self._next_step(0)
        self.others_act(others, number)
        for _each in range(4 - before):
            self._next_step(0)

    def _next_step(self, fault: int) -> None:
        states = {row.state for row in self.life.hand.rows("settlement")}
        if "resolved" in states:
            self.batch(0, fault=fault)
        elif any(row.state == "open" for row in self.life.hand.rows("resolution")):
            self.vote(0)
            self.count(0, fault=fault)
        elif "preview" in states:
            self.propose(0, fault=fault)
        else:
            self.before_the_preview()
            self.preview(fault=fault)

    def before_the_preview(self) -> None:
        """What it waits for."""

    def others_act(self, others: Sequence[str], number: int) -> None:
        """Whatever they can do at this moment."""

    def is_over(self) -> bool:
        """Soon, or before its time."""
        return self.today > LAST - timedelta(days=21) or bool(self.life.hand.rows("settlement"))

    @precondition(lambda self: self.is_over())
    @rule(note=st.sampled_from(("其余报酬由区财政承担", "其余报酬由区财政承担", "")), fault=FAULTS)
    def preview(self, note: str = "其余报酬由区财政承担", fault: int = 0) -> None:
        by = self.person(0, self.stage.asks)

        def preview() -> Settlement:
            return actions.preview_settlement(term_code=TERM, pay_note=note, by=by, now=self.now)

        self.do(preview, fault=fault, told=lambda found: self.oracle.previewed(found, self.today))

    @precondition(lambda self: self.has("settlement", is_in("preview")))
    @rule(number=NUMBERS, fault=FAULTS)
    def propose(self, number: int, fault: int = 0) -> None:
        row = self.pick("settlement", number, is_in("preview"))
        by = self.person(0, self.stage.asks)

        def propose() -> Resolution:
            return actions.propose_settlement(settlement=as_read(row), by=by, now=self.now)

        self.do(propose, fault=fault)

    @precondition(lambda self: self.has("resolution", is_in("open")))
    @rule(number=NUMBERS, yes=st.sampled_from((True, True, True, False)), who=WHO)
    def vote(self, number: int, yes: bool = True, who: int = 0) -> None:
        row = self.pick("resolution", number, is_in("open"))
        voters = [self.person(0, "chair"), self.person(0, "treasurer")]
        if who:
            voters = [self.person(who, "chair")]
        for by in voters:

            def vote(by: Any = by) -> Any:
                choice = Choice.YES if yes else Choice.NO
                return committee.vote(resolution=as_read(row), choice=choice, by=by, now=self.now)

            self.do(vote)

    @precondition(lambda self: self.has("resolution", is_in("open")))
    @rule(number=NUMBERS, fault=FAULTS)
    def count(self, number: int, fault: int = 0) -> None:
        """The settlement hears of it through its hook."""
        row = self.pick("resolution", number, is_in("open"))
        by = self.person(0, "clerk")

        def count() -> Resolution:
            return committee.close_resolution(resolution=as_read(row), by=by, now=self.now)

        self.do(count, fault=fault)

    @precondition(lambda self: self.has("settlement", anything))
    @rule(number=NUMBERS)
    def resolve(self, number: int) -> None:
        row = self.pick(
            "settlement", number, is_in("preview") if self.has("settlement", is_in("preview")) else anything
        )
        by = self.person(0, "chair")

        def resolve() -> None:
            actions.resolve_settlement(settlement=as_read(row), by=by, now=self.now)

        self.do(resolve)

    @precondition(lambda self: self.has("settlement", is_in("resolved")))
    @rule(number=NUMBERS, who=WHO, fault=FAULTS)
    def batch(self, number: int, who: int = 0, fault: int = 0) -> None:
        row = self.pick("settlement", number, is_in("resolved"))
        by = self.person(who, self.stage.approves)

        def batch() -> Any:
            return actions.batch_settlement(settlement=as_read(row), by=by, now=self.now)

        self.do(
            batch, fault=fault, told=lambda _refunds: self.oracle.batched(Settlement.objects.get(pk=row.pk))
        )
