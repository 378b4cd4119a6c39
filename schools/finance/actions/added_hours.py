"""Class hours that came after their period was charged: a run adds them to that charge, and they go with it (S27, S36)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext, override

from afterbell.accounts.models import User
from afterbell.kernel.ids import uuid7
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import accounts, ledger, waiving
from schools.finance.actions import adjusting
from schools.finance.ledger import Posting
from schools.finance.models import AddedHours, Charge, ChargeRun, Transfer, TransferKind
from schools.finance.not_charged_after import LaterHours
from schools.finance.written import WRITTEN_IN


def charge_more(run: ChargeRun, found: Sequence[LaterHours], *, now: datetime) -> list[Posting]:
    """Under the lock of the books, in the run's transaction. Gives what it posts."""
    postings: list[Posting] = []
    for each in found:
        row = Charge.objects.get(pk=each.charge.pk)
        made = AddedHours.objects.create(
            id=uuid7(),
            run=run,
            charge=row,
            units=each.hours,
            gross_fen=each.gross,
            waived_fen=each.waived,
            cap_before_fen=row.cap_fen,
            hours_before_at=row.hours_at,
        )
        row.units += made.units
        row.gross_fen += made.gross_fen
        row.waived_fen += made.waived_fen
        row.cap_fen, row.hours_at = each.cap, now
        row.save(update_fields=["units", "gross_fen", "waived_fen", "cap_fen", "hours_at"])
        family = accounts.family(row.agreement_id)
        postings.append(Posting(TransferKind.CHARGE, _key(made), family, accounts.FEES, each.gross))
        if each.waived:
            postings.append(
                Posting(TransferKind.WAIVER, _waiver_key(made), accounts.FEES, family, each.waived)
            )
    return postings


@override(WRITTEN_IN)
def follow(run: ChargeRun, *, by: User, now: datetime) -> None:
    """Of who had left: what the exit gave is looked at again, with the hours, or without them again."""
    gone = Agreement.objects.filter(charges__added_hours__run=run).exclude(state=AgreementState.ACTIVE)
    own = Charge.objects.filter(agreement__in=gone.values("pk"), taken_back_at=None)
    credited = dict(own.values_list("pk", "credited_fen"))
    if credited:
        Charge.objects.filter(pk__in=credited).update(credited_fen=0)
        head = gettext("%(period)s 的课时有变动，退费按现在的应缴金额重新计算。") % {"period": run.period}
        adjusting.follow(credited, by=by, now=now, head=head)


def take_off(run: ChargeRun, *, by: User, now: datetime) -> bool:
    """Undo what a run added, under the lock of the books; charges.py has seen that nothing rests on it.

    Whether there was anything: `follow` comes after it.
    """
    rows = list(run.added_hours.select_related("charge").order_by("pk"))
    keys = [key for row in rows for key in (_key(row), _waiver_key(row))]
    posted = Transfer.objects.filter(key__among=keys, reversed_by__isnull=True).order_by("position")
    ledger.reverse_all(list(posted.select_related("debit", "credit")), by=by, now=now)
    for row in rows:
        charge = row.charge
        charge.units -= row.units
        charge.gross_fen -= row.gross_fen
        charge.waived_fen -= row.waived_fen
        charge.cap_fen, charge.hours_at = row.cap_before_fen, row.hours_before_at
        charge.save(update_fields=["units", "gross_fen", "waived_fen", "cap_fen", "hours_at"])
    return bool(rows)


def held(runs: Iterable[ChargeRun]) -> dict[UUID, set[UUID]]:
    """By run, families whose charge had hours added by a later run that stands: that one goes back before it."""
    found: dict[UUID, set[UUID]] = {run.pk: set() for run in runs}
    before: dict[UUID, list[UUID]] = defaultdict(list)
    rows = AddedHours.objects.filter(run__taken_back_at=None).select_related("charge")
    for row in rows.order_by("run__posted_at", "pk"):
        charge = row.charge
        for run_id in (charge.run_id, *before[charge.pk]):
            if run_id in found:
                found[run_id].add(charge.agreement_id)
        before[charge.pk].append(row.run_id)
    return found


def without_their_waiver(rows: Sequence[AddedHours]) -> set[UUID]:
    """Families of which the share that was waived of what was added has been taken back since."""
    keys = {_waiver_key(row): row.charge.agreement_id for row in rows if row.waived_fen}
    gone = Transfer.objects.filter(key__in=keys, reversed_by__isnull=False)
    return {keys[key] for key in gone.values_list("key", flat=True)}


def _key(row: AddedHours) -> str:
    return f"charge:{row.charge_id}:{row.pk}"


def _waiver_key(row: AddedHours) -> str:
    return f"{waiving.key_of(row.charge)}:{row.pk}"
