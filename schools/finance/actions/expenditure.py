"""Money that goes out for the service: asked for by one person, approved by another (S2, S3)."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import states
from afterbell.kernel.dates import Month, local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen
from afterbell.outbox.actions import mark
from schools.finance import accounts, ledger, rules, statements
from schools.finance.actions.closed import SamePerson, refuse_settled
from schools.finance.ledger import Posting
from schools.finance.models import Expenditure, TransferKind
from schools.finance.states import EXPENDITURE_MOVES, ExpenditureState
from schools.planning.models import CostKind
from schools.planning.words import free_of_charge_in
from tenants.exchange import names


class KindNotAllowed(Refused):
    """Venue, rent, water and power do not exist as kinds (S2); the policy may leave out more."""

    code = "finance.kind_not_allowed"
    message = _("“%(kind)s”不是允许的支出类别。课后服务收入只能用于现行政策列出的项目。")


class FreeOfCharge(Refused):
    """Rooms, grounds, equipment, water and power are free (S2)."""

    code = "finance.free_of_charge"
    message = _("事由中有“%(thing)s”。学校的场地、设备和水电免费使用，不得列入课后服务支出。")


class DateOutsideTerm(Refused):
    """An expenditure belongs to a day of the term that is not in the future."""

    code = "finance.date_outside_term"
    message = _("支出日期 %(date)s 不在学期之内，或者还没有到。")


class NoReason(Refused):
    """Whoever refuses says why."""

    code = "finance.no_reason"
    message = _("请写明不批准的原因，申请人会看到。")
    status = 400


class NothingSpent(Refused):
    """Zero is no expenditure, and one without words can't be published."""

    code = "finance.nothing_spent"
    message = _("请填写事由和大于零的金额。")
    status = 400


def request_expenditure(
    *, term_code: str, kind: str, title: str, amount: Fen, spent_date: date, by: User, now: datetime
) -> Expenditure:
    """Ask for money. Raises KindNotAllowed, FreeOfCharge, DateOutsideTerm, NamesAChild."""
    term = rules.term(term_code)
    words = statements.one_line(title)
    if kind not in CostKind.values or kind not in rules.policy_on(spent_date).policy.spending_kinds:
        raise KindNotAllowed(kind=kind[:20])
    if thing := free_of_charge_in(words):
        raise FreeOfCharge(thing=thing)
    if not term.first_date <= spent_date <= min(term.last_date, local_date(now)):
        raise DateOutsideTerm(date=spent_date)
    if amount <= 0 or not words:
        raise NothingSpent
    names.refuse_children([words])  # the statement is public
    with transaction.atomic():
        refuse_settled(term_code)
        asked = Expenditure.objects.create(
            term_code=term_code,
            kind=kind,
            title=words[:120],
            amount_fen=amount,
            spent_date=spent_date,
            requested_by=by,
            requested_at=now,
        )
        details = {"kind": kind, "amount_fen": amount, "term": term_code}
        audit.record(verb="finance.expenditure.request", target=asked, by=by, at=now, details=details)
    return asked


def approve_expenditure(*, expenditure: Expenditure, by: User, now: datetime) -> None:
    """Approve and book, in the month in which it was spent. Raises SamePerson, NotEnoughCash, MonthClosed."""
    if by.pk == expenditure.requested_by_id:
        raise SamePerson
    with transaction.atomic():
        ledger.lock_books()
        refuse_settled(expenditure.term_code)
        decided = {"decided_by": by, "decided_at": now}
        states.move(expenditure, to=ExpenditureState.APPROVED, moves=EXPENDITURE_MOVES, at=now, also=decided)
        month = str(Month.of(expenditure.spent_date))
        ledger.post(_posting(expenditure), term_code=expenditure.term_code, by=by, now=now, month=month)
        mark(now=now, months=[month], terms=[expenditure.term_code])
        details = {"kind": expenditure.kind, "amount_fen": expenditure.amount_fen, "month": month}
        audit.record(verb="finance.expenditure.approve", target=expenditure, by=by, at=now, details=details)


def refuse_expenditure(*, expenditure: Expenditure, reason: str, by: User, now: datetime) -> None:
    """Not approved, with a reason that the asker sees. Raises SamePerson, NoReason."""
    if by.pk == expenditure.requested_by_id:
        raise SamePerson
    if not reason.strip():
        raise NoReason
    with transaction.atomic():
        decided = {"decided_by": by, "decided_at": now, "refusal_reason": reason.strip()[:200]}
        states.move(expenditure, to=ExpenditureState.REFUSED, moves=EXPENDITURE_MOVES, at=now, also=decided)
        audit.record(verb="finance.expenditure.refuse", target=expenditure, by=by, at=now)


def _posting(expenditure: Expenditure) -> Posting:
    return Posting(
        TransferKind.EXPENDITURE,
        f"expenditure:{expenditure.pk}",
        accounts.cost(expenditure.kind),
        accounts.CASH,
        Fen(expenditure.amount_fen),
        cost_kind=expenditure.kind,
    )
