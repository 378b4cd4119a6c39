"""Taking one charge back that stands beside another one for the same days: from before runs, no run can undo it (S27)."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.dates import Period
from afterbell.kernel.errors import Refused
from schools.finance import charging, doubled, ledger, rules, runs, statements, waiving
from schools.finance.actions import undone_with
from schools.finance.actions.charges import NoReason
from schools.finance.actions.closed import refuse_settled
from schools.finance.models import Charge, Transfer
from schools.finance.offering import ChargeTakenBack, refuse_own_children


class NotDoubled(Refused):
    """A fee that is owed once is waived by two persons or given back by the rule, never just taken away."""

    code = "finance.charge_not_doubled"
    message = _("这笔费用没有与另一笔重复，不能单独撤回。减免请走减免申请，退费按规定计算。")


class OfARun(Refused):
    """What a run charged goes back with the run."""

    code = "finance.charge_of_a_run"
    message = _("这笔费用是成批开具的，请撤回那一次开具。")


def take_back_doubled(*, charge: Charge, reason: str, by: User, now: datetime) -> Charge:
    """Undo one of two charges for the same days by reversals: the fee, its waiver, what was given back of it.

    What the family paid for it stays its own: it counts for what is charged next, and comes back at the settlement; at once
    where the child has left. Raises NoReason, ChargeTakenBack, OfARun, NotDoubled, OwnChild, TermSettled.
    """
    said = statements.reason(reason)
    if not said:
        raise NoReason
    with transaction.atomic():
        ledger.lock_books()
        found = Charge.objects.select_related("agreement__plan").get(pk=charge.pk)
        refuse_settled(found.term_code)
        refuse_own_children([found], by)
        _refuse_single(found)
        own = Q(key=f"charge:{found.pk}") | Q(key__startswith=waiving.key_of(found))
        posted = Transfer.objects.filter(own, reversed_by__isnull=True, reverses=None).order_by("position")
        ledger.reverse_all(list(posted.select_related("debit", "credit")), by=by, now=now)
        undone_with.take_off_all(found, by=by, now=now)
        found.covers, found.taken_back_at = "empty", now
        found.taken_back_by, found.taken_back_reason = by, said
        found.save(update_fields=["covers", "taken_back_at", "taken_back_by", "taken_back_reason"])
        _cover(found)
        details = {"period": found.period, "amount_fen": found.gross_fen - found.waived_fen}
        audit.record(verb="finance.charge.take_back", target=found, by=by, at=now, details=details)
    return found


def _refuse_single(charge: Charge) -> None:
    if charge.taken_back_at is not None:
        raise ChargeTakenBack
    if charge.run_id is not None:
        raise OfARun
    pairs = doubled.charges(rules.term(charge.term_code))
    if charge.pk not in {pk for pair in pairs for pk in (pair.first_id, pair.second_id)}:
        raise NotDoubled


def _cover(undone: Charge) -> None:
    """The child's other charges that could name no day beside this one name their own from now on."""
    pupil = undone.agreement.pupil_id
    rows = Charge.objects.filter(
        agreement__pupil=pupil, term_code=undone.term_code, taken_back_at=None, first_date__isnull=False
    )
    standing = list(rows.select_related("agreement__plan").order_by("created_at", "pk"))
    taken = [_days(row) for row in standing if not row.covers.isempty]
    for row in standing:
        days = _days(row)
        if row.covers.isempty and days and not any(days.overlap(other) for other in taken if other):
            row.covers = charging.covers(pupil, days)
            row.save(update_fields=["covers"])
            taken.append(days)


def _days(charge: Charge) -> Period | None:
    """Of the charge, as far as its agreement goes: an exit leaves none of those after it."""
    if charge.first_date is None or charge.last_date is None or charge.first_date > charge.last_date:
        return None
    own = runs.up_to(Period(charge.first_date, charge.last_date), charge.agreement.plan.ended_date)
    if own is None:
        return None
    last = max(charge.agreement.from_date, charge.agreement.until_date)
    return own.overlap(Period(charge.agreement.from_date, last))
