"""Writes of complaints at the school: a guardian says it, the school answers in time, or it goes to the bureau (S46).

What is said straight to the bureau is not here (letters.py). Whoever is accused never handles it (accused.py).
"""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.audit.actions import record
from afterbell.kernel import locks, states
from afterbell.kernel.dates import local_date
from afterbell.kernel.numbers import number_for
from afterbell.outbox.actions import mark
from schools.people import queries as people
from schools.people.models import Guardian
from schools.planning import queries as planning
from schools.voice import accused, passed_on, refusals
from schools.voice.models import Addressee, Complaint
from schools.voice.states import COMPLAINT_MOVES, ComplaintState
from tenants.exchange import actions as exchange
from tenants.exchange.models import EnvelopeKind
from tenants.letterbox.deadlines import due_after
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import Accused
from tenants.letterbox.refusals import KeyIsTaken
from tenants.models import School

PREFIX = "T"
MOST_SIGNS = 4000


def complain(
    *,
    school: School,
    key: UUID,
    wanted: Wanted,
    by: User,
    now: datetime,
) -> Complaint:
    """By a guardian, to the school. The same key sent twice is the same complaint.

    Raises OnlyTheComplainant, NoText, NoTerm, KeyIsTaken, and NobodyCouldAnswer where only the accused could.
    """
    guardian = people.guardian_of(by)
    if guardian is None or not by.has(Permission.COMPLAINTS_MAKE):
        raise refusals.OnlyTheComplainant
    said = wanted.text.strip()[:MOST_SIGNS]
    if not said:
        raise refusals.NoText
    name = wanted.accused_name.strip()[:60]
    if wanted.accused == Accused.BUREAU or not accused.somebody_is_left(wanted.accused, name):
        raise refusals.NobodyCouldAnswer
    term = planning.term_of_today(local_date(now))
    if term is None:
        raise refusals.NoTerm
    complaint = Complaint(
        pk=key,
        number=number_for(PREFIX, local_date(now), key),
        term_code=term.code,
        kind=wanted.kind,
        addressee=Addressee.SCHOOL,
        accused=wanted.accused,
        accused_name=name,
        guardian=guardian,
        text=said,
        submitted_at=now,
        due_at=due_after(school, now),
    )
    with transaction.atomic():
        before = _saved(complaint, guardian)
        if before is not None:
            return before
        details = {"kind": wanted.kind.value, "addressee": "school", "number": complaint.number.lower()}
        record(verb="voice.complaint.submit", target=complaint, by=by, at=now, details=details)
        _marks(complaint, now)
    return complaint


def answer(*, complaint: Complaint, text: str, by: User, now: datetime) -> None:
    """By the school: to the family, also after it went to the bureau; to the bureau what the bureau passed on.

    Raises NotYourRight (also for the accused), NoText, OwnComplaint, NotOpen, NamesAChild.
    """
    if not by.has(Permission.COMPLAINTS_ANSWER):
        raise refusals.NotYourRight
    said = text.strip()[:MOST_SIGNS]
    if not said:
        raise refusals.NoText
    with transaction.atomic():
        row = _locked(complaint)
        if row.guardian is not None and row.guardian.user_id == by.pk:
            raise refusals.OwnComplaint
        is_the_bureaus = row.addressee == Addressee.BUREAU and row.passed_on_at is None
        is_passed_on = row.addressee == Addressee.BUREAU
        if is_the_bureaus or accused.is_accused(by, row.accused, row.accused_name, is_passed_on=is_passed_on):
            raise refusals.NotYourRight
        if row.state not in (ComplaintState.OPEN, ComplaintState.ESCALATED):
            raise _not_open(row)
        also = {"answer": said, "answered_at": now, "answered_by": by}
        states.move(row, to=ComplaintState.ANSWERED, moves=COMPLAINT_MOVES, at=now, also=also)
        if row.addressee == Addressee.BUREAU:
            passed_on.send_answer(row, by=by, now=now)
        _marks(row, now)
        details = {"in_time": now <= row.due_at}
        record(verb="voice.complaint.answer", target=row, by=by, at=now, details=details)


def close(*, complaint: Complaint, by: User, now: datetime) -> None:
    """The guardian is content with the answer."""
    with transaction.atomic():
        row = _own(complaint, by)
        if row.state != ComplaintState.ANSWERED:
            raise _not_open(row)
        states.move(row, to=ComplaintState.CLOSED, moves=COMPLAINT_MOVES, at=now)
        _marks(row, now)
        record(verb="voice.complaint.close", target=row, by=by, at=now)


def escalate(*, complaint: Complaint, school: School, by: User, now: datetime) -> None:
    """The guardian takes a late or unsatisfying answer to the bureau."""
    with transaction.atomic():
        row = _own(complaint, by)
        if row.state == ComplaintState.OPEN and now <= row.due_at:
            raise refusals.SchoolHasTime(at=f"{timezone.localtime(row.due_at):%Y-%m-%d %H:%M}")
        if row.state not in (ComplaintState.OPEN, ComplaintState.ANSWERED):
            raise _not_open(row)
        _send_up(row, school, by=by, now=now)
        _marks(row, now)


def escalate_overdue(*, school: School, now: datetime) -> int:
    """For the timetable: what the school left unanswered goes to the bureau by itself."""
    with transaction.atomic():
        late = list(locks.lockable(_overdue(now)))
        for row in sorted(late, key=lambda row: (row.due_at, row.pk)):
            _send_up(row, school, by=None, now=now)
            _marks(row, now)
    return len(late)


def _send_up(row: Complaint, school: School, *, by: User | None, now: datetime) -> None:
    """Kind, number and deadline go to the bureau; what was written, and of whom, stays in the school."""
    due_at = due_after(school, now)
    envelope = exchange.send(
        kind=EnvelopeKind.COMPLAINT,
        subject=f"投诉 {row.number}",
        payload={
            "number": row.number,
            "term_code": row.term_code,
            "kind": row.kind,
            "addressee": row.addressee,
            "submitted_date": local_date(row.submitted_at).isoformat(),
            "due_date": local_date(row.due_at).isoformat(),
            "is_overdue": by is None,
        },
        due_at=due_at,
        by=by,
        now=now,
    )
    also = {"escalated_at": now, "envelope_id": envelope.pk}
    states.move(row, to=ComplaintState.ESCALATED, moves=COMPLAINT_MOVES, at=now, also=also)
    details = {"envelope": envelope.pk, "overdue": now > row.due_at}
    record(verb="voice.complaint.escalate", target=row, by=by, at=now, details=details)


def _overdue(now: datetime) -> QuerySet[Complaint]:
    """What the bureau passed on, the bureau looks after itself."""
    found: QuerySet[Complaint] = Complaint.objects.filter(
        state=ComplaintState.OPEN, due_at__lt=now, addressee=Addressee.SCHOOL
    )
    return found


def _saved(complaint: Complaint, guardian: Guardian) -> Complaint | None:
    """None: it is new. Otherwise the one that this guardian sent with the same key."""
    try:
        with transaction.atomic():
            complaint.save(force_insert=True)
    except IntegrityError:
        before: Complaint | None = Complaint.objects.filter(pk=complaint.pk, guardian=guardian).first()
        if before is None and Complaint.objects.filter(pk=complaint.pk).exists():
            raise KeyIsTaken from None
        if before is None:
            raise
        return before
    return None


def _own(complaint: Complaint, by: User) -> Complaint:
    """The row under lock, for the guardian who complained."""
    row = _locked(complaint)
    if row.addressee != Addressee.SCHOOL or row.guardian is None or row.guardian != people.guardian_of(by):
        raise refusals.OnlyTheComplainant
    return row


def _locked(complaint: Complaint) -> Complaint:
    return locks.locked(complaint, also=("guardian",))


def _not_open(row: Complaint) -> refusals.NotOpen:
    return refusals.NotOpen(number=row.number, state=ComplaintState(row.state).label)


def _marks(complaint: Complaint, now: datetime) -> None:
    """Complaints count in the month in which they came."""
    days = {local_date(complaint.submitted_at), local_date(now)}
    mark(now=now, months=sorted({f"{day:%Y-%m}" for day in days}), terms=[complaint.term_code])
