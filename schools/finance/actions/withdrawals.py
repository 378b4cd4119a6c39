"""Taking a granted waiver back because it was wrong: by a third step of another person, with what was carried on from it."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Min, Sum
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel import states
from afterbell.kernel.errors import Refused
from schools.enrolment.models import Agreement
from schools.finance import accounts, gathering, ledger, offering, statements, waiving
from schools.finance.actions import adjusting, drafts_anew
from schools.finance.actions.closed import SamePerson, refuse_settled
from schools.finance.models import Charge, Transfer, Waiver
from schools.finance.states import WAIVER_MOVES, RefundState, WaiverState


class NoWithdrawalReason(Refused):
    """Whoever takes back what was granted says why."""

    code = "finance.no_withdrawal_reason"
    message = _("请写明为什么撤回，家庭会看到应缴金额的变化。")
    status = 400


class MoneyRestsOnIt(Refused):
    """Money that went back, or is on its way, is more than the whole fee would leave."""

    code = "finance.waiver_was_counted_on"
    message = _(
        "批准减免之后已按减免后的金额发放过退费，撤回后这户退得比缴的多。请等这户把多退的部分补缴并登记，再撤回减免。"
    )


def withdraw_waiver(*, waiver: Waiver, reason: str, by: User, now: datetime) -> Waiver:
    """Reverse what was granted, on its charge and on later ones that carried it on; the family owes the fee again.

    What absences or an exit gave back of the lower fee follows it (adjusting), and so do refunds that wait (drafts_anew).
    Raises MoneyRestsOnIt where money has gone.
    """
    words = statements.reason(reason)
    if not words:
        raise NoWithdrawalReason
    with transaction.atomic():
        ledger.lock_books()
        found = Waiver.objects.select_related("charge__agreement").get(pk=waiver.pk)
        if found.state != WaiverState.GRANTED:
            raise states.MoveNotAllowed(
                before=WaiverState(found.state).label, after=WaiverState.WITHDRAWN.label
            )
        if by.pk == found.decided_by_id:
            raise SamePerson
        offering.refuse_own_children([found.charge], by)
        refuse_settled(found.charge.term_code)
        charges = waiving.resting_on(found)
        if not charges and found.charge.taken_back_at is not None:
            raise offering.ChargeTakenBack  # nothing carries its share on, either
        withdrawn = {"withdrawn_by": by, "withdrawn_at": now, "withdrawal_reason": words}
        states.move(found, to=WaiverState.WITHDRAWN, moves=WAIVER_MOVES, at=now, also=withdrawn)
        total = sum(charge.waived_fen for charge in charges)
        since = _take_back(charges, by=by, now=now)
        for agreement, granted in since.items():
            _refuse_what_was_returned(agreement, granted, found.charge.term_code, by=by, now=now)
        details = {"count": len(charges), "amount_fen": total}
        audit.record(verb="finance.waiver.withdraw", target=found, by=by, at=now, details=details)
    return found


def _take_back(charges: Sequence[Charge], *, by: User, now: datetime) -> dict[Agreement, Transfer]:
    """Gives the first posting of what was waived, by agreement."""
    credited: dict[UUID, int] = {}
    since: dict[Agreement, Transfer] = {}
    for charge in charges:
        posted = waiving.standing_transfers(charge)
        if not posted:
            raise RuntimeError(f"charge {charge.pk} was waived without a transfer")
        since.setdefault(charge.agreement, posted[0])
        ledger.reverse_all(posted, by=by, now=now)
        charge.waived_fen, charge.waiver_reason = 0, ""
        credited[charge.pk], charge.credited_fen = charge.credited_fen, 0
        charge.save(update_fields=["waived_fen", "waiver_reason", "credited_fen"])
    adjusting.follow(credited, by=by, now=now)
    return since


def _refuse_what_was_returned(
    agreement: Agreement, granted: Transfer, term_code: str, *, by: User, now: datetime
) -> None:
    """Since it was granted, a refund that the whole fee does not leave: one that waits follows; of one that has gone the
    money is missing until the family has paid as much again.

    What came before what is told by the ledger's positions and the keys of rows: all were made under the books' lock, while
    a deed that waited for it carries the moment at which it was asked for.
    """
    if agreement.refunds.filter(pk__gt=granted.pk).exclude(state=RefundState.VOID).exists():
        drafts_anew.follow(agreement, drafts_anew.of_waiver(), by=by, now=now)
    own = Transfer.objects.filter(term_code=term_code, reversed_by=None)
    family = accounts.family(agreement.pk)
    gone = own.filter(debit__code=family, credit__code=accounts.CASH, position__gt=granted.position)
    first = gone.aggregate(first=Min("position"), fen=Sum("amount_fen", default=0))
    if first["first"] is None:
        return
    again = own.filter(debit__code=accounts.CASH, credit__code=family, position__gt=first["first"])
    paid = again.aggregate(fen=Sum("amount_fen", default=0))["fen"]
    standing = gathering.standings(term_code, agreement.pk)[agreement.pk]
    if min(standing.due - standing.net_paid, first["fen"] - paid) > 0:
        raise MoneyRestsOnIt
