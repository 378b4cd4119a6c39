"""What goes with a charge that is undone: what was given back of it, by its run or by itself (S36, S37)."""

from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext, override

from afterbell.accounts.models import User
from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.finance import again, ledger, refunding
from schools.finance.actions import differences
from schools.finance.actions.differences import AGAIN, Change
from schools.finance.models import (
    Calculation,
    Charge,
    ChargeRun,
    Refund,
    RefundCause,
    Transfer,
)
from schools.finance.owing import Room
from schools.finance.refund_rules import Returned
from schools.finance.states import RefundState
from schools.finance.timetable import last_day
from schools.finance.written import WRITTEN_IN


@override(WRITTEN_IN)
def undo_with(run: ChargeRun, *, by: User, now: datetime) -> None:
    """What a run gave back at once to who had left goes with it, in the transaction that takes it back.

    So do its period's absences, which gave of its charges alone (charges.py looks at that). A refund of what was paid
    ahead stays: without the charge the family is owed it all the more.
    """
    of_run = {"agreement__in": run.charges.values("agreement"), "period": run.period}
    Calculation.objects.filter(**of_run, cause=RefundCause.ABSENCE, undone_at=None).update(run=run)
    made = list(run.calculations.filter(undone_at=None).select_related("agreement__plan").order_by("pk"))
    keys = [f"credit:{row.key}" for row in made]
    posted = Transfer.objects.filter(key__in=keys, reversed_by__isnull=True).order_by("position")
    ledger.reverse_all(list(posted.select_related("debit", "credit")), by=by, now=now)
    beside = {}
    for row in made:
        if row.cause == RefundCause.EXIT:
            own = run.charges.filter(agreement=row.agreement_id)
            credited = sum(charge.credited_fen - again.off(charge) for charge in own)
            beside[row] = row.credit_fen - credited
    run.charges.update(credited_fen=0)
    run.calculations.update(undone_at=now)
    anew = differences.exits().filter(agreement__in=[row.agreement_id for row in made], key__startswith=AGAIN)
    changed = set(anew.values_list("agreement_id", flat=True))
    changes = []
    voided = Refund.objects.filter(
        agreement__in=[row.agreement_id for row in beside], state=RefundState.VOID, voided_at=run.posted_at
    )
    short = set(voided.values_list("agreement_id", flat=True))
    for row, fen in beside.items():
        if row.agreement_id in changed:
            changes.append((row.agreement, [_left_of(row.agreement, fen)]))
        else:
            _take_off(row.agreement_id, fen)
    room = Room(differences.coming(changes))
    head = gettext("%(period)s 的收费已撤回，退费按余下的收费重新计算。") % {"period": run.period}
    for agreement, each in changes:
        for change in each:
            differences.carry_out(agreement, change, room, head=head, by=by, now=now)
    for row in beside:
        if row.agreement_id in short - changed:
            differences.draft_own(row.agreement, by=by, now=now, head=head)
    for agreement in _left_since(run).exclude(pk__in=[row.agreement_id for row in beside]):
        differences.draft_own(agreement, by=by, now=now, head=head)


def _left_since(run: ChargeRun) -> QuerySet[Agreement]:
    """Whose exit came after the run and gave nothing back of it: one that did holds the run."""
    exits = differences.exits().filter(at__gte=run.posted_at, agreement__charges__run=run)
    rows = Agreement.objects.filter(pk__in=exits.values("agreement"), accounts__term_code=run.term_code)
    return rows.select_related("plan").order_by("pk")


def _left_of(agreement: Agreement, beside: int) -> Change:
    """An exit that was calculated again beside the run: what it gave for the run is no longer what the run's row says."""
    reckoned = refunding.case_of(agreement)
    standing = Charge.objects.filter(agreement=agreement, taken_back_at=None).order_by("created_at", "pk")
    charges = list(standing)
    credited = {charge.pk: charge.credited_fen - again.off(charge) for charge in charges}
    found = reckoned.case.returned(left_on=last_day(agreement))
    change = differences.change_of(RefundCause.EXIT, "", charges, found, reckoned, credited)
    return change._replace(before=change.before - beside)


def take_off_all(charge: Charge, *, by: User, now: datetime) -> None:
    """What was given back of a charge that is undone by itself is owed again, as the charge is no longer."""
    if not charge.credited_fen:
        return
    cause, period = RefundCause.ABSENCE, charge.period
    made = Calculation.objects.filter(agreement=charge.agreement_id, undone_at=None)
    if not made.filter(cause=cause, period=period).exists():
        cause, period = RefundCause.EXIT, ""
    nothing = Returned(Fen(0), ())
    change = Change(cause, period, [charge], nothing, [0], charge.credited_fen)
    differences.carry_out(charge.agreement, change, Room(), by=by, now=now)


def _take_off(agreement: UUID, fen: int) -> None:
    """Of the agreement's other charges, the latest first."""
    standing = Charge.objects.filter(agreement=agreement, taken_back_at=None, credited_fen__gt=0)
    for charge in standing.order_by("-created_at", "-pk"):
        part = min(fen, charge.credited_fen)
        if part > 0:
            charge.credited_fen -= part
            charge.save(update_fields=["credited_fen"])
            fen -= part
