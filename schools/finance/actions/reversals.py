"""Undoing a booked payment or expenditure by its opposite, in the open month: nothing is ever edited."""

from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen, format_fen
from schools.finance import gathering, holding, ledger, owing, statements
from schools.finance.actions import drafts_anew
from schools.finance.actions.closed import SamePerson
from schools.finance.models import Transfer, TransferKind
from schools.finance.states import ReversalReason
from tenants.exchange import names

REVERSIBLE = (TransferKind.PAYMENT, TransferKind.EXPENDITURE)


class NotReversible(Refused):
    """Charges are waived, refunds fail or are confirmed: each has its own way."""

    code = "finance.not_reversible"
    message = _("只有收款和支出可以冲正。应收请办理减免，退费请登记到账或失败。")


class WentBack(Refused):
    """Nobody gets back more than was paid."""

    code = "finance.payment_went_back"
    message = _(
        "这笔收款的全部或一部分已经退还，或已经决定退还，不能冲正。还没有发放的退费请先不要发放；这户补缴并登记以后，再冲正这一笔。"
    )


class Promised(Refused):
    """Refunds that have been computed are the families' money: an undone payment can't come out of it."""

    code = "finance.reversal_of_promised_money"
    message = _(
        "扣除待退还家庭的 %(promised)s，账上可动用 %(left)s，冲正这笔 %(asked)s 后不够退还。"
        "请先登记补缴的款项或冲正误记的支出，再冲正这笔收款。"
    )


class NoReversalReason(Refused):
    """Whoever undoes a row of the books says why."""

    code = "finance.reversal_needs_a_reason"
    message = _("请选择冲正的原因。")
    status = 400


def reverse_transfer(*, transfer: Transfer, reason: str, by: User, now: datetime, note: str = "") -> Transfer:
    """Undo a payment that bounced or an expenditure that was a mistake; by another person than who booked it.

    A payment that is undone leaves the account: somebody of its holder does that. What was spent by mistake comes back,
    and either side may say so.

    The reason is one of ReversalReason. `note` says more in own words, without a child's name: it stands in the books,
    hashed with the row; the audit log takes no sentences and keeps its digest.
    A transfer is never edited, so the one that was handed in is as good as one read again; that it was not undone in
    the meantime is asked under the lock. Raises NoReversalReason, NotReversible, OthersMoney, SamePerson, WentBack,
    Promised, NotEnoughCash, AlreadyReversed, NamesAChild.
    """
    if reason not in ReversalReason.values:
        raise NoReversalReason
    if transfer.kind not in REVERSIBLE:
        raise NotReversible
    said = statements.one_line(note)[:200]
    names.refuse_children([said])  # committee members read the books by numbers
    with transaction.atomic():
        ledger.lock_books()
        if transfer.kind == TransferKind.PAYMENT:
            holding.refuse_payer(transfer.term_code, by, now)
        if by.pk == transfer.by_id:
            raise SamePerson
        if Transfer.objects.filter(reverses=transfer.pk).exists():
            raise ledger.AlreadyReversed
        _refuse_what_went_back(transfer)
        made = ledger.reverse(transfer=transfer, reason=reason, note=said, by=by, now=now)
        if transfer.kind == TransferKind.PAYMENT and transfer.credit.agreement is not None:
            why = drafts_anew.of_payment(Fen(transfer.amount_fen))
            drafts_anew.follow(transfer.credit.agreement, why, by=by, now=now)
        _refuse_what_is_promised(transfer)
        details = {
            "position": made.position,
            "reverses": transfer.position,
            "amount_fen": made.amount_fen,
            "reason": str(reason),
            **({"note_sha256": sha256(said.encode()).hexdigest()} if said else {}),
        }
        audit.record(verb="finance.transfer.reverse", target=made, by=by, at=now, details=details)
    return made


def _refuse_what_went_back(transfer: Transfer) -> None:
    """What has left, or was voted; a draft that waits follows (drafts_anew)."""
    agreement = transfer.credit.agreement
    if transfer.kind != TransferKind.PAYMENT or agreement is None:
        return
    standing = gathering.standings(transfer.term_code, agreement.pk)[agreement.pk]
    waits = gathering.computed_drafts(agreement).aggregate(fen=Sum("amount_fen", default=0))["fen"]
    if standing.net_paid + waits < transfer.amount_fen:
        raise WentBack


def _refuse_what_is_promised(transfer: Transfer) -> None:
    """Where no refund waits, a payment that bounced may leave a gap as long as the money is there. Asked after the reversal,
    when the drafts that rested on it are gone.

    What bills promise after an early end holds nothing up: money that never came can't be shared, and the gap is true.
    """
    if transfer.kind != TransferKind.PAYMENT:
        return
    asked = Fen(transfer.amount_fen)
    free = owing.free(transfer.term_code)._replace(bills={})
    if free.promised and free.left < 0:
        left = Fen(free.left + asked)
        raise Promised(promised=format_fen(free.promised), left=format_fen(left), asked=format_fen(asked))
