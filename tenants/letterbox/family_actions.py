"""What a family does at the letterbox: say something, add to it, ask again, close. Call these at the letterbox.

The audit entries stand in the city's chain, without a user: the family's account is the school's, and the city names a
guardian by the key alone.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from afterbell.audit.actions import record
from afterbell.kernel import locks, states
from afterbell.kernel.dates import local_date
from afterbell.kernel.numbers import number_for
from tenants.letterbox import refusals
from tenants.letterbox.models import Accused, BureauComplaint, ComplaintKind, Step, StepKind
from tenants.letterbox.queries import Family, of_family
from tenants.letterbox.states import MOVES, WAITING, LetterState

PREFIX = "B"
MOST_SIGNS = 4000


@dataclass(frozen=True)
class Wanted:
    """What a family says, and how it wants it to be handled."""

    kind: ComplaintKind
    text: str
    may_name: bool = False
    accused: Accused = Accused.NOBODY
    accused_name: str = ""


@dataclass(frozen=True)
class Sender:
    """Who says it, for the bureau to answer."""

    family: Family
    name: str


def submit(
    *, key: UUID, sender: Sender, wanted: Wanted, term_code: str, due_at: datetime, now: datetime
) -> BureauComplaint:
    """To the bureau alone. The same key sent twice is the same complaint. Raises NoText, KeyIsTaken."""
    said = wanted.text.strip()[:MOST_SIGNS]
    if not said:
        raise refusals.NoText
    row = BureauComplaint(
        pk=key,
        number=number_for(PREFIX, local_date(now), key),
        school_id=sender.family.school_id,
        guardian_id=sender.family.guardian_id,
        guardian_name=sender.name[:60],
        guardian_phone=sender.family.phone,
        may_name=wanted.may_name,
        term_code=term_code,
        kind=wanted.kind,
        accused=wanted.accused,
        accused_name=wanted.accused_name.strip()[:60],
        text=said,
        submitted_at=now,
        due_at=due_at,
    )
    with transaction.atomic():
        before = _saved(row, sender.family)
        if before is not None:
            return before
        step(row, StepKind.SUBMITTED, now, by_family=True)
        _record("submit", row, now, kind=row.kind)
    return row


def add(*, complaint: BureauComplaint, family: Family, text: str, now: datetime) -> None:
    """More words, while the bureau is at it. Raises NoText, NotNow."""
    said = _words(text)
    with transaction.atomic():
        row = _own(complaint, family)
        if row.state not in WAITING:
            raise not_now(row)
        step(row, StepKind.ADDED, now, said=said, by_family=True)
        _record("add", row, now)


def reopen(*, complaint: BureauComplaint, family: Family, text: str, due_at: datetime, now: datetime) -> None:
    """Not content with the answer: the bureau is asked again and has its time anew. Raises NoText, NotNow."""
    said = _words(text)
    with transaction.atomic():
        row = _own(complaint, family)
        if row.state != LetterState.ANSWERED:
            raise not_now(row)
        states.move(row, to=LetterState.RECEIVED, moves=MOVES, at=now, also={"due_at": due_at})
        step(row, StepKind.REOPENED, now, said=said, by_family=True)
        _record("reopen", row, now)


def close(*, complaint: BureauComplaint, family: Family, now: datetime) -> None:
    """Content with the answer. Raises NotNow."""
    with transaction.atomic():
        row = _own(complaint, family)
        if row.state != LetterState.ANSWERED:
            raise not_now(row)
        states.move(row, to=LetterState.CLOSED, moves=MOVES, at=now)
        step(row, StepKind.CLOSED, now, by_family=True)
        _record("close", row, now)


def look(*, complaint: BureauComplaint, now: datetime) -> None:
    """The family has read what there is; no deed, so nothing is recorded."""
    BureauComplaint.objects.filter(pk=complaint.pk).update(family_seen_at=now)


def follow_number(*, family: Family, phone: str) -> None:
    """The owner has confirmed another number: what was said under the old one is the new one's, and answered to it.

    As look, no deed of a complaint: who confirmed it stands in the school's audit.
    """
    of_family(family).update(guardian_phone=phone)


def step(
    row: BureauComplaint,
    kind: StepKind,
    at: datetime,
    *,
    said: str = "",
    by_family: bool = False,
    by_id: UUID | None = None,
) -> None:
    """One line of the history, in the transaction of the deed."""
    Step(complaint=row, kind=kind, at=at, said=said, by_family=by_family, by_id=by_id).save(force_insert=True)


def not_now(row: BureauComplaint) -> refusals.NotNow:
    return refusals.NotNow(number=row.number, state=LetterState(row.state).label)


def _words(text: str) -> str:
    said = text.strip()[:MOST_SIGNS]
    if not said:
        raise refusals.NoText
    return said


def _own(complaint: BureauComplaint, family: Family) -> BureauComplaint:
    """The row under lock, for the guardian who complained."""
    row = locks.locked(complaint)
    writer = (row.school_id, row.guardian_id, row.guardian_phone)
    if row.guardian_id is None or writer != (family.school_id, family.guardian_id, family.phone):
        raise refusals.NotYours
    return row


def _saved(row: BureauComplaint, family: Family) -> BureauComplaint | None:
    """None: it is new. Otherwise the one that this guardian sent with the same key."""
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        before: BureauComplaint | None = of_family(family).filter(pk=row.pk).first()
        if before is None and BureauComplaint.objects.filter(pk=row.pk).exists():
            raise refusals.KeyIsTaken from None
        if before is None:
            raise
        return before
    return None


def _record(deed: str, row: BureauComplaint, now: datetime, **details: object) -> None:
    about = {"school": row.school_id, "number": row.number.lower(), **details}
    record(verb=f"letterbox.{deed}", target=row, by=None, at=now, details=about)
