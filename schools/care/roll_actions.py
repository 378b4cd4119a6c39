"""Writes of roll and handover from a page: one deed at a time, by the same rules as the phone's operations."""

from datetime import datetime

from django.db import transaction

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel.errors import Refused
from afterbell.outbox.actions import mark
from schools.care import boards, refusals, roll
from schools.care.models import Session
from schools.care.roll import Board, Deed, Kind
from schools.people.models import Guardian, Pupil


def open_session(*, session: Session, by: User, now: datetime) -> None:
    """Begin the roll call; the roll is filled with who has a place by an agreement in force."""
    _do(Deed(Kind.OPEN, session.pk, now), by=by, now=now)


def mark_present(*, session: Session, pupil: Pupil, by: User, now: datetime) -> None:
    """The child is there."""
    _do(Deed(Kind.PRESENT, session.pk, now, pupil_id=pupil.pk), by=by, now=now)


def mark_absent(*, session: Session, pupil: Pupil, by: User, now: datetime) -> None:
    """The child did not come."""
    _do(Deed(Kind.ABSENT, session.pk, now, pupil_id=pupil.pk), by=by, now=now)


def mark_excused(*, session: Session, pupil: Pupil, by: User, now: datetime) -> None:
    """The child is excused for the day."""
    _do(Deed(Kind.EXCUSED, session.pk, now, pupil_id=pupil.pk), by=by, now=now)


def hand_over(*, session: Session, pupil: Pupil, collector: Guardian, by: User, now: datetime) -> None:
    """S24: to an authorised adult. A hit of the deny list is written down and then refused: catch DeniedAdult in the
    view, or the request's transaction takes the entry back with it."""
    _do(Deed(Kind.HANDOVER, session.pk, now, pupil_id=pupil.pk, collector_id=collector.pk), by=by, now=now)


def let_go_alone(*, session: Session, pupil: Pupil, by: User, now: datetime) -> None:
    """S24: by the agreement's own words."""
    _do(Deed(Kind.ALONE, session.pk, now, pupil_id=pupil.pk), by=by, now=now)


def undo(*, session: Session, pupil: Pupil, by: User, now: datetime) -> None:
    """One step back; a handover stays on record as undone."""
    _do(Deed(Kind.UNDO, session.pk, now, pupil_id=pupil.pk), by=by, now=now)


def close_session(*, session: Session, note: str, by: User, now: datetime) -> None:
    """S22, S24: by the responsible teacher, with a record, when every child is accounted for."""
    _do(Deed(Kind.CLOSE, session.pk, now, note=note), by=by, now=now)


def mend(*, deed: Deed, by: User, now: datetime) -> None:
    """A leader mends the record of a day that has passed; who may is asked by the view."""
    _do(deed, by=by, now=now, late=True)


def do(*, deed: Deed, by: User, now: datetime) -> None:
    """Any deed of the gate, from a page whose button says which."""
    _do(deed, by=by, now=now)


def _do(deed: Deed, *, by: User, now: datetime, late: bool = False) -> None:
    with transaction.atomic():
        refusal = _once(deed, by=by, now=now, late=late)
    if refusal is not None:
        raise refusal


def _once(deed: Deed, *, by: User, now: datetime, late: bool) -> Refused | None:
    held = boards.locked([deed], user_id=by.pk, late=late)
    board = held.get(deed.session_id)
    try:
        roll.do(board, deed, now=now)
    except refusals.DeniedAdult as refusal:
        _record("care.handover.denied", deed, by=by, now=now, adult_id=deed.collector_id)
        _mark(board, now)
        return refusal
    except Refused as refusal:
        return refusal
    boards.write(held.values(), by_id=by.pk)
    _mark(board, now)
    late_word = {"late": True} if late else {}
    _record(f"care.roll.{deed.kind}", deed, by=by, now=now, **late_word)
    return None


def _mark(board: Board | None, now: datetime) -> None:
    if board is not None:
        mark(now=now, days=[board.date])


def _record(verb: str, deed: Deed, *, by: User, now: datetime, **more: object) -> None:
    details = {"session": deed.session_id, "pupil_id": deed.pupil_id, **more}
    record(verb=verb, target=f"care.session:{deed.session_id}", by=by, at=now, details=details)
