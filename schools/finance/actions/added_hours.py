"""Class hours that came after their period was charged: a run adds them to that charge, and they go with it (S27, S36)."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Q
from django.utils.translation import gettext, override

from afterbell.accounts.models import User
from afterbell.kernel.ids import uuid7
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import accounts, charged_again, ledger, waiving
from schools.finance.actions import adjusting
from schools.finance.actions.differences import Credited
from schools.finance.ledger import Posting
from schools.finance.models import AddedHours, Charge, ChargeRun, Transfer, TransferKind
from schools.finance.not_charged_after import LaterHours
from schools.finance.written import WRITTEN_IN


class More(NamedTuple):
    """What a run adds: its postings, and by charge what calculations had given back of it (differences.Credited)."""

    postings: list[Posting]
    credited: Credited


def charge_more(run: ChargeRun, found: Sequence[LaterHours], *, now: datetime) -> More:
    """Under the lock of the books, in the run's transaction; `follow` comes when it is posted."""
    credited = _loosened([each.charge.pk for each in found])
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
        row.cap_fen, row.hours_at, row.waiver_reason = each.cap, now, each.waiver_reason
        row.save(update_fields=["units", "gross_fen", "waived_fen", "waiver_reason", "cap_fen", "hours_at"])
        family = accounts.family(row.agreement_id)
        if each.gross:
            postings.append(Posting(TransferKind.CHARGE, _key(made), family, accounts.FEES, each.gross))
        if each.waived:
            postings.append(
                Posting(TransferKind.WAIVER, waiving.key_of_hours(made), accounts.FEES, family, each.waived)
            )
    return More(postings, credited)


def take_off(run: ChargeRun, *, by: User, now: datetime) -> Credited:
    """Undo what a run added, under the lock of the books; charges.py has seen that nothing rests on it. Then `follow`.

    A waiver that was withdrawn since took its share of it along.
    """
    rows = list(run.added_hours.order_by("pk"))
    credited = _loosened([row.charge_id for row in rows])
    keys = [key for row in rows for key in (_key(row), waiving.key_of_hours(row))]
    standing = Transfer.objects.filter(key__among=keys, reversed_by__isnull=True).order_by("position")
    posted = list(standing.select_related("debit", "credit"))
    ledger.reverse_all(posted, by=by, now=now)
    waived = {transfer.key for transfer in posted}
    for row in rows:
        charge = Charge.objects.get(pk=row.charge_id)
        charge.units -= row.units
        charge.gross_fen -= row.gross_fen
        charge.waived_fen -= row.waived_fen if waiving.key_of_hours(row) in waived else 0
        charge.waiver_reason = charge.waiver_reason if charge.waived_fen else ""
        charge.cap_fen, charge.hours_at = row.cap_before_fen, row.hours_before_at
        charge.again_fen = min(charge.again_fen, charge.gross_fen)  # `follow` says what it is
        charge.again_units = min(charge.again_units, charge.units)
        charge.save(update_fields=[
            "units", "gross_fen", "waived_fen", "waiver_reason", "cap_fen", "hours_at", "again_fen", "again_units"
        ])  # fmt: skip
    return credited


def _loosened(charges: Collection[UUID]) -> Credited:
    """What was given back of these, and of who has left of all that the exit looked at: given back of nothing, until
    `follow` looks at it again."""
    if not charges:
        return {}
    gone = Agreement.objects.filter(charges__in=charges).exclude(state=AgreementState.ACTIVE)
    rows = Charge.objects.filter(Q(pk__in=charges) | Q(agreement__in=gone.values("pk")), taken_back_at=None)
    credited = dict(rows.values_list("pk", "credited_fen"))
    Charge.objects.filter(pk__in=credited).update(credited_fen=0)
    return credited


@override(WRITTEN_IN)
def follow(run: ChargeRun, credited: Credited, *, by: User, now: datetime) -> None:
    """What the hours that were added, or taken off, change: what of them was charged before a corrected exit, what absences
    and exits gave back, and the child's later charges."""
    if not credited:
        return
    head = gettext("%(period)s 的课时有变动，退费按现在的应缴金额重新计算。") % {"period": run.period}
    corrected = _corrected_before(credited)
    for earlier in corrected:
        for row, found in charged_again.of_later(earlier):
            if row.pk in credited:
                Charge.objects.filter(pk=row.pk).update(**found.as_columns)
    adjusting.follow(credited, by=by, now=now, head=head)
    for earlier in corrected:
        adjusting.follow_later(earlier, by=by, now=now)


def _corrected_before(charges: Iterable[UUID]) -> list[Agreement]:
    """Earlier agreements of the children of these charges, of whose exits something was charged again."""
    rows = Charge.objects.filter(pk__in=charges, again_fen__gt=0).values(
        "agreement__pupil", "agreement__plan"
    )
    found: dict[UUID, Agreement] = {}
    for pupil, plan in rows.values_list("agreement__pupil", "agreement__plan").distinct():
        of_child = (
            Agreement.objects.filter(pupil=pupil, plan=plan).select_related("plan").order_by("ended_at", "pk")
        )
        found |= {row.pk: row for row in of_child.filter(adjusting.exit_made_anew())}
    return list(found.values())


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


def _key(row: AddedHours) -> str:
    return f"charge:{row.charge_id}:{row.pk}"
