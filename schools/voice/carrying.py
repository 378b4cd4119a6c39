"""Between the letterbox and one school, standing on each side in turn: what the bureau passed on, marks, and old rows.

Every step is repeatable: the same key on both sides, compare-and-set. After a crash the next round mends what was left.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from afterbell.kernel import signs
from afterbell.kernel.dates import local_date
from afterbell.kernel.numbers import number_for
from afterbell.outbox.actions import mark
from schools.people.models import Tie
from schools.voice import accused, passed_on
from schools.voice.models import Addressee, Complaint
from schools.voice.states import ComplaintState
from tenants.context import in_city, in_school
from tenants.exchange.models import Envelope, EnvelopeKind
from tenants.letterbox import arrivals, doubts, queries
from tenants.letterbox.family_actions import PREFIX
from tenants.letterbox.models import BureauComplaint, Passing, Step, StepKind
from tenants.letterbox.states import LetterState
from tenants.models import School

ONCE: dict[str, str] = {
    ComplaintState.OPEN: LetterState.OPEN,
    ComplaintState.ESCALATED: LetterState.OPEN,
    ComplaintState.ANSWERED: LetterState.OPEN,
    ComplaintState.CLOSED: LetterState.CLOSED,
}
"""What the school answered to a complaint that was not its own is no answer of the bureau, unless the family closed it."""


def carry(*, school: School, now: datetime) -> None:
    """settings.EXCHANGE_ROUNDS: after the envelopes of a school."""
    with in_city():
        passings, changed = queries.to_carry(school.pk), queries.to_mark(school.pk)
    for passing in passings:
        _pass_on(school, passing, now)
    if passings:  # a complaint that the school has heard of counts as such
        with in_city():
            changed = queries.to_mark(school.pk)
    if changed:
        _mark(school, changed, now)


def _pass_on(school: School, passing: Passing, now: datetime) -> None:
    named = passing.complaint.guardian_id if _may_name(passing) else None
    with in_school(school), transaction.atomic():
        why, asked = _why_not(passing), _doubts(passing)
        if why is None and set(asked) - set(passing.doubts.splitlines()):
            why = StepKind.DOUBTED
        if why is None:
            passed_on.take_in(passing=passing, guardian_id=named, now=now)
    with in_city(), transaction.atomic():
        if why is None:
            Passing.objects.filter(pk=passing.pk, carried_at=None).update(carried_at=now)
            BureauComplaint.objects.filter(pk=passing.complaint_id).update(changes=F("changes") + 1)
        else:
            arrivals.bounced(passing=passing, why=why, now=now, doubts=asked)


def _why_not(passing: Passing) -> StepKind | None:
    """Why it cannot be passed on as it is; asked in the school, which knows its people."""
    whom = (passing.accused, passing.accused_name)
    if not accused.somebody_is_left(*whom, is_passed_on=True):
        return StepKind.BOUNCED
    if not _may_name(passing) and _names_a_child(passing):
        return StepKind.NAMED
    if accused.is_shown_to(passing.complaint.accused_name, *whom):
        return StepKind.EXPOSED
    return None


def _may_name(passing: Passing) -> bool:
    return passing.is_named and passing.complaint.may_name


def _names_a_child(passing: Passing) -> bool:
    """Of the family's own, also one that has left: the bureau, which wrote the words, does not know the children."""
    return any(
        signs.names(name, text)
        for name in _children(passing)
        for text in (passing.text, passing.accused_name)
    )


def _children(passing: Passing) -> list[str]:
    ties = Tie.objects.filter(guardian=passing.complaint.guardian_id)
    return sorted(set(ties.values_list("pupil__name", flat=True)))


def _doubts(passing: Passing) -> list[str]:
    """What only the school can ask, which knows its people: the officer answers before anybody there reads it."""
    written = (passing.complaint.accused_name, passing.accused_name)
    found = doubts.readers(written, accused.readers(passing.accused, passing.accused_name))
    if not _may_name(passing):
        found += doubts.given_names((passing.text, passing.accused_name), _children(passing))
    return found


def _mark(school: School, changed: list[BureauComplaint], now: datetime) -> None:
    months = sorted({f"{local_date(row.submitted_at):%Y-%m}" for row in changed})
    with in_school(school), transaction.atomic():
        mark(now=now, months=months, terms=sorted({row.term_code for row in changed}))
    with in_city(), transaction.atomic():
        for row in changed:  # what changed meanwhile is marked by the next round
            BureauComplaint.objects.filter(pk=row.pk, marked__lt=row.changes).update(marked=row.changes)


def mend(*, school: School, now: datetime) -> int:
    """Once an hour: complaints to the bureau that the school still keeps from before, and escalations nobody read."""
    with in_city():
        taken = arrivals.take_missed(school_id=school.pk, now=now)
    with in_school(school):
        old = list(
            Complaint.objects.filter(addressee=Addressee.BUREAU, passed_on_at=None)
            .select_related("guardian")
            .order_by("submitted_at", "pk")
        )
        kept = [(row, _as_kept(school, row)) for row in old]
    for row, (fields, answer) in kept:
        _move(school, row, fields, answer, now)
    return taken + len(old)


def _as_kept(school: School, row: Complaint) -> tuple[dict[str, Any], str]:
    guardian = row.guardian
    fields = {
        "pk": row.pk, "number": number_for(PREFIX, local_date(row.submitted_at), row.pk), "school_id": school.pk,
        "guardian_id": guardian.pk if guardian else None, "guardian_name": guardian.name if guardian else "",
        "guardian_phone": guardian.phone if guardian else "", "term_code": row.term_code, "kind": row.kind,
        "text": row.text, "state": ONCE[row.state], "submitted_at": row.submitted_at, "due_at": row.due_at,
        "accused": row.accused, "accused_name": row.accused_name,
    }  # fmt: skip
    if row.state == ComplaintState.CLOSED and row.answered_at is not None:
        fields |= {"first_answered_at": row.answered_at, "answered_in_time": row.answered_at <= row.due_at}
    return fields, row.answer


def _move(school: School, row: Complaint, fields: dict[str, Any], answer: str, now: datetime) -> None:
    """First there, then no longer here: whatever breaks in between, nothing is lost."""
    with in_city(), transaction.atomic():
        if not BureauComplaint.objects.filter(pk=fields["pk"]).exists():
            made = BureauComplaint(**fields)
            made.save(force_insert=True)
            steps = [Step(complaint=made, kind=StepKind.SUBMITTED, at=made.submitted_at, by_family=True)]
            if answer:
                steps.append(
                    Step(complaint=made, kind=StepKind.RETURNED, at=row.answered_at or now, said=answer)
                )
            Step.objects.bulk_create(steps)
        _envelope_of(row).delete()
    with in_school(school), transaction.atomic():
        _envelope_of(row).delete()
        Complaint.objects.filter(pk=row.pk, addressee=Addressee.BUREAU, passed_on_at=None).delete()


def _envelope_of(row: Complaint) -> QuerySet[Envelope]:
    """On the side that one stands on: it said that there is a complaint to the bureau, and of which kind."""
    found = Envelope.objects.filter(kind=EnvelopeKind.COMPLAINT)
    return found.filter(pk=row.envelope_id) if row.envelope_id else found.none()
