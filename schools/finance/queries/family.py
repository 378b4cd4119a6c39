"""Reads of a family's own: agreements, bills, receipts."""

from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import Q, QuerySet

from afterbell.accounts.models import User
from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.finance import ended, exit_doubts, owing, undone
from schools.finance.models import Calculation, Charge, Payment, Refund, Share
from schools.finance.states import RefundState, SettlementState
from schools.people.models import Pupil

OfAgreement = TypeVar("OfAgreement", Charge, Payment, Refund, Share, Calculation)
HELD = Q(ties__ended_at=None, ties__is_denied=False, ties__may_sign=True)


def agreements_of(user: User) -> QuerySet[Agreement]:
    """Of the children for whom the user may sign, also those who have left the school: money may still come back."""
    pupils = Pupil.objects.filter(HELD, ties__guardian__user=user)
    rows = Agreement.objects.filter(pupil__in=pupils.values("pk"))
    return rows.select_related("pupil", "plan").order_by("-from_date", "pk")


@dataclass(frozen=True)
class OwnBill:
    """One agreement of a family, with everything that was charged, paid and returned."""

    agreement: Agreement
    charges: list[Charge]
    payments: list[Payment]
    refunds: list[Refund]
    shares: list[Share]
    """Of settlements that have made their refunds."""
    calculations: list[Calculation]
    """Of an exit or of absences, where no refund says it: the rule gave nothing, or only less to pay.

    All of them where a refund is void: what it took off the fee stands, and the later ones are of the difference.
    """
    by_now: owing.Owing
    said_at_the_end: str
    """On which day it ended and what is owed no more; empty while the service runs."""

    too_little: str
    """Where the account holds less than all families are owed: by which sum this one gets its part; else empty."""

    @property
    def shares_of_nothing(self) -> list[Share]:
        """Shares that no refund says: it has the same proof, and what became of the money."""
        told = {each.settlement_id for each in self.refunds}
        return [each for each in self.shares if each.settlement_id not in told]

    @property
    def taken_off(self) -> Fen:
        """Not owed any more, for lessons cancelled since the service ended; the settlement books it."""
        return self.by_now.taken_off

    @property
    def owes(self) -> Fen:
        return self.by_now.owes

    @property
    def gets(self) -> Fen:
        return self.by_now.gets


def own_bills(user: User) -> list[OwnBill]:
    """Seven queries, whatever the number of children; more where a service ended, or who left it is owed something."""
    agreements = list(agreements_of(user))
    wanted = [row.pk for row in agreements]
    batched = Share.objects.filter(agreement__in=wanted, settlement__state=SettlementState.BATCHED)
    shared = list(batched.select_related("settlement").order_by("settlement__previewed_at", "pk"))
    charged = list(Charge.objects.filter(agreement__in=wanted).order_by("period", "pk"))
    paid = list(undone.marked(Payment.objects.filter(agreement__in=wanted)).order_by("paid_at", "pk"))
    returned = list(Refund.objects.filter(agreement__in=wanted).order_by("created_at", "pk"))
    void = {row.agreement_id for row in returned if row.state == RefundState.VOID}
    told = {row.key for row in returned if row.agreement_id not in void}
    by_now = owing.of(agreements)
    short = owing.too_little([row for row in agreements if by_now[row.pk].gets])
    computed = list(Calculation.objects.filter(agreement__in=wanted, undone_at=None).order_by("at", "pk"))
    return [
        OwnBill(
            agreement=row,
            charges=_of(row, charged),
            payments=_of(row, paid),
            refunds=_of(row, returned),
            shares=_of(row, shared),
            calculations=[each for each in _of(row, computed) if each.key not in told],
            by_now=by_now[row.pk],
            said_at_the_end="".join(
                (
                    ended.sentence(row, by_now[row.pk].taken_off),
                    exit_doubts.kept_sentence(row, _of(row, charged)),
                )
            ),
            too_little=short.get(row.pk, ""),
        )
        for row in agreements
    ]


def _of(agreement: Agreement, rows: list[OfAgreement]) -> list[OfAgreement]:
    """The rows of one agreement, which they carry from now on: nobody reads it once more for each."""
    found = [row for row in rows if row.agreement_id == agreement.pk]
    for row in found:
        row.agreement = agreement
    return found


def own_payment(user: User, payment_id: UUID) -> Payment:
    """Raises Payment.DoesNotExist for what is not there or not the family's own."""
    rows = undone.marked(Payment.objects.filter(agreement__in=agreements_of(user).values("pk")))
    return rows.select_related("agreement__pupil__school_class", "agreement__plan").get(pk=payment_id)


def own_agreement(user: User, agreement_id: UUID) -> Agreement:
    """Raises Agreement.DoesNotExist for what is not there or not the family's own."""
    return agreements_of(user).get(pk=agreement_id)
