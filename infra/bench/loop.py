"""The peer of `bench settle`: one family after the other through the ORM, each row by itself, as one writes it first.

It uses the models, and of our own code only what says how a row of them is written: the chain's hash, accounts' names,
the days that a charge covers. It works in a transaction that is taken back; its sums are compared with ours.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F, Sum

from afterbell.accounts.models import User
from afterbell.kernel.dates import Period
from afterbell.kernel.records import schema_of
from infra.bench.stage import Clock
from schools.care.models import Session
from schools.enrolment.models import Agreement, ChosenActivity
from schools.finance import accounts, chain, charging
from schools.finance.models import (
    Account,
    Books,
    Charge,
    Expenditure,
    Payment,
    Refund,
    Settlement,
    Share,
    Transfer,
    TransferKind,
)
from schools.planning.models import Plan

Sums = dict[UUID, int]
"""Fen by agreement."""


@dataclass(frozen=True)
class Loop:
    """One family at a time, at one moment, by one person who prepares and one who pays."""

    plan: Plan
    by: User
    payer: User
    now: datetime

    def charge(self) -> tuple[float, Sums]:
        """Seconds, and what each family owes for the lessons of the term."""
        with Clock() as clock, transaction.atomic():
            found = {agreement.pk: self._charge(agreement) for agreement in self._agreements()}
            transaction.set_rollback(True)
        return clock.seconds, found

    def settle(self) -> tuple[float, Sums]:
        """Seconds, and what each family gets back: its own money first, the rest by what it paid."""
        with Clock() as clock, transaction.atomic():
            agreements = self._agreements()
            paid = {each.pk: _sum(each.payments, "amount_fen") for each in agreements}
            due = {each.pk: min(_sum(each.charges, "gross_fen"), self._fee(each)) for each in agreements}
            received, spent = _sum(Payment.objects, "amount_fen"), _sum(Expenditure.objects, "amount_fen")
            settlement = Settlement.objects.create(
                term_code=self.plan.term_code, key="paid", received_fen=received, spent_fen=spent, refunded_fen=0,
                pool_fen=received - spent, ledger_position=0, previewed_at=self.now, previewed_by=self.by,
            )  # fmt: skip
            own = {pk: max(0, fen - due[pk]) for pk, fen in paid.items()}
            found = shared(received - spent, own, {pk: paid[pk] - own[pk] for pk in paid})
            for agreement in agreements:
                self._give_back(
                    settlement, agreement, paid[agreement.pk], own[agreement.pk], found[agreement.pk]
                )
            transaction.set_rollback(True)
        return clock.seconds, found

    def _agreements(self) -> list[Agreement]:
        return list(Agreement.objects.filter(plan=self.plan).order_by("pk"))

    def _fee(self, agreement: Agreement) -> int:
        chosen = ChosenActivity.objects.filter(application=agreement.application_id)
        lessons = Session.objects.filter(activity__in=chosen.values("activity")).exclude(state="cancelled")
        return _sum(lessons, "planned_units") * self.plan.fee_fen

    def _charge(self, agreement: Agreement) -> int:
        fen, days = self._fee(agreement), Period(agreement.from_date, agreement.until_date)
        row = Charge.objects.create(
            agreement=agreement, term_code=self.plan.term_code, period=self.plan.term_code, first_date=days.first,
            last_date=days.last, covers=charging.covers(agreement.pupil_id, days), unit=self.plan.fee_unit,
            units=fen // self.plan.fee_fen, fee_fen=self.plan.fee_fen, gross_fen=fen, collector=self.plan.collector,
            created_at=self.now,
        )  # fmt: skip
        family = accounts.family(agreement.pk)
        self._post(TransferKind.CHARGE, f"charge:{row.pk}", family, accounts.FEES, fen, self.by)
        return fen

    def _give_back(self, settlement: Settlement, agreement: Agreement, paid: int, own: int, fen: int) -> None:
        """A share, the fee given back on paper, a refund that is sent and arrives."""
        share = Share.objects.create(
            settlement=settlement,
            agreement=agreement,
            cap_fen=paid,
            own_fen=own,
            weight=paid - own,
            amount_fen=fen,
        )
        family = accounts.family(agreement.pk)
        self._post(TransferKind.REFUND, f"credit:{share.pk}", accounts.FEES, family, fen - own, self.payer)
        refund = Refund.objects.create(
            agreement=agreement, term_code=self.plan.term_code, cause="settlement", key=f"{share.pk}", amount_fen=fen,
            explanation=f"{paid} {own} {fen}", settlement=settlement, created_at=self.now, prepared_by=self.by,
        )  # fmt: skip
        refund.state, refund.sent, refund.issued_at, refund.issued_by = "issued", 1, self.now, self.payer
        refund.save()
        self._post(TransferKind.REFUND, f"refund:{refund.pk}", family, accounts.CASH, fen, self.payer)
        refund.state, refund.confirmed_at = "confirmed", self.now
        refund.save()

    def _post(self, kind: TransferKind, key: str, debit: str, credit: str, fen: int, by: User) -> None:
        if not fen:
            return
        books, _made = Books.objects.select_for_update().get_or_create()
        ends = [self._account(code) for code in (debit, credit)]
        line = chain.Line(
            books.position + 1, kind.value, key, self.plan.term_code, f"{self.now:%Y-%m}", debit, credit, fen, "", None,
            self.now, by.pk,
        )  # fmt: skip
        own = chain.digest(schema_of(connection), line, books.hash)
        Transfer.objects.create(
            position=line.position, kind=kind, key=key, term_code=line.term, month=line.month, debit=ends[0],
            credit=ends[1], amount_fen=fen, posted_at=self.now, by=by, before_hash=books.hash, hash=own,
        )  # fmt: skip
        for account, change in zip(ends, (fen, -fen), strict=True):
            Account.objects.filter(pk=account.pk).update(balance_fen=F("balance_fen") + change)
        books.position, books.hash = line.position, own
        books.save()

    def _account(self, code: str) -> Account:
        named = {"agreement_id": accounts.agreement_of(code)}
        return Account.objects.get_or_create(term_code=self.plan.term_code, code=code, defaults=named)[0]


def shared(pool: int, own: Mapping[UUID, int], weights: Mapping[UUID, int]) -> Sums:
    """Own money, then the rest by weight, the last fen to the largest remainders; where no cap is reached."""
    rest, whole = pool - sum(own.values()), sum(weights.values())
    parts = {pk: divmod(rest * weight, whole) for pk, weight in weights.items()}
    found = {pk: own[pk] + fen for pk, (fen, _left) in parts.items()}
    for pk in sorted(parts, key=lambda pk: (-parts[pk][1], pk))[: pool - sum(found.values())]:
        found[pk] += 1
    return found


def _sum(rows: object, name: str) -> int:
    fen: int = rows.aggregate(fen=Sum(name, default=0))["fen"]  # type: ignore[attr-defined]  # a manager or a queryset
    return fen
