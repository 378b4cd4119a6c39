"""Undoing a booked payment or expenditure by its opposite, in the open month: nothing is ever edited."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.errors import Refused
from schools.finance import gathering, ledger
from schools.finance.actions.closed import SamePerson
from schools.finance.models import Transfer, TransferKind

REVERSIBLE = (TransferKind.PAYMENT, TransferKind.EXPENDITURE)


class NotReversible(Refused):
    """Charges are waived, refunds fail or are confirmed: each has its own way."""

    code = "finance.not_reversible"
    message = _("只有收款和支出可以冲正。应收请办理减免，退费请登记到账或失败。")


class WentBack(Refused):
    """Nobody gets back more than was paid."""

    code = "finance.payment_went_back"
    message = _("这笔收款的全部或一部分已经退还或正在退还，不能冲正。请先处理退费。")


def reverse_transfer(*, transfer: Transfer, by: User, now: datetime) -> Transfer:
    """Undo a payment that bounced or an expenditure that was a mistake; by another person than who booked it.

    A transfer is never edited, so the one that was handed in is as good as one read again; that it was not undone in
    the meantime is asked under the lock. Raises NotReversible, SamePerson, WentBack, NotEnoughCash, AlreadyReversed.
    """
    if transfer.kind not in REVERSIBLE:
        raise NotReversible
    if by.pk == transfer.by_id:
        raise SamePerson
    with transaction.atomic():
        ledger.lock_books()
        _refuse_what_went_back(transfer)
        made = ledger.reverse(transfer=transfer, by=by, now=now)
        details = {"position": made.position, "reverses": transfer.position, "amount_fen": made.amount_fen}
        audit.record(verb="finance.transfer.reverse", target=made, by=by, at=now, details=details)
    return made


def _refuse_what_went_back(transfer: Transfer) -> None:
    agreement = transfer.credit.agreement_id
    if transfer.kind != TransferKind.PAYMENT or agreement is None:
        return
    standing = gathering.standings(transfer.term_code, agreement)[agreement]
    if standing.net_paid < transfer.amount_fen:
        raise WentBack
