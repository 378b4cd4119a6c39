"""Deeds of money: receipts and their undoing, expenditure, refunds sent one by one and as lists, months closed."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, initialize, precondition, rule

from afterbell.kernel.money import Fen
from schools.finance import actions, gathering, queries, rules, statements
from schools.finance.actions import refunds as sending
from schools.finance.models import Refund
from schools.finance.spending import BY_PAY_SHEET
from schools.planning.models import Plan
from tests.properties.books_deeds import FAULTS, NUMBERS, WHO, Deeds, anything, is_in
from tests.properties.books_facts import OLD, as_read
from tests.properties.books_stage import MONTHS, PERIODS, TERM
from tests.schools.finance.stage import SHOP

FEN = st.integers(1, 40000) | st.sampled_from((6999, 13998, 20997, 25001))
ITEMS = st.sampled_from((("teaching_pay", BY_PAY_SHEET), ("activity_goods", SHOP), ("teaching_pay", SHOP)))
TO_AND_FRO = st.lists(st.sampled_from(("issue", "confirm", "fail")), min_size=3, max_size=5)
SENT_TO = st.sampled_from(("confirm", "fail", "issue", "issue"))


def is_undoable(row: Any) -> bool:
    return row.kind in ("payment", "expenditure")


def has_ended(row: Any) -> bool:
    return row.state != "active"


class MoneyDeeds(Deeds):
    """Whose hand moves money is asked each time: the profile's collector's."""

    refund_lists = Bundle("refund_lists")
    statements = Bundle("statements")

    @precondition(lambda self: self.has("agreement", anything))
    @rule(number=NUMBERS, fen=FEN, key=st.integers(0, 30), days=st.integers(-1, 40), who=WHO, fault=FAULTS)
    def pay(self, number: int, fen: int, key: int, days: int = 0, who: int = 0, fault: int = 0) -> None:
        """Perhaps with a bank's number that came before; perhaps paid in a month that is closed since."""
        row = self.pick("agreement", number, anything)
        by = self.person(who, self.stage.asks)

        def pay() -> Any:
            return actions.record_payment(
                agreement=as_read(row),
                amount=Fen(fen),
                provider_key=f"wx-{key}",
                paid_at=self.now - timedelta(days=days),
                by=by,
                now=self.now,
                seen_owed=queries.owed_by(as_read(row)),
            )

        self.do(pay, fault=fault, told=lambda payment: self.oracle.paid(payment))

    @precondition(lambda self: self.has("transfer", is_undoable))
    @rule(number=NUMBERS, who=WHO, fault=FAULTS)
    def undo(self, number: int, who: int = 0, fault: int = 0) -> None:
        row = self.pick("transfer", number, is_undoable)
        by = self.person(who, self.stage.approves)

        def undo() -> Any:
            return actions.reverse_transfer(transfer=as_read(row), reason="bounced", by=by, now=self.now)

        self.do(undo, fault=fault, told=lambda _made: self.oracle.undone(row))

    @rule(
        what=ITEMS, fen=st.integers(1, 20000), days=st.integers(0, 40), form=st.integers(0, 40), fault=FAULTS
    )
    def ask_money(self, what: Any, fen: int, days: int = 0, form: int = 0, fault: int = 0) -> None:
        item, payee = what
        by = self.person(0, "treasurer" if form % 2 else "clerk")

        def ask_money() -> Any:
            return actions.request_expenditure(
                term_code=TERM, item=item, title="九月支出", amount=Fen(fen), payee=payee, by=by, now=self.now,
                spent_date=self.today - timedelta(days=days), key=UUID(int=form + 1),
            )  # fmt: skip

        self.do(ask_money, fault=fault)

    @precondition(lambda self: self.has("expenditure", is_in("requested")))
    @rule(number=NUMBERS, yes=st.sampled_from((True, True, False)), who=WHO, fault=FAULTS)
    def decide_money(self, number: int, yes: bool = True, who: int = 0, fault: int = 0) -> None:
        row = self.pick("expenditure", number, is_in("requested"))
        by = self.person(who, self.stage.approves)

        def decide_money() -> Any:
            if yes:
                return actions.approve_expenditure(
                    expenditure=as_read(row), reason="已核对，同意", by=by, now=self.now
                )
            return actions.refuse_expenditure(expenditure=as_read(row), reason="重复", by=by, now=self.now)

        self.do(decide_money, fault=fault, told=lambda found: self.oracle.decided(found))

    @precondition(lambda self: self.has("agreement", has_ended))
    @rule(number=NUMBERS)
    def reckon_exit(self, number: int) -> None:
        """By hand, beside what the exit does by itself."""
        row = self.pick("agreement", number, has_ended)
        by = self.person(0, self.stage.asks)

        def reckon_exit() -> Any:
            return actions.refund_exit(agreement=as_read(row), by=by, now=self.now)

        self.do(reckon_exit, told=lambda _made: self.oracle.exit_reckoned(row))

    @precondition(lambda self: self.today.month > 9 and not self.oracle.batches)
    @rule(period=st.sampled_from(PERIODS), fault=FAULTS)
    def reckon_absences(self, period: str, fault: int = 0) -> None:
        by = self.person(0, self.stage.asks)
        plan = Plan.objects.get(pk=self.stage.plan.pk)

        def reckon_absences() -> Any:
            return actions.refund_absences(plan=plan, period=period, by=by, now=self.now)

        self.do(reckon_absences, fault=fault, told=lambda _made: self.oracle.missed(plan, period))

    @precondition(lambda self: self.has("refund", anything))
    @rule(number=NUMBERS, step=SENT_TO, who=WHO, fault=FAULTS)
    def send(self, number: int, step: str, who: int = 0, fault: int = 0) -> None:
        """One refund: issued, confirmed, failed."""
        ready = is_in("draft", "failed") if step == "issue" else is_in("issued")
        if not self.has("refund", ready):
            step, ready = "issue", is_in("draft", "failed")
        if not self.has("refund", ready):
            ready = anything
        row = self.pick("refund", number, ready)
        by = self.person(who, self._sender([row]))
        action = {
            "issue": actions.issue_refund,
            "confirm": actions.confirm_refund,
            "fail": actions.fail_refund,
        }[step]

        def send() -> None:
            action(refund=as_read(row), by=by, now=self.now)

        self.do(send, fault=fault, told=lambda _done: self.oracle.sent(step, [row]))

    @initialize(number=NUMBERS, steps=TO_AND_FRO)
    def begin_sending(self, number: int, steps: list[str]) -> None:
        """Where there are refunds, every other life begins with sending one."""
        if number % 2 and self.life.hand.rows("refund"):
            self.send_to_and_fro(number // 8, steps)

    @precondition(lambda self: self.life.hand.rows("refund"))
    @rule(number=st.integers(0, 30), steps=TO_AND_FRO)
    def send_to_and_fro(self, number: int, steps: list[str]) -> None:
        """Two people at one refund, each by a page of an own time."""
        for place, step in enumerate(steps):
            self.send(4 * number + (OLD if place % 2 else 0), step)

    @precondition(lambda self: self.has("refund", anything))
    @rule(number=st.integers(0, 30), step=st.sampled_from(("issue", "issue", "confirm", "fail")))
    def send_as_read(self, number: int, step: str) -> None:
        """By a page of before, if there is one."""
        self.send(4 * number + OLD, step)

    @precondition(lambda self: self.has("refund", anything))
    @rule(target=refund_lists, step=st.sampled_from(("issue", "confirm")))
    def open_refunds(self, step: str) -> tuple[str, list[Refund], str]:
        states = ["draft", "failed"] if step == "issue" else ["issued"]
        rows = list(Refund.objects.filter(state__in=states).order_by("pk"))
        return step, rows, sending.digest(rows)

    @rule(shown=refund_lists, who=WHO, fault=FAULTS)
    def send_all(self, shown: tuple[str, list[Refund], str], who: int = 0, fault: int = 0) -> None:
        """What a confirmation page showed, however long ago: its rows are read again, its digest is not."""
        step, rows, digest = shown
        by = self.person(who, self._sender(rows))
        again = list(Refund.objects.filter(pk__in=[row.pk for row in rows]))
        action = actions.issue_refunds if step == "issue" else actions.confirm_refunds

        def send_all() -> None:
            action(refunds=[as_read(row) for row in again], shown=digest, by=by, now=self.now)

        self.do(send_all, fault=fault, told=lambda _done: self.oracle.sent(step, rows))

    def _sender(self, rows: list[Refund]) -> str:
        """The other of the holder's two where the one has made the batch."""
        batcher = self.stage.people[self.stage.approves].pk
        return self.stage.asks if any(row.prepared_by_id == batcher for row in rows) else self.stage.approves

    @rule(target=statements, month=st.sampled_from(MONTHS))
    def open_month(self, month: str) -> tuple[str, str]:
        found = gathering.month_of_books(rules.school_here().code, TERM, month)
        return month, statements.sha256_of(statements.text_of(found))

    @rule(statement=statements, who=WHO, fault=FAULTS)
    def confirm_month(self, statement: tuple[str, str], who: int, fault: int = 0) -> None:
        month, shown = statement
        self.close(month, who, fault, shown)

    @precondition(lambda self: self.today.month > 9 and len(self.oracle.months) < len(MONTHS))
    @rule(month=st.sampled_from((*MONTHS, "")), fault=FAULTS)
    def close(self, month: str, who: int = 0, fault: int = 0, shown: str | None = None) -> None:
        """The next one, where none is named."""
        by = self.person(who, "treasurer")
        month = month or MONTHS[len(self.oracle.months)]

        def close() -> Any:
            return actions.close_month(term_code=TERM, month=month, shown=shown, by=by, now=self.now)

        self.do(close, fault=fault, told=lambda statement: self.oracle.closed(statement))
