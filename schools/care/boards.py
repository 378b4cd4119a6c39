"""Reads sessions under lock as boards, and writes them back: a few statements, however many deeds.

Whoever changes a roll locks its session first, in the order of the keys, so that two phones stand in line.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final
from uuid import UUID

from django.db import connection
from django.db.models import F, Q

from afterbell.kernel import locks, writes
from afterbell.kernel.ids import uuid7
from schools.care import homeward, onward, past_duties
from schools.care.models import DutyRole, Handover, RollEntry, Session
from schools.care.roll import Adult, Board, Child, Deed, Kind
from schools.care.states import RollState, SessionState
from schools.enrolment import holders
from schools.enrolment.models import ChosenActivity
from schools.people.models import Tie
from schools.staffing.states import ContractState

MOVE_ENTRIES: Final = """
UPDATE care_rollentry AS entry
SET state = moved.state, arrived_at = moved.arrived_at, left_at = moved.left_at
FROM unnest(%s::uuid[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
    AS moved (id, stored, state, arrived_at, left_at)
WHERE entry.id = moved.id AND entry.state = moved.stored
"""
"""Compare and set for all lines of a request at once: one UPDATE a line would be most of the time at the gate."""


class RollMoved(RuntimeError):
    """A line or session changed under our lock: somebody wrote without taking it. A programming error."""


def locked(deeds: Iterable[Deed], *, user_id: UUID, late: bool = False) -> dict[UUID, Board]:
    """The boards that the deeds name, by session; locked until the transaction ends. Others' sessions are told apart
    by `is_mine`. `late` is a leader's mending of the record."""
    wanted = list(deeds)
    boards = _sessions({deed.session_id for deed in wanted}, onward.sessions_of(wanted), late=late)
    if not boards:
        return {}
    _duties(boards, user_id)
    past_duties.fill(boards.values(), user_id=user_id)
    opening = [deed.session_id for deed in wanted if deed.kind is Kind.OPEN]
    _expected([boards[session] for session in opening if session in boards], boards)
    pupils = {deed.pupil_id for deed in wanted if deed.pupil_id}
    if pupils:
        _children(boards, pupils, with_handovers=any(deed.kind is Kind.UNDO for deed in wanted))
        onward.fill(boards, wanted, user_id=user_id)
    _consents(boards, {deed.pupil_id for deed in wanted if deed.kind is Kind.ALONE})
    adults = {deed.collector_id for deed in wanted if deed.collector_id}
    if adults:
        _adults(boards, pupils, adults)
    return boards


def lock(deeds: Iterable[Deed]) -> None:
    """All sessions of a request at once, before the first of them is read by itself."""
    list(locks.locked_rows(Session, onward.sessions_of(deeds)).values_list("pk"))


def write(boards: Iterable[Board], *, by_id: UUID) -> None:
    """Every change of every board. Inside the transaction that locked them."""
    changed = [board for board in boards if _is_changed(board)]
    _write_children(changed)
    _write_handovers(changed, by_id)
    for board in changed:
        if board.delta or board.state != board.stored:
            _write_session(board, by_id)


# --- read --------------------------------------------------------------------------------------------------------


def _sessions(ids: Collection[UUID], held: Collection[UUID], *, late: bool) -> dict[UUID, Board]:
    """Boards of `ids`; the other ones that are held are the children's next ones, on which nothing is done."""
    rows = locks.locked_rows(Session, held).values_list("pk", "date", "state", "unaccounted")
    return {
        pk: Board(
            session_id=pk, date=date, state=state, stored=state, unaccounted=unaccounted, term_code="",
            is_mine=False, is_responsible=False, is_late=late,
        )
        for pk, date, state, unaccounted in rows
        if pk in ids
    }  # fmt: skip


def _duties(boards: dict[UUID, Board], user_id: UUID) -> None:
    """Own sessions: by a duty under a contract in force. The clearance covers the day by the database's own word.

    Asked after the lock, so that a dismissal that came first counts.
    """
    mine = Q(
        duties__clearance__contract__candidate__user_id=user_id,
        duties__clearance__contract__state=ContractState.ACTIVE,
    )
    rows = Session.objects.filter(mine, pk__in=boards).values_list(
        "pk", "duties__role", "activity__plan__term_code"
    )
    for pk, role, term_code in rows:
        board = boards[pk]
        board.is_mine, board.term_code = True, term_code
        board.is_responsible = board.is_responsible or role == DutyRole.RESPONSIBLE
    late = [pk for pk, board in boards.items() if board.is_late and not board.term_code]
    for pk, term_code in (
        Session.objects.filter(pk__in=late).values_list("pk", "activity__plan__term_code") if late else ()
    ):
        boards[pk].term_code = term_code


def _expected(opening: Sequence[Board], boards: dict[UUID, Board]) -> None:
    """Who has a place in the activity on the day, by an agreement in force (S15)."""
    planned = [board.session_id for board in opening if board.state == SessionState.PLANNED]
    if not planned:
        return
    # One filter(): a second one would join the activity's sessions again, and with them all days of the term.
    rows = ChosenActivity.objects.filter(
        Q(application__pupil__left_date__isnull=True)
        | Q(application__pupil__left_date__gte=F("activity__sessions__date")),  # it is the last day
        holders.on(F("activity__sessions__date")),
        activity__sessions__in=planned,
    )
    for session, pupil, agreement_id in rows.values_list(
        "activity__sessions", "application__pupil", "application__agreement"
    ):
        boards[session].expected[pupil] = Child(
            entry_id=uuid7(), pupil_id=pupil, agreement_id=agreement_id, state=RollState.EXPECTED, arrived_at=None,
            left_at=None, stored="",
        )  # fmt: skip


def _children(boards: dict[UUID, Board], pupils: Collection[UUID], *, with_handovers: bool) -> None:
    rows = RollEntry.objects.filter(session_id__in=boards, pupil_id__in=pupils).values_list(
        "session_id",
        "pk",
        "pupil_id",
        "agreement_id",
        "state",
        "arrived_at",
        "left_at",
    )
    by_entry: dict[UUID, Child] = {}
    for session, pk, pupil, agreement, state, arrived_at, left_at in rows:
        child = Child(
            entry_id=pk, pupil_id=pupil, agreement_id=agreement, state=state, arrived_at=arrived_at, left_at=left_at,
            stored=state,
        )  # fmt: skip
        boards[session].children[pupil] = by_entry[pk] = child
    if with_handovers and by_entry:
        standing = Handover.objects.filter(entry_id__in=by_entry, undone_at__isnull=True).values_list(
            "entry_id", "pk", "next_session_id"
        )
        for entry, pk, next_id in standing:
            by_entry[entry].handover_id, by_entry[entry].next_id = pk, next_id


def _consents(boards: dict[UUID, Board], pupils: Collection[UUID | None]) -> None:
    """Asked after the lock, as the adults are. No query where nobody goes alone."""
    if not pupils:
        return
    children = [
        child for board in boards.values() for child in (*board.children.values(), *board.expected.values())
    ]
    known = homeward.consents({child.agreement_id for child in children if child.pupil_id in pupils})
    for board in boards.values():
        board.consents = known


def _adults(boards: dict[UUID, Board], pupils: Collection[UUID], adults: Collection[UUID]) -> None:
    rows = Tie.objects.filter(pupil_id__in=pupils, guardian_id__in=adults).values_list(
        "pupil_id", "guardian_id", "may_collect", "is_denied", "ended_at", "collects_since", "collected_until"
    )
    known = {
        (pupil, guardian): Adult(
            may_collect=may_collect and ended_at is None, is_denied=is_denied, since=since, until=until
        )
        for pupil, guardian, may_collect, is_denied, ended_at, since, until in rows
    }
    for board in boards.values():
        board.adults = known


# --- write -------------------------------------------------------------------------------------------------------


def _is_changed(board: Board) -> bool:
    return bool(
        board.state != board.stored
        or board.given
        or board.taken_back
        or any(child.is_touched for child in board.children.values())
    )


def _write_children(boards: Collection[Board]) -> None:
    new = [(board, child) for board in boards for child in board.children.values() if not child.stored]
    if new:
        RollEntry.objects.bulk_create(
            RollEntry(
                id=child.entry_id, session_id=board.session_id, agreement_id=child.agreement_id,
                pupil_id=child.pupil_id, state=child.state, arrived_at=child.arrived_at, left_at=child.left_at,
            )
            for board, child in new
        )  # fmt: skip
    moved = [
        child for board in boards for child in board.children.values() if child.stored and child.is_touched
    ]
    if not moved:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            MOVE_ENTRIES,
            [
                [child.entry_id for child in moved],
                [child.stored for child in moved],
                [str(child.state) for child in moved],
                [child.arrived_at for child in moved],
                [child.left_at for child in moved],
            ],
        )
        if cursor.rowcount != len(moved):
            raise RollMoved("a line of the roll changed under the session's lock")
    writes.tell(RollEntry, [child.entry_id for child in moved])


def _write_handovers(boards: Collection[Board], by_id: UUID) -> None:
    for board in boards:
        for handover_id, undone_at in board.taken_back:
            Handover.objects.filter(pk=handover_id, undone_at__isnull=True).update(undone_at=undone_at)
    given = [handover for board in boards for handover in board.given]
    if given:
        Handover.objects.bulk_create(
            Handover(
                id=each.id, entry_id=each.entry_id, way=each.way, collector_id=each.collector_id, at=each.at, by_id=by_id,
                next_session_id=each.next_id, keeper_id=each.keeper_id, undone_at=each.undone_at,
            )
            for each in given
        )  # fmt: skip


def _write_session(board: Board, by_id: UUID) -> None:
    """One statement: the state that was read, the count by what it is in the row itself."""
    changes: dict[str, object] = {"state": board.state, "unaccounted": F("unaccounted") + board.delta}
    if board.opened_at is not None:
        changes["opened_at"] = board.opened_at
    if board.late_reason:
        changes |= {"late_reason": board.late_reason, "opened_late_by_id": by_id}
    if board.closed_at is not None:
        changes |= {"closed_at": board.closed_at, "closed_by_id": by_id, "note": board.note or ""}
    rows = Session.objects.filter(pk=board.session_id, state=board.stored).update(**changes)
    if rows != 1:
        raise RollMoved("a session changed under its lock")
