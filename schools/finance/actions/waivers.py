"""Waiving by a reason of the policy."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen
from schools.finance import charging, ledger, rules
from schools.finance.actions.charges import waiver_posting
from schools.finance.actions.closed import refuse_settled
from schools.finance.models import Charge


class ReasonNotListed(Refused):
    """A waiver for a reason that is not on the list is a red line."""

    code = "finance.waiver_reason_not_listed"
    message = _("“%(reason)s”不在现行政策的减免名单内，不能减免。")


class AlreadyWaived(Refused):
    """Decided once."""

    code = "finance.already_waived"
    message = _("这笔费用已经减免过。")


class WaiverAmount(Refused):
    """Where the policy names no share, the approver says how much; never more than the fee."""

    code = "finance.waiver_amount"
    message = _("请填写减免金额：大于零，不超过应收金额。")
    status = 400


def waive(*, charge: Charge, reason: str, by: User, now: datetime, amount: Fen | None = None) -> Charge:
    """Take a charge back, wholly or in part, for a reason of the policy; `by` is who approved it.

    Where the policy names a share, it is that; otherwise the approver names the amount. The same share holds for
    later charges of this agreement in the term.
    """
    period = rules.billing(charge.period, rules.term(charge.term_code))
    waiver = rules.policy_on(period.days.first).policy.waiver(reason)
    if waiver is None:
        raise ReasonNotListed(reason=reason[:40])
    with transaction.atomic():
        ledger.lock_books()
        refuse_settled(charge.term_code)
        charge.refresh_from_db()
        if charge.waived_fen:
            raise AlreadyWaived
        gross = Fen(charge.gross_fen)
        percent = waiver.reduction_percent
        fen = amount if percent is None else charging.waived_by_percent(gross, percent)
        if fen is None or not 0 < fen <= gross:
            raise WaiverAmount
        charge.waived_fen, charge.waiver_reason = fen, waiver.code
        charge.save(update_fields=["waived_fen", "waiver_reason"])
        ledger.post(waiver_posting(charge), term_code=charge.term_code, by=by, now=now)
        details = {"reason": waiver.code, "amount_fen": fen, "period": charge.period}
        audit.record(verb="finance.charge.waive", target=charge, by=by, at=now, details=details)
    return charge
