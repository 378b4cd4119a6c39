"""The books once more, by whole numbers and fractions of its own: what each deed did to them, and what they must say now.

Written from calculations.md and the texts of the profiles. Of the product it knows rows alone, none of its sums.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Sum

from schools.finance.models import (
    Account,
    Calculation,
    Charge,
    Refund,
    Settlement,
    Statement,
    Transfer,
)

OUT = ("issued", "confirmed")


@dataclass
class Bill:
    """A standing charge."""

    pk: UUID
    run: UUID
    agreement: UUID
    pupil: UUID
    period: str
    unit: str
    units: int
    gross: int
    waived: int
    first: date
    last: date
    cap: int | None

    @property
    def net(self) -> int:
        return self.gross - self.waived


@dataclass
class Sent:
    """A refund."""

    agreement: UUID
    fen: int
    state: str


@dataclass
class Oracle:
    """What came, what went, what is owed; all by what the deeds said, none of it read from balances."""

    bills: dict[UUID, Bill] = field(default_factory=dict)
    credits: dict[str, tuple[UUID, int]] = field(default_factory=dict)
    """By key of what gave it: a calculation's, or a share's."""
    payments: dict[UUID, tuple[UUID, int]] = field(default_factory=dict)
    refunds: dict[UUID, Sent] = field(default_factory=dict)
    spent: dict[UUID, tuple[str, int]] = field(default_factory=dict)
    months: dict[str, tuple[int, int, str]] = field(default_factory=dict)
    batches: dict[UUID, int] = field(default_factory=dict)

    # --- deeds ------------------------------------------------------------------------------------------------------

    def charged(self, run: Any) -> None:
        rows = Charge.objects.filter(run=run).select_related("agreement")
        assert {row.pk for row in rows}.isdisjoint(self.bills)
        for row in rows:
            self.bills[row.pk] = Bill(
                row.pk, run.pk, row.agreement_id, row.agreement.pupil_id, row.period, row.unit, row.units,
                row.gross_fen, row.waived_fen, row.first_date, row.last_date, row.cap_fen,
            )  # fmt: skip
        self.reckoned()

    def taken_back(self, run: Any) -> None:
        for pk in [pk for pk, bill in self.bills.items() if bill.run == run.pk]:
            del self.bills[pk]
        for key in Calculation.objects.filter(run=run).values_list("key", flat=True):
            del self.credits[f"credit:{key}"]

    def left(self, agreement: Any) -> None:
        """The days of its bills end with it."""
        self.cut(agreement.pk)
        self.reckoned()

    def left_of(self, pupil: UUID) -> None:
        for agreement in {bill.agreement for bill in self.bills.values() if bill.pupil == pupil}:
            self.cut(agreement)
        self.reckoned()

    def cut(self, agreement: UUID) -> None:
        for bill in self.bills.values():
            if bill.agreement == agreement:
                row = Charge.objects.select_related("agreement").get(pk=bill.pk)
                if row.agreement.state != "active":
                    last = row.agreement.until_date
                    bill.last = min(
                        bill.last, bill.first - timedelta(days=1) if row.agreement.state == "void" else last
                    )

    def missed(self, _period: str) -> None:
        self.reckoned()

    def granted(self, waivers: list[Any]) -> None:
        for waiver in waivers:
            bill = self.bills[waiver.charge_id]
            bill.waived = Charge.objects.get(pk=bill.pk).waived_fen
        self.reckoned()

    def withdrawn(self, _waiver: Any) -> None:
        for pk, fen in Charge.objects.filter(pk__in=self.bills).values_list("pk", "waived_fen"):
            self.bills[pk].waived = fen
        self.reckoned()

    def paid(self, payment: Any) -> None:
        """The same notice again is the same payment."""
        known = self.payments.setdefault(payment.pk, (payment.agreement_id, payment.amount_fen))
        assert known == (payment.agreement_id, payment.amount_fen)

    def undone(self, transfer: Any) -> None:
        rows: dict[UUID, Any] = self.payments if transfer.kind == "payment" else self.spent
        del rows[UUID(transfer.key.partition(":")[2])]

    def decided(self, row: Any) -> None:
        if row.state == "approved":
            assert row.pk not in self.spent
            self.spent[row.pk] = (row.kind, row.amount_fen)

    def sent(self, step: str, rows: list[Any]) -> None:
        for row in rows:
            refund = self.refunds[row.pk]
            before = {"issue": ("draft", "failed"), "confirm": ("issued",), "fail": ("issued",)}[step]
            assert refund.state in before, f"{step} of a refund that is {refund.state}"
            refund.state = {"issue": "issued", "confirm": "confirmed", "fail": "failed"}[step]

    def closed(self, statement: Any) -> None:
        assert statement.month not in self.months
        self.months[statement.month] = (*self._of_month(statement.month), statement.sha256)

    def previewed(self, settlement: Any) -> None:
        pool = self._pool()
        assert settlement.pool_fen == pool
        shares = list(settlement.shares.values_list("agreement", "amount_fen"))
        kept = self.net_paid()
        assert sum(fen for _pk, fen in shares) == max(0, min(pool, sum(kept[pk] for pk, _fen in shares)))
        assert all(0 <= fen <= max(0, kept[pk]) for pk, fen in shares)

    def batched(self, settlement: Any) -> None:
        assert settlement.pk not in self.batches
        self.batches[settlement.pk] = pool = self._pool()
        given = {row.agreement_id: row.amount_fen for row in Refund.objects.filter(settlement=settlement)}
        assert sum(given.values()) == max(0, pool)
        for share in settlement.shares.all():
            assert given.get(share.agreement_id, 0) == share.amount_fen
            fen = share.credit_fen + max(0, share.amount_fen - share.own_fen)
            self.credits[f"credit:share:{share.pk.hex}"] = (share.agreement_id, fen)
        self.reckoned()

    def reckoned(self) -> None:
        """Calculations and refunds that were made."""
        for row in Calculation.objects.filter(undone_at=None):
            self.credits.setdefault(f"credit:{row.key}", (row.agreement_id, row.credit_fen))
        for refund in Refund.objects.all():
            if refund.pk not in self.refunds:
                assert refund.state == "draft"
                self.refunds[refund.pk] = Sent(refund.agreement_id, refund.amount_fen, "draft")

    # --- sums -------------------------------------------------------------------------------------------------------

    def due(self) -> dict[UUID, int]:
        """By family: charged less waived less given back on paper."""
        found: dict[UUID, int] = defaultdict(int)
        for bill in self.bills.values():
            found[bill.agreement] += bill.net
        for agreement, fen in self.credits.values():
            found[agreement] -= fen
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
            found[refund.agreement] -= 0 if refund.state in OUT else refund.fen
        return found

    def _pool(self) -> int:
        received = sum(fen for _family, fen in self.payments.values())
        spent = sum(fen for _kind, fen in self.spent.values())
        return received - spent - sum(refund.fen for refund in self.refunds.values())

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
        rows = Charge.objects.filter(taken_back_at=None).values_list("pk", "gross_fen", "waived_fen")
        if {pk: (gross, less) for pk, gross, less in rows} != {
            pk: (bill.gross, bill.waived) for pk, bill in self.bills.items()
        }:
            return "other charges stand"
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
            days = {
                (bill.pupil, bill.first + timedelta(days=n)) for n in range((bill.last - bill.first).days + 1)
            }
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
