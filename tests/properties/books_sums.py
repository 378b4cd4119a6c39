"""The oracle's own books: what stands in them, and whether the school's say the same."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import Sum

from schools.finance.models import Account, Calculation, Charge, Refund, Settlement, Statement, Transfer
from tests.properties.books_past import Family, families
from tests.properties.books_rules import Bill

OUT = ("issued", "confirmed")
STEPS = {"issue": ("draft", "failed"), "confirm": ("issued",), "fail": ("issued",)}
COMPUTED = ("exit", "absence", "again")
AFTER = {"issue": "issued", "confirm": "confirmed", "fail": "failed"}


@dataclass
class Sent:
    """A refund."""

    agreement: UUID
    fen: int
    state: str
    cause: str


@dataclass(frozen=True)
class Given:
    """A fee given back on paper."""

    agreement: UUID
    cause: str
    period: str
    fen: int
    run: UUID | None = None
    number: int = 0
    """Later ones have higher ones."""


class Made(NamedTuple):
    """A calculation, and the money that goes back by it."""

    given: Given
    over: int

    @property
    def calculation(self) -> tuple[Any, ...]:
        return self.given.agreement, self.given.cause, self.given.period, self.given.fen

    @property
    def refund(self) -> tuple[UUID, int]:
        return self.given.agreement, self.over

    @staticmethod
    def share(percent: int) -> Fraction:
        return Fraction(percent, 100)


@dataclass
class Sums:
    """Everything by what deeds said, nothing read from balances."""

    bills: dict[UUID, Bill] = field(default_factory=dict)
    given: list[Given] = field(default_factory=list)
    waivers: dict[UUID, tuple[UUID, UUID, datetime]] = field(default_factory=dict)
    """That were granted: bill, child, when."""
    payments: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)
    refunds: dict[UUID, Sent] = field(default_factory=dict)
    promised: list[tuple[UUID, int]] = field(default_factory=list)
    """Refunds that must have been made by the deed at hand."""
    spent: dict[UUID, tuple[str, int]] = field(default_factory=dict)
    months: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    batches: dict[UUID, int] = field(default_factory=dict)
    calculations: set[UUID] = field(default_factory=set)
    absences: set[tuple[UUID, str]] = field(default_factory=set)
    absences_again: set[tuple[UUID, str]] = field(default_factory=set)
    """Of which a change of the fee made another one."""
    over: set[UUID] = field(default_factory=set)
    settled: set[UUID] = field(default_factory=set)
    had: dict[UUID, int] = field(default_factory=dict)
    """Of what rounds of the settlement shared, own money left out."""
    accounts: set[UUID] = field(default_factory=set)
    voided: set[tuple[UUID, UUID]] = field(default_factory=set)
    """Families whose refund of an exit was made anew by a run."""
    runs: dict[UUID, int] = field(default_factory=dict)
    """By run, how much had been given when it was posted."""
    numbers: int = 0
    added: list[Any] = field(default_factory=list)
    """Hours that runs added to bills of before (books_added)."""

    # --- money ------------------------------------------------------------------------------------------------------

    def paid(self, payment: Any) -> None:
        """The same notice again is the same payment."""
        known = self.payments.setdefault(payment.pk, (payment.agreement_id, payment.amount_fen))
        assert known == (payment.agreement_id, payment.amount_fen)
        self.accounts.add(payment.agreement_id)

    def undone(self, transfer: Any) -> None:
        key = UUID(transfer.key.partition(":")[2])
        if transfer.kind == "payment":
            agreement, _fen = self.payments.pop(key)
            self._drafted_anew(agreement)
        else:
            del self.spent[key]

    def _drafted_anew(self, agreement: UUID) -> None:
        wanted = self.anew(agreement)
        made = Calculation.objects.exclude(pk__in=self.calculations)
        found = Counter(made.values_list("agreement_id", "cause", "credit_fen"))
        assert found == Counter((of, cause, 0) for of, cause, _fen in wanted)
        self.calculations |= set(made.values_list("pk", flat=True))
        assert Counter(self.know_refunds()) == Counter((of, fen) for of, _cause, fen in wanted)

    def anew(self, agreement: UUID) -> list[tuple[UUID, str, int]]:
        """Of computed refunds that were not sent, what is left where less is owed: the first that was drafted first."""
        left = self.net_paid()[agreement] - self.due()[agreement]
        rows = Refund.objects.filter(agreement=agreement).order_by("created_at", "pk")
        known = [self.refunds[pk] for pk in rows.values_list("pk", flat=True) if pk in self.refunds]
        waiting = [each for each in known if each.state in STEPS["issue"] and each.cause in COMPUTED]
        if left >= 0:
            waiting = []
        left += sum(each.fen for each in waiting)
        wanted = []
        for each in waiting:
            each.state = "void"
            wanted.append((agreement, each.cause, min(each.fen, max(0, left))))
            left -= wanted[-1][2]
        return [each for each in wanted if each[2]]

    def decided(self, row: Any) -> None:
        if row.state == "approved":
            assert row.pk not in self.spent
            self.spent[row.pk] = (row.kind, row.amount_fen)

    def sent(self, step: str, rows: Iterable[Any]) -> None:
        for row in rows:
            refund = self.refunds[row.pk]
            assert refund.state in STEPS[step], f"{step} of a refund that is {refund.state}"
            refund.state = AFTER[step]

    def closed(self, statement: Any) -> None:
        assert statement.month not in self.months
        self.months[statement.month] = (*self._of_month(statement.month), statement.sha256)

    def gives(self, given: Given, over: int) -> Made:
        """Counts at once: what the same deed gives next is reckoned after it."""
        self.numbers += 1
        given = replace(given, number=self.numbers)
        self.given.append(given)
        if over:
            self.promised.append((given.agreement, over))
        return Made(given, over)

    def know_refunds(self) -> list[tuple[UUID, int]]:
        """The new ones."""
        self.promised.clear()
        found = []
        for refund in Refund.objects.exclude(pk__in=self.refunds):
            assert refund.state == "draft"
            self.refunds[refund.pk] = Sent(refund.agreement_id, refund.amount_fen, "draft", refund.cause)
            found.append((refund.agreement_id, refund.amount_fen))
        return found

    def void_exits(self, agreement: UUID, run: UUID) -> None:
        """What was drafted for an exit and not sent is made anew where the child is charged after it."""
        for refund in self.refunds.values():
            if (refund.agreement, refund.cause) == (agreement, "exit") and refund.state in (
                "draft",
                "failed",
            ):
                refund.state = "void"
                self.voided.add((agreement, run))

    # --- sums -------------------------------------------------------------------------------------------------------

    def of(self, agreement: UUID) -> list[Bill]:
        return [bill for bill in self.bills.values() if bill.agreement == agreement]

    def families(self, keys: Iterable[UUID]) -> list[Family]:
        return families(keys)

    def has_exit(self, agreement: UUID) -> bool:
        return any(given.agreement == agreement and given.cause == "exit" for given in self.given)

    def exits_gave(self, agreement: UUID) -> int:
        return sum(
            given.fen for given in self.given if given.agreement == agreement and given.cause == "exit"
        )

    def given_for(self, agreement: UUID) -> dict[str, int]:
        """By period, of its absences; looked at with nothing to give is looked at."""
        found = {period: 0 for pk, period in self.absences if pk == agreement}
        for given in self.given:
            if given.agreement == agreement and given.cause == "absence":
                found[given.period] = found.get(given.period, 0) + given.fen
        return found

    def due(self) -> dict[UUID, int]:
        """By family: charged less waived less given back on paper."""
        found: dict[UUID, int] = defaultdict(int)
        for bill in self.bills.values():
            found[bill.agreement] += bill.net
        for given in self.given:
            found[given.agreement] -= given.fen
        return found

    def cash_of(self) -> dict[UUID, int]:
        """By family: paid less what has gone back."""
        found: dict[UUID, int] = defaultdict(int)
        for agreement, fen in self.payments.values():
            found[agreement] += fen
        for refund in self.refunds.values():
            found[refund.agreement] -= refund.fen if refund.state in OUT else 0
        return found

    def net_paid(self) -> dict[UUID, int]:
        """By family: paid less what went or will go back."""
        found = self.cash_of()
        for refund in self.refunds.values():
            found[refund.agreement] -= 0 if refund.state in (*OUT, "void") else refund.fen
        for agreement, fen in self.promised:
            found[agreement] -= fen
        return found

    def pool(self) -> int:
        received = sum(fen for _family, fen in self.payments.values())
        spent = sum(fen for _kind, fen in self.spent.values())
        return received - spent - sum(each.fen for each in self.refunds.values() if each.state != "void")

    # --- whether the school's books say the same --------------------------------------------------------------------

    def difference(self) -> str | None:
        for look in (self._balances, self._rows, self._children, self._closed):
            found = look()
            if found is not None:
                return found
        return None

    def _balances(self) -> str | None:
        due, cash = self.due(), self.cash_of()
        wanted: dict[str, int] = defaultdict(int)
        for agreement in {*due, *cash}:
            wanted[f"family:{agreement}"] = due[agreement] - cash[agreement]
        wanted["fees"] = -sum(due.values())
        for kind, fen in self.spent.values():
            wanted[f"cost:{kind}"] += fen
        wanted["cash"] = sum(cash.values()) - sum(fen for _kind, fen in self.spent.values())
        for code, fen in Account.objects.values_list("code", "balance_fen"):
            if wanted.pop(code, 0) != fen:
                return f"{code} holds {fen}"
        left = {code: fen for code, fen in wanted.items() if fen}
        return f"missing {left}" if left else None

    def _rows(self) -> str | None:
        """Charges, refunds and what each family keeps."""
        rows = Charge.objects.filter(taken_back_at=None)
        found = {pk: sums for pk, *sums in rows.values_list("pk", "gross_fen", "waived_fen", "credited_fen")}
        if found != {pk: [bill.gross, bill.waived, bill.credited] for pk, bill in self.bills.items()}:
            return f"other charges stand: {found}"
        refunds = {
            pk: (fen, state) for pk, fen, state in Refund.objects.values_list("pk", "amount_fen", "state")
        }
        if refunds != {pk: (refund.fen, refund.state) for pk, refund in self.refunds.items()}:
            return "other refunds stand"
        short = {pk: fen for pk, fen in self.net_paid().items() if fen < 0}
        if short:
            return f"more back than paid: {short}"
        batched = set(Settlement.objects.filter(state="batched").values_list("pk", flat=True))
        return None if batched == self.batches.keys() else "another settlement was carried out"

    def _children(self) -> str | None:
        """No day of a child is charged twice."""
        taken: set[tuple[UUID, date]] = set()
        for bill in self.bills.values():
            first, last = bill.days or (date.max, date.min)
            days = {(bill.pupil, first + timedelta(days=n)) for n in range((last - first).days + 1)}
            if taken & days:
                return f"charged twice: {min(taken & days)}"
            taken |= days
        return None

    def _closed(self) -> str | None:
        """A closed month stays as it was."""
        for month, (fen, n, sha256) in self.months.items():
            if (fen, n) != self._of_month(month):
                return f"closed {month} has moved"
            if Statement.objects.get(month=month).sha256 != sha256:
                return f"the statement of {month} was rewritten"
        return None

    def _of_month(self, month: str) -> tuple[int, int]:
        rows = Transfer.objects.filter(month__lte=month)
        return rows.aggregate(fen=Sum("amount_fen", default=0))["fen"], rows.count()
