"""What schools send up about complaints (envelopes of kind complaint): an escalation, or the answer to what was passed on.

Called by the relay in the city, in the transaction in which the envelope arrives.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import F

from afterbell.audit.actions import record
from afterbell.kernel import locks, states
from afterbell.kernel.dates import local_date
from afterbell.kernel.numbers import number_for
from tenants.exchange.models import Envelope, EnvelopeKind
from tenants.exchange.states import EnvelopeState
from tenants.letterbox.family_actions import PREFIX, step
from tenants.letterbox.models import BureauComplaint, Origin, Passing, StepKind
from tenants.letterbox.states import MOVES, LetterState

WITHOUT_A_DEADLINE: Final = timedelta(days=15)
"""An envelope may say none; the longest of the ready profiles."""


def complaint_arrived(*, envelope: Envelope, now: datetime) -> None:
    """Once for each envelope: its key is the key of the row, or the passing has its answer already."""
    if "passing_id" in envelope.payload:
        _take_answer(envelope, now)
    elif envelope.payload["addressee"] == "school":
        _take_escalation(envelope, now)
    # One to the bureau is from before there was a letterbox: the complaint itself is moved (schools.voice.carrying).


def take_missed(*, school_id: UUID, now: datetime) -> int:
    """Escalations that arrived before anybody read them; gives how many. For the timetable."""
    missed = Envelope.objects.filter(
        school_id=school_id,
        kind=EnvelopeKind.COMPLAINT,
        state=EnvelopeState.SENT,
        payload__addressee="school",
    ).exclude(pk__in=BureauComplaint.objects.filter(school_id=school_id).values("pk"))
    found = [each for each in missed.order_by("sent_at", "pk") if "passing_id" not in each.payload]
    for envelope in found:
        _take_escalation(envelope, now)
    return len(found)


def bounced(*, passing: Passing, why: StepKind, now: datetime, doubts: Sequence[str] = ()) -> None:
    """It did not go to the school: the bureau is told why, and asks otherwise or sees to it by itself."""
    with transaction.atomic():
        row = locks.locked(passing.complaint)
        asked = "\n".join(dict.fromkeys([*passing.doubts.splitlines(), *doubts]))
        if Passing.objects.filter(pk=passing.pk, bounced_at=None).update(bounced_at=now, doubts=asked):
            if row.state == LetterState.PASSED:
                states.move(row, to=LetterState.RECEIVED, moves=MOVES, at=now)
            _told(row, why, now)


def _take_answer(envelope: Envelope, now: datetime) -> None:
    passing = Passing.objects.select_related("complaint").get(
        pk=UUID(envelope.payload["passing_id"]), complaint__school_id=envelope.school_id
    )
    said = envelope.payload["answer"]
    with transaction.atomic():
        row = locks.locked(passing.complaint)
        fresh = Passing.objects.filter(pk=passing.pk, answered_at=None)
        if not fresh.update(answer=said, answered_at=envelope.sent_at, envelope_id=envelope.pk):
            return
        if row.state == LetterState.PASSED:
            states.move(row, to=LetterState.RETURNED, moves=MOVES, at=now)
        _told(row, StepKind.RETURNED, now)


def _take_escalation(envelope: Envelope, now: datetime) -> None:
    """Kind, number and dates; what was written stays in the school, which has had it from the start."""
    sent = envelope.payload
    was_late = date.fromisoformat(sent["due_date"]) < local_date(envelope.sent_at)
    is_overdue = sent.get("is_overdue", was_late)
    with transaction.atomic():
        if BureauComplaint.objects.filter(pk=envelope.pk).exists():
            return
        row = BureauComplaint(
            pk=envelope.pk,
            number=number_for(PREFIX, local_date(envelope.sent_at), envelope.pk),
            origin=Origin.OVERDUE if is_overdue else Origin.ESCALATED,
            school_id=envelope.school_id,
            term_code=sent["term_code"],
            kind=sent["kind"],
            school_number=sent["number"],
            submitted_at=envelope.sent_at,
            due_at=envelope.due_at or envelope.sent_at + WITHOUT_A_DEADLINE,
            envelope_id=envelope.pk,
        )
        row.save(force_insert=True)
        _told(row, StepKind.SUBMITTED, now)


def _told(row: BureauComplaint, kind: StepKind, now: datetime) -> None:
    BureauComplaint.objects.filter(pk=row.pk).update(changes=F("changes") + 1)
    step(row, kind, now)
    details = {"school": row.school_id, "number": row.number.lower()}
    record(verb=f"letterbox.{kind.value}", target=row, by=None, at=now, details=details)
