"""What phones send: each operation by its own id, read once, applied once, answered as often as it is sent."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.audit.chain import as_json
from afterbell.kernel.dates import YEARS
from afterbell.kernel.errors import Refused
from afterbell.kernel.texts import is_whole
from afterbell.outbox.actions import mark
from schools.care import alarm_actions, boards, refusals, roll
from schools.care.lateness import late_deed, take_late
from schools.care.models import LateDeed, Operation
from schools.care.roll import NOT_THERE, Board, Deed, Kind

MOST: Final = 500
TRIES: Final = 3
"""How often a request that collides with others' is begun again before the phone is told to send it later."""
UNKNOWN: Final = "unknown"
"""Kept as the kind of an operation whose kind we do not know: what a stranger writes there is not kept."""
LONGEST_NOTE: Final = 2000
KINDS: Final = frozenset(Kind)
NEEDS_PUPIL: Final = frozenset(
    {Kind.PRESENT, Kind.ABSENT, Kind.EXCUSED, Kind.HANDOVER, Kind.ALONE, Kind.NEXT, Kind.UNDO}
)
APPLIED: Final = "applied"
DUPLICATE: Final = "duplicate"
REFUSED: Final = "refused"


@dataclass(frozen=True)
class Sent:
    """One operation as it came: the deed, or why it can't be read."""

    id: UUID
    kind: str
    at: datetime
    digest: str
    deed: Deed | None
    unreadable: type[Refused] | None


@dataclass(frozen=True)
class Answer:
    """What became of one operation: applied, duplicate, or refused with a code."""

    id: UUID
    result: str
    code: str = ""

    @property
    def reason(self) -> str:
        """The refusal's sentence in the language of who asks."""
        return str(refusals.SENTENCES[self.code]) if self.code else ""


def read(item: Mapping[str, Any], *, operation_id: UUID, now: datetime) -> Sent:
    """One item of the list. Its digest covers everything in it, so that the same id can't mean two things."""
    kind = item.get("kind")
    digest = hashlib.sha256(as_json(item).encode("utf-8", "surrogatepass")).hexdigest()
    at = _moment(item.get("at"))
    deed: Deed | None = None
    unreadable: type[Refused] | None = None
    if not isinstance(kind, str) or kind not in KINDS:
        kind, unreadable = UNKNOWN, refusals.UnknownKind
    else:
        deed = _deed(Kind(kind), item, at)
        unreadable = None if deed else refusals.Malformed
    return Sent(operation_id, kind, at or now, digest, deed, unreadable)


def apply(*, sent: Sequence[Sent], by: User, now: datetime) -> list[Answer]:
    """Each operation once, in the order of their times; answers in the order in which they came.

    All at once in a few statements. When a row collides with another phone's, they are done one by one, each in its
    own savepoint, so that one bad operation never takes others with it: under the locks of all their sessions, taken
    in one go, because two phones that lock one session after the other wait for each other for ever.
    """
    if len(sent) > MOST:
        raise refusals.TooManyOperations
    try:
        with transaction.atomic():
            answers = _together(sent, by=by, now=now)
    except IntegrityError:
        answers = _one_by_one(sent, by=by, now=now)
    by_id: dict[UUID, list[Answer]] = {}
    for answer in answers:
        by_id.setdefault(answer.id, []).append(answer)
    return [by_id[one.id].pop(0) for one in sent]


def _one_by_one(sent: Sequence[Sent], *, by: User, now: datetime) -> list[Answer]:
    """The ids are written last, in their own order: requests that share ids stand in line, whatever their sessions
    and times. Who finds one taken meanwhile begins again and sees it."""
    for _try in range(TRIES):
        try:
            with transaction.atomic():
                boards.lock([one.deed for one in sent if one.deed])
                return _each_alone(sent, by=by, now=now)
        except IntegrityError:
            continue
    return [Answer(one.id, REFUSED, refusals.Collision.code) for one in sent]


def _each_alone(sent: Sequence[Sent], *, by: User, now: datetime) -> list[Answer]:
    known = Operation.objects.in_bulk({one.id for one in sent})
    new: dict[UUID, Operation] = {}
    late: list[LateDeed] = []
    answers = []
    for one in sorted(sent, key=lambda one: one.at):
        before = known.get(one.id) or new.get(one.id)
        answers.append(_again(one, before, by) if before else _alone(one, new, late, by=by, now=now))
    _keep(new.values(), late)
    _alarm(sent, new, by=by, now=now)
    return answers


def _alone(one: Sent, new: dict[UUID, Operation], late: list[LateDeed], *, by: User, now: datetime) -> Answer:
    """A collision is an answer, not an error; it is not kept, so that the phone may send it again."""
    try:
        with transaction.atomic():
            held = _boards([one], by=by, now=now)
            made = _operation(one, _refusal(one, held, now=now), by=by, now=now)
            _write([made], held, by=by, now=now)
    except IntegrityError:
        return Answer(one.id, REFUSED, refusals.Collision.code)
    new[one.id] = made
    late += late_deed(one.deed, made, held, now=now)
    return Answer(one.id, made.result, made.reason)


def _together(sent: Sequence[Sent], *, by: User, now: datetime) -> list[Answer]:
    in_order = sorted(sent, key=lambda one: one.at)
    held = _boards(in_order, by=by, now=now)
    # Known ids are asked for after the locks: the same operation on two connections waits for the first of them.
    known = Operation.objects.in_bulk({one.id for one in in_order})
    new: dict[UUID, Operation] = {}
    late: list[LateDeed] = []
    answers = []
    for one in in_order:
        before = known.get(one.id) or new.get(one.id)
        if before is None:
            before = new[one.id] = _operation(one, _refusal(one, held, now=now), by=by, now=now)
            late += late_deed(one.deed, before, held, now=now)
            answers.append(Answer(one.id, before.result, before.reason))
        else:
            answers.append(_again(one, before, by))
    if new:
        _keep(new.values(), late)
        _write(list(new.values()), held, by=by, now=now)
        _alarm(sent, new, by=by, now=now)
    return answers


def _boards(sent: Sequence[Sent], *, by: User, now: datetime) -> dict[UUID, Board]:
    held = boards.locked([one.deed for one in sent if one.deed], user_id=by.pk)
    take_late(held.values(), now=now)
    return held


def _refusal(one: Sent, held: Mapping[UUID, Board], *, now: datetime) -> str:
    """Do it on the board; the code of the refusal, or "" when it is done."""
    if one.deed is None:
        return one.unreadable.code if one.unreadable else ""
    try:
        roll.do(held.get(one.deed.session_id), one.deed, now=now)
    except Refused as refusal:
        return refusal.code
    return ""


def _operation(one: Sent, code: str, *, by: User, now: datetime) -> Operation:
    return Operation(
        id=one.id,
        kind=one.kind,
        payload_sha256=one.digest,
        result=REFUSED if code else APPLIED,
        reason=code,
        by=by,
        said_at=one.at,
        received_at=now,
    )


def _again(one: Sent, before: Operation, by: User) -> Answer:
    """The first answer once more; another content or another sender under the same id is never applied."""
    if before.payload_sha256 != one.digest or before.by_id != by.pk:
        return Answer(one.id, REFUSED, refusals.OtherPayload.code)
    return Answer(one.id, DUPLICATE) if before.result == APPLIED else Answer(one.id, REFUSED, before.reason)


def _keep(new: Iterable[Operation], late: Sequence[LateDeed]) -> None:
    """Two phones, one order."""
    Operation.objects.bulk_create(sorted(new, key=lambda operation: operation.pk))
    if late:
        LateDeed.objects.bulk_create(late)


def _alarm(sent: Sequence[Sent], new: Mapping[UUID, Operation], *, by: User, now: datetime) -> None:
    """What people must hear of at once: hits of the deny list, children who were sent and are not there (S24)."""
    done = {one.id: one.deed for one in sent if one.deed and one.id in new}
    absent = set()
    for key, deed in done.items():
        operation = new[key]
        if operation.reason == refusals.DeniedAdult.code and deed.pupil_id and deed.collector_id:
            alarm_actions.denied(
                session_id=deed.session_id, pupil_id=deed.pupil_id, adult_id=deed.collector_id, at=deed.at, by=by,
                now=now,
            )  # fmt: skip
        elif operation.result == APPLIED and deed.kind in NOT_THERE and deed.pupil_id:
            absent.add((deed.session_id, deed.pupil_id))
    if absent:
        at = max(deed.at for deed in done.values())
        alarm_actions.sent_and_not_there(absent=absent, at=at, by=by, now=now)


def _write(new: Sequence[Operation], held: Mapping[UUID, Board], *, by: User, now: datetime) -> None:
    """What they do: to the roll, the facts and the audit log."""
    boards.write(held.values(), by_id=by.pk)
    alarm_actions.outdated(boards=held.values(), by=by, now=now)
    touched = [board for board in held.values() if board.is_own]
    if touched:
        mark(now=now, days={board.date for board in touched})
    _audit(new, touched, by=by, now=now)


def _audit(new: Sequence[Operation], touched: Sequence[Board], *, by: User, now: datetime) -> None:
    """One entry a request: the operations themselves are rows that nobody can change, the digest binds them."""
    denied = [operation.pk for operation in new if operation.reason == refusals.DeniedAdult.code]
    if denied:
        record(verb="care.handover.denied", target="care.gate", by=by, at=now, details={"operations": denied})
    applied = sum(1 for operation in new if operation.result == APPLIED)
    text = "\n".join(
        sorted(f"{operation.pk} {operation.payload_sha256} {operation.result}" for operation in new)
    )
    details = {
        "applied": applied,
        "refused": len(new) - applied,
        "sessions": [board.session_id for board in touched],
        "sha256": hashlib.sha256(text.encode()).hexdigest(),
    }
    record(verb="care.operations.apply", target="care.gate", by=by, at=now, details=details)


def _deed(kind: Kind, item: Mapping[str, Any], at: datetime | None) -> Deed | None:
    session, pupil, collector = (_uuid(item.get(name)) for name in ("session", "pupil", "collector"))
    note = item.get("note", "")
    if at is None or session is None or not isinstance(note, str) or not is_plain(note):
        return None
    if (kind in NEEDS_PUPIL and pupil is None) or (kind is Kind.HANDOVER and collector is None):
        return None
    return Deed(kind, session, at, pupil_id=pupil, collector_id=collector, note=note)


def is_plain(note: str) -> bool:
    """Short enough, and text that can be kept."""
    return len(note) <= LONGEST_NOTE and is_whole(note)


def _uuid(value: object) -> UUID | None:
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _moment(value: object) -> datetime | None:
    """ISO 8601 with its zone; a moment without one is ambiguous."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    if moment is None or timezone.is_naive(moment) or moment.year not in YEARS:
        return None
    return moment
