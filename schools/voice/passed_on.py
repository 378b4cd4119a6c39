"""A complaint that the bureau passed on: the school has what the bureau wrote, answers the bureau, and tells nobody else."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks, states
from afterbell.kernel.dates import local_date
from afterbell.kernel.numbers import number_for
from schools.people.models import Guardian
from schools.voice.models import Addressee, Complaint
from schools.voice.states import COMPLAINT_MOVES, ComplaintState
from tenants.exchange import actions as exchange
from tenants.exchange.models import Envelope, EnvelopeKind
from tenants.letterbox.models import Passing

PREFIX = "T"


def take_in(*, passing: Passing, guardian_id: UUID | None, now: datetime) -> Complaint:
    """Once for each passing: it has the passing's key. `guardian_id` only where the family may be named."""
    before: Complaint | None = Complaint.objects.filter(pk=passing.pk).first()
    if before is not None:
        return before
    row = Complaint(
        pk=passing.pk,
        number=number_for(PREFIX, local_date(now), passing.pk),
        term_code=passing.complaint.term_code,
        kind=passing.complaint.kind,
        addressee=Addressee.BUREAU,
        guardian=Guardian.objects.filter(pk=guardian_id).first() if guardian_id else None,
        accused=passing.accused,
        accused_name=passing.accused_name,
        text=passing.text,
        submitted_at=passing.passed_at,
        due_at=passing.due_at,
        passed_on_at=now,
    )
    row.save(force_insert=True)
    record(verb="voice.complaint.take_in", target=row, by=None, at=now, details={"kind": row.kind})
    return row


def send_answer(row: Complaint, *, by: User, now: datetime) -> None:
    """To the bureau, in the transaction of the answer. Raises NamesAChild."""
    envelope = exchange.send(
        kind=EnvelopeKind.COMPLAINT,
        subject=f"投诉 {row.number} 的回复",
        payload={
            "number": row.number,
            "term_code": row.term_code,
            "kind": row.kind,
            "addressee": row.addressee,
            "submitted_date": local_date(row.submitted_at).isoformat(),
            "due_date": local_date(row.due_at).isoformat(),
            "passing_id": str(row.pk),
            "answer": row.answer,
        },
        due_at=None,
        by=by,
        now=now,
    )
    Complaint.objects.filter(pk=row.pk).update(envelope_id=envelope.pk)


def closed_by_bureau(*, passing_id: UUID, now: datetime) -> None:
    """The bureau has taken the answer: nothing is left to do here."""
    with transaction.atomic():
        row = Complaint.objects.filter(pk=passing_id).first()
        if row is None:
            return
        row = locks.locked(row)
        if row.state == ComplaintState.ANSWERED:
            states.move(row, to=ComplaintState.CLOSED, moves=COMPLAINT_MOVES, at=now)
            record(verb="voice.complaint.close", target=row, by=None, at=now)


def bureau_answered(*, envelope: Envelope, now: datetime) -> None:
    """settings.EXCHANGE_ANSWERED: to an escalation the family reads it; to the school's own answer it closes the row."""
    if "passing_id" in envelope.payload:
        closed_by_bureau(passing_id=UUID(envelope.payload["passing_id"]), now=now)
