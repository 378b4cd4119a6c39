"""What each family owes by now, or is owed, and what of the money held is free: computed once for all pages (S36, S37)."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Self
from uuid import UUID

from django.db.models import Q

from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import accounts, ended, gathering
from schools.finance.models import Account
from schools.planning.models import Plan


class Owing(NamedTuple):
    """One family's account, and what a service that ended early takes off it; the settlement books that."""

    balance: Fen = Fen(0)
    taken_off: Fen = Fen(0)

    @property
    def fen(self) -> Fen:
        """Below zero: the family is owed it."""
        return Fen(self.balance - self.taken_off)

    @property
    def owes(self) -> Fen:
        return Fen(max(0, self.fen))

    @property
    def gets(self) -> Fen:
        return Fen(max(0, -self.fen))


class Free(NamedTuple):
    """Money held, and what of it is the families': refunds that have not left, and what bills promise beside them."""

    held: Fen
    refunds: Fen
    bills: dict[UUID, Fen]
    """By agreement."""

    @property
    def of_bills(self) -> Fen:
        return Fen(sum(self.bills.values()))

    @property
    def promised(self) -> Fen:
        return Fen(self.refunds + self.of_bills)

    @property
    def left(self) -> Fen:
        """Below zero: more is promised than held."""
        return Fen(self.held - self.promised)

    def without(self, agreement: UUID, fen: Fen) -> Self:
        """As if so much of what this family is promised on its bill was not."""
        told = self.bills.get(agreement, Fen(0))
        return self._replace(bills={**self.bills, agreement: Fen(max(0, told - fen))})


def of(agreements: Iterable[Agreement]) -> dict[UUID, Owing]:
    """Of each of these, with their plans read. One query; more where a service ended before its time."""
    rows = list(agreements)
    held = dict(
        Account.objects.filter(agreement__in=[row.pk for row in rows]).values_list("agreement", "balance_fen")
    )
    off = ended.taken_off(rows)
    return {row.pk: Owing(Fen(held.get(row.pk, 0)), off.get(row.pk, Fen(0))) for row in rows}


def of_term(term_code: str) -> dict[UUID, Owing]:
    """Of every family with an account. Two queries; more where a service ended before its time."""
    rows = Account.objects.filter(term_code=term_code, agreement__isnull=False)
    off = ended.taken_off_in(term_code)
    return {
        pk: Owing(Fen(fen), off.get(pk, Fen(0))) for pk, fen in rows.values_list("agreement", "balance_fen")
    }


def free(term_code: str) -> Free:
    """Under the lock of the books where somebody is to spend by it. Three queries; more where a service ended early.

    Once a service of the term ended early, its families' bills say what comes back, and nothing more is charged: that
    is promised, and so is what waits for who left another plan. What was paid ahead for a service that runs is not.
    """
    cash = Account.objects.filter(term_code=term_code, code=accounts.CASH)
    refunds = gathering.waiting(term_code)
    has_ended = Plan.objects.filter(term_code=term_code, ended_date__isnull=False).exists()
    return Free(
        held=Fen(cash.values_list("balance_fen", flat=True).first() or 0),
        refunds=Fen(sum(refunds.values())),
        bills=_told(term_code, refunds) if has_ended else {},
    )


def _told(term_code: str, refunds: Mapping[UUID, Fen]) -> dict[UUID, Fen]:
    by_now = of_term(term_code)
    final = Q(plan__ended_date__isnull=False) | Q(state=AgreementState.ENDED)
    rows = Agreement.objects.filter(final, plan__term_code=term_code, accounts__term_code=term_code)
    keys = rows.values_list("pk", flat=True)
    return {pk: Fen(max(0, by_now[pk].gets - refunds.get(pk, 0))) for pk in keys}


def is_short(term_code: str, agreement: UUID, own: Fen) -> bool:
    """Whether a refund of this family's own money would go ahead of others whom their bills promise theirs (decision 31).

    True where the account does not hold enough for all of them: then the settlement gives each the same part.
    """
    now = free(term_code)
    if agreement not in now.bills:
        return False
    others = now.without(agreement, now.bills[agreement])
    return others.of_bills > 0 and others.left < own
