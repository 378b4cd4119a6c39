"""Writes of roll and handover from a page: one deed at a time, by the same rules as the phone's operations."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel.errors import Refused
from afterbell.outbox.actions import mark
from schools.care import alarm_actions, boards, queries, refusals, roll
from schools.care.models import LateDeed, Session
from schools.care.roll import NOT_THERE, Board, Deed, Kind
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


def move_on(*, session: Session, pupil: Pupil, by: User, now: datetime) -> None:
    """S24: to the child's next session of the day; the duty leader answers for it until it is ticked there."""
    _do(Deed(Kind.NEXT, session.pk, now, pupil_id=pupil.pk), by=by, now=now)


def undo(*, session: Session, pupil: Pupil, by: User, now: datetime) -> None:
    """One step back; a handover stays on record as undone."""
    _do(Deed(Kind.UNDO, session.pk, now, pupil_id=pupil.pk), by=by, now=now)


def close_session(*, session: Session, note: str, by: User, now: datetime) -> None:
    """S22, S24: by the responsible teacher, with a record, when every child is accounted for."""
    _do(Deed(Kind.CLOSE, session.pk, now, note=note), by=by, now=now)


def open_late(*, session: Session, reason: str, by: User, now: datetime) -> None:
    """Nobody opened it on its day, and it was held: a leader says why, and writes down who was there."""
    mend(deeds=[Deed(Kind.OPEN, session.pk, session.starts_at, note=reason)], by=by, now=now)


def mend(*, deeds: Sequence[Deed], by: User, now: datetime) -> None:
    """A leader mends the record of one session of a day that has passed: all of the deeds or none.

    Leaders are the school's, and who was duty leader of the session. Raises NotYours for others.
    """
    sessions = {deed.session_id for deed in deeds}
    with transaction.atomic():
        if queries.led_by(by).filter(pk__in=sessions).count() != len(sessions):
            raise refusals.NotYours
        refusal: Refused | None = None
        for deed in deeds:
            refusal = _once(deed, by=by, now=now, late=True)
            if refusal is not None and len(deeds) > 1:
                raise refusal
    if refusal is not None:  # outside, so that a hit of the deny list stays on record
        raise refusal


def see_late(*, session: Session, by: User, now: datetime) -> int:
    """A leader has looked at what came late for a session; gives how many were new. Raises NotYours."""
    session.ensure_home()
    if not queries.led_by(by).filter(pk=session.pk).exists():
        raise refusals.NotYours
    with transaction.atomic():
        seen = LateDeed.objects.filter(session=session, seen_at=None).update(seen_at=now, seen_by=by)
        if seen:
            record(verb="care.late.see", target=session, by=by, at=now, details={"operations": seen})
    return int(seen)


def do(*, deed: Deed, by: User, now: datetime) -> None:
    """Any deed of the gate, from a page whose button says which."""
    _do(deed, by=by, now=now)


def _do(deed: Deed, *, by: User, now: datetime) -> None:
    with transaction.atomic():
        refusal = _once(deed, by=by, now=now, late=False)
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
        if deed.pupil_id and deed.collector_id:
            alarm_actions.denied(
                session_id=deed.session_id, pupil_id=deed.pupil_id, adult_id=deed.collector_id, at=deed.at, by=by,
                now=now,
            )  # fmt: skip
        return refusal
    except Refused as refusal:
        return refusal
    boards.write(held.values(), by_id=by.pk)
    alarm_actions.outdated(boards=held.values(), by=by, now=now)
    _mark(board, now)
    late_words = {"late": True, "at": deed.at} if late else {}
    _record(f"care.roll.{deed.kind}", deed, by=by, now=now, **late_words)
    if deed.kind in NOT_THERE and deed.pupil_id:
        absent = {(deed.session_id, deed.pupil_id)}
        alarm_actions.sent_and_not_there(absent=absent, at=deed.at, by=by, now=now)
    return None


def _mark(board: Board | None, now: datetime) -> None:
    if board is not None:
        mark(now=now, days=[board.date])


def _record(verb: str, deed: Deed, *, by: User, now: datetime, **more: object) -> None:
    details = {"session": deed.session_id, "pupil_id": deed.pupil_id, **more}
    record(verb=verb, target=f"care.session:{deed.session_id}", by=by, at=now, details=details)
