"""What each family owes by now, or is owed, and what of the money held is free: computed once for all pages (S36, S37)."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple, Self
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from afterbell.kernel.money import Fen, format_fen
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import accounts, ended, gathering
from schools.finance.models import Account
from schools.finance.written import WRITTEN_IN
from schools.planning.models import Plan

WAITS: Final = gettext_noop(
    "账上的钱现在不够退还各家，应退的 %(fen)s 不先发放，学期结算时与各家按同样的比例退还。"
)


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
    has_ended: bool = True
    """A service of the term ended early: what comes back is shared by the settlement where it is not enough."""

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
        has_ended=has_ended,
    )


def too_little(agreements: Iterable[Agreement]) -> dict[UUID, str]:
    """By agreement, why its bill promises more than is there; of those alone where it does. With their plans read.

    Asks nothing for who is in a service that runs. As `free` for each term of the others.
    """
    over = [row for row in agreements if row.plan.ended_date is not None or row.state == AgreementState.ENDED]
    terms = {code: free(code) for code in {row.plan.term_code for row in over}}
    said = {row.pk: _too_little(terms[row.plan.term_code], row.pk) for row in over}
    return {pk: sentence for pk, sentence in said.items() if sentence}


def _too_little(free: Free, agreement: UUID) -> str:
    """By the rate at which settling shares too small a pool: what refunds leave × own ÷ all that bills promise."""
    own = free.bills.get(agreement, Fen(0))
    if not own or free.left >= 0:
        return ""
    there = Fen(max(0, free.held - free.refunds))
    said = _(
        "账上现在不够退还各家：现有 %(held)s，其中已算好待退 %(refunds)s，还剩 %(there)s；账单上还应退各家共 %(all)s。"
        "学期结算时按同样的比例退还，按现在的账是 %(there)s × %(own)s ÷ %(all)s，约 %(part)s；"
        "还差的部分有新的收入时补充结算。"
    )
    return said % {
        "held": format_fen(free.held),
        "refunds": format_fen(free.refunds),
        "there": format_fen(there),
        "all": format_fen(free.of_bills),
        "own": format_fen(own),
        "part": format_fen(Fen(there * own // free.of_bills)),
    }


def _told(term_code: str, refunds: Mapping[UUID, Fen]) -> dict[UUID, Fen]:
    by_now = of_term(term_code)
    final = Q(plan__ended_date__isnull=False) | Q(state=AgreementState.ENDED)
    rows = Agreement.objects.filter(final, plan__term_code=term_code, accounts__term_code=term_code)
    keys = rows.values_list("pk", flat=True)
    return {pk: Fen(max(0, by_now[pk].gets - refunds.get(pk, 0))) for pk in keys}


def added(agreement: Agreement, before: Fen, own: Fen) -> Fen:
    """What a deed that moves a family's own money from `before` to `own` promises beyond its bill, or less than it."""
    is_told = agreement.state == AgreementState.ENDED or agreement.plan.ended_date is not None
    return Fen(own - (before if is_told else 0))


@override(WRITTEN_IN)
def is_waiting_line(line: str) -> bool:
    """Whether a stored line says that a refund is not drafted yet."""
    head, _sum, tail = _(WAITS).partition("%(fen)s")
    return line.startswith(head) and line.endswith(tail)


class Room:
    """What is free, read once for a deed that gives back to many families, and kept up with what it drafts (decision 31)."""

    def __init__(self, coming: Mapping[UUID, Fen] | None = None) -> None:
        """`coming`: what the deed is about to give, by agreement, where it gives to many: none of them is first."""
        self._terms: dict[str, Free] = {}
        self._coming = dict(coming or {})

    def waiting_lines(self, agreement: Agreement, own: Fen, over: Fen) -> list[str]:
        """Why this refund is not drafted now; none where it is. Under the lock of the books.

        `own` is all that the family has paid above what it owes, `over` what of it the deed gives back. Once a service
        ended early it waits, of whichever plan the family is, where the account does not hold enough for it, what bills
        promise to others, and what the same deed is about to give them: then the settlement gives each the same part.
        """
        now = self._of(agreement) if over else None
        if now is None or not now.has_ended:
            return []
        others = now.without(agreement.pk, now.bills.get(agreement.pk, Fen(0)))
        coming = sum(fen for pk, fen in self._coming.items() if pk != agreement.pk)
        if others.left >= own + coming:
            return []
        return [_(WAITS) % {"fen": format_fen(over)}]

    def gives(self, agreement: Agreement, own: Fen, drafted: Fen) -> None:
        """Of its own money the family has this drafted; its bill promises the rest."""
        self._coming.pop(agreement.pk, None)
        code = agreement.plan.term_code
        if code not in self._terms:
            return
        now = self._terms[code]._replace(refunds=Fen(self._terms[code].refunds + drafted))
        self._terms[code] = now._replace(bills={**now.bills, agreement.pk: Fen(own - drafted)})

    def _of(self, agreement: Agreement) -> Free:
        code = agreement.plan.term_code
        if code not in self._terms:
            self._terms[code] = free(code)
        return self._terms[code]
