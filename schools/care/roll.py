"""The rules of roll and handover, pure: one session as it stands, one deed, what changes or why not (S22, S24).

The board is read under lock and written back by `boards`; between the two nothing but this file decides.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from django.utils import timezone

from afterbell.kernel.dates import local_date
from afterbell.kernel.ids import uuid7
from schools.care import refusals
from schools.care.models import Way
from schools.care.states import CAME, GONE, ROLL_MOVES, UNACCOUNTED, UNDO_MOVES, RollState, SessionState

FAST_CLOCK: Final = timedelta(minutes=5)
"""A phone's clock may be ahead by this much."""
NIGHT: Final = timedelta(hours=4)
"""A day at the gate ends at four in the morning: a child that is fetched at half past midnight belongs to the evening."""


class Kind(StrEnum):
    """What can be done at the gate."""

    OPEN = "open"
    PRESENT = "present"
    ABSENT = "absent"
    EXCUSED = "excused"
    HANDOVER = "handover"
    ALONE = "alone"
    NEXT = "next"
    UNDO = "undo"
    CLOSE = "close"


NOT_THERE: Final = (Kind.ABSENT, Kind.EXCUSED)
"""Where a child that was sent here is not."""


@dataclass(frozen=True)
class Deed:
    """One thing that somebody did, at the time that the phone says."""

    kind: Kind
    session_id: UUID
    at: datetime
    pupil_id: UUID | None = None
    collector_id: UUID | None = None
    note: str = ""


@dataclass
class Child:
    """One line of the roll. `stored` is the state in the database, "" for a line that is not there yet."""

    entry_id: UUID
    pupil_id: UUID
    agreement_id: UUID
    state: str
    arrived_at: datetime | None
    left_at: datetime | None
    stored: str
    handover_id: UUID | None = None
    next_id: UUID | None = None
    """Where a child that was moved has gone to."""
    is_touched: bool = False

    @property
    def is_unaccounted(self) -> bool:
        return self.state in UNACCOUNTED


@dataclass
class Given:
    """A handover to be written."""

    id: UUID
    entry_id: UUID
    way: Way
    collector_id: UUID | None
    at: datetime
    next_id: UUID | None = None
    keeper_id: UUID | None = None
    undone_at: datetime | None = None


@dataclass(frozen=True)
class Adult:
    """What one adult may with one child: now, and when it last could."""

    may_collect: bool
    is_denied: bool
    since: datetime | None = None
    """Null: with the tie."""
    until: datetime | None = None

    def could(self, at: datetime) -> bool:
        """By now or at that hour. Who is given the right later is taken too: the school has said yes since."""
        return self.may_collect or (
            self.until is not None and (self.since is None or self.since <= at) and at < self.until
        )


@dataclass(frozen=True)
class Consent:
    """What stands on one agreement by which a child goes home alone."""

    giver_id: UUID
    holds: bool
    said_no: bool
    """A guardian has ended it; without, and not holding, somebody must say a new word."""
    until: datetime | None
    """Until when it held, where it no longer does; None where that was never kept."""
    word_at: datetime | None
    """When the last word was said after the agreement."""
    given_at: datetime
    """When that adult said it: with the agreement, or since."""
    no_stands: bool
    """Who said no may sign still: nobody else's yes counts."""
    others: Mapping[UUID, datetime]
    """Noes of before by other guardians, which stand beside it for as long as each may sign."""

    def could(self, at: datetime) -> bool:
        """By now or at that hour. A word that came later is taken too: a guardian has said yes since."""
        return self.holds or (self.until is not None and at < self.until)

    @property
    def is_open(self) -> bool:
        return not self.holds and not self.said_no


@dataclass(frozen=True)
class Outdated:
    """A handover to who could then and can't any more: somebody must look where the child is."""

    pupil_id: UUID
    adult_id: UUID
    at: datetime
    until: datetime


@dataclass(frozen=True)
class GoneAlone:
    """A child has gone home alone, or is said to, on a consent that holds no longer: somebody must look where it is."""

    pupil_id: UUID
    giver_id: UUID
    at: datetime
    until: datetime | None
    is_done: bool
    """Recorded; else it was refused."""


@dataclass(frozen=True)
class Onward:
    """The next session of a child on the day, and who answers for the child on the way there."""

    session_id: UUID
    keeper_id: UUID


@dataclass
class Board:
    """One session under lock, with the children and adults that the deeds name."""

    session_id: UUID
    date: date
    state: str
    stored: str
    unaccounted: int
    term_code: str
    is_mine: bool
    is_responsible: bool
    mine_until: datetime | None = None
    """Somebody else's by now: until when the sender was on duty here (past_duties)."""
    is_late: bool = False
    """A leader mends the record of a day that has passed."""
    days_back: int = 0
    """How many days after its own it still takes what a phone kept: the profile's `gate_days`."""
    children: dict[UUID, Child] = field(default_factory=dict)
    expected: dict[UUID, Child] = field(default_factory=dict)
    """Who will stand on the roll when it is opened."""
    adults: dict[tuple[UUID, UUID], Adult] = field(default_factory=dict)
    consents: dict[UUID, Consent] = field(default_factory=dict)
    """By agreement: whose word it is that a child goes home alone, and whether it holds."""
    onward: dict[UUID, Onward] = field(default_factory=dict)
    """By child, where it has a later session today."""
    arrived: set[tuple[UUID, UUID]] = field(default_factory=set)
    """Child and session that has it on its roll as there; one set for all boards of a request."""
    given: list[Given] = field(default_factory=list)
    outdated: list[Outdated] = field(default_factory=list)
    gone_alone: list[GoneAlone] = field(default_factory=list)
    taken_back: list[tuple[UUID, datetime]] = field(default_factory=list)
    delta: int = 0
    note: str | None = None
    opened_at: datetime | None = None
    closed_at: datetime | None = None
    late_reason: str = ""
    """Why a leader opened it afterwards."""

    @property
    def is_own(self) -> bool:
        """The sender is on duty here, or was."""
        return self.is_mine or self.mine_until is not None


def day_of(moment: datetime) -> date:
    """The day at the gate to which a moment belongs."""
    return local_date(moment - NIGHT)


def moment_of(day: date, hour: time) -> datetime:
    """An hour of a day at the gate, by the school's clock: what is before four belongs to the night after it."""
    at = timezone.make_aware(datetime.combine(day, hour))
    return at if day_of(at) == day else at + timedelta(days=1)


def do(board: Board | None, deed: Deed, *, now: datetime) -> None:
    """Change the board by one deed; raises a refusal and then nothing has changed."""
    if board is None or not (board.is_own or board.is_late):
        raise refusals.NotYours
    if board.mine_until is not None and deed.at >= board.mine_until:
        raise refusals.Replaced
    _check_time(board, deed, now)
    _DEEDS[deed.kind](board, deed, min(deed.at, now))


def _check_time(board: Board, deed: Deed, now: datetime) -> None:
    days_ago = (day_of(now) - board.date).days
    if board.is_late and days_ago <= 0:
        raise refusals.NotOverYet
    if not board.is_late and not 0 <= days_ago <= board.days_back:
        raise refusals.TooLate if 0 < board.days_back < days_ago else refusals.NotToday
    if day_of(deed.at) != board.date or deed.at > now + FAST_CLOCK:
        raise refusals.ImplausibleTime


def _open(board: Board, deed: Deed, at: datetime) -> None:
    if board.state == SessionState.OPEN:
        raise refusals.AlreadyOpen
    if board.state != SessionState.PLANNED:
        raise refusals.SessionOver
    if board.is_late:
        if not deed.note.strip():
            raise refusals.ReasonMissing
        board.late_reason = deed.note.strip()
    board.state, board.opened_at = SessionState.OPEN, at
    board.children.update(board.expected)
    board.delta += len(board.expected)


def _present(board: Board, deed: Deed, at: datetime) -> None:
    _turn(board, deed, RollState.PRESENT, arrived_at=at)


def _absent(board: Board, deed: Deed, _at: datetime) -> None:
    _turn(board, deed, RollState.ABSENT)


def _excused(board: Board, deed: Deed, _at: datetime) -> None:
    _turn(board, deed, RollState.EXCUSED)


def _turn(board: Board, deed: Deed, to: RollState, *, arrived_at: datetime | None = None) -> None:
    child = _child(board, deed)
    if child.state == to:
        raise refusals.AlreadySo
    if to not in ROLL_MOVES[child.state]:
        raise refusals.WrongStep
    _set(board, child, to, arrived_at=arrived_at)


def _handover(board: Board, deed: Deed, at: datetime) -> None:
    child = _child(board, deed)
    if deed.collector_id is None:
        raise refusals.Malformed
    adult = board.adults.get((child.pupil_id, deed.collector_id))
    could = adult is not None and adult.could(at)
    if adult is not None and adult.is_denied and not could:
        raise refusals.DeniedAdult  # said whatever state the child is in: the alarm comes first
    _check_there(child)
    if adult is None or not could:
        raise refusals.NotAuthorised
    _let_go(board, child, Way.ADULT, deed.collector_id, at)
    if not adult.may_collect and adult.until is not None:
        board.outdated.append(Outdated(child.pupil_id, deed.collector_id, at, adult.until))


def _alone(board: Board, deed: Deed, at: datetime) -> None:
    child = _child(board, deed)
    _check_there(child)
    consent = board.consents.get(child.agreement_id)
    if consent is None:
        raise refusals.MayNotGoAlone
    could = consent.could(at)
    if not consent.holds:
        board.gone_alone.append(GoneAlone(child.pupil_id, consent.giver_id, at, consent.until, could))
    if not could:
        raise refusals.ConsentGone
    _let_go(board, child, Way.ALONE, None, at)


def _next(board: Board, deed: Deed, at: datetime) -> None:
    child = _child(board, deed)
    _check_there(child)
    onward = board.onward.get(child.pupil_id)
    if onward is None:
        raise refusals.NoNextSession
    _let_go(board, child, Way.NEXT, None, at, onward)


def _check_there(child: Child) -> None:
    if child.state in GONE:
        raise refusals.AlreadySo
    if child.state != RollState.PRESENT:
        raise refusals.NotPresent


def _let_go(
    board: Board,
    child: Child,
    way: Way,
    collector_id: UUID | None,
    at: datetime,
    onward: Onward | None = None,
) -> None:
    left_at = max(at, child.arrived_at or at)
    handover = Given(id=uuid7(), entry_id=child.entry_id, way=way, collector_id=collector_id, at=left_at)
    if onward is not None:
        handover.next_id, handover.keeper_id = onward.session_id, onward.keeper_id
    board.given.append(handover)
    child.handover_id, child.next_id = handover.id, handover.next_id
    to = RollState.MOVED if onward else RollState.LEFT
    _set(board, child, to, arrived_at=child.arrived_at, left_at=left_at)


def _undo(board: Board, deed: Deed, at: datetime) -> None:
    child = _child(board, deed)
    to = UNDO_MOVES.get(child.state)
    if to is None:
        raise refusals.NothingToUndo
    if child.next_id is not None and (child.pupil_id, child.next_id) in board.arrived:
        raise refusals.AlreadyThere
    if child.state in GONE and child.handover_id is not None:
        _take_back(board, child.handover_id, at)
        child.handover_id = child.next_id = None
    _set(board, child, to, arrived_at=child.arrived_at if to == RollState.PRESENT else None)


def _take_back(board: Board, handover_id: UUID, at: datetime) -> None:
    for handover in board.given:
        if handover.id == handover_id:
            handover.undone_at = at
            return
    board.taken_back.append((handover_id, at))


def _close(board: Board, deed: Deed, at: datetime) -> None:
    if board.state != SessionState.OPEN:
        raise refusals.SessionOver if board.state == SessionState.CLOSED else refusals.NotOpen
    if not (board.is_responsible or board.is_late):
        raise refusals.NotResponsible
    if board.unaccounted + board.delta:
        raise refusals.ChildrenLeft
    if not deed.note.strip():
        raise refusals.NoteMissing
    board.state, board.closed_at, board.note = SessionState.CLOSED, at, deed.note.strip()


def _child(board: Board, deed: Deed) -> Child:
    if board.state != SessionState.OPEN:
        raise refusals.NotOpen
    if deed.pupil_id is None:
        raise refusals.Malformed
    child = board.children.get(deed.pupil_id)
    if child is None:
        raise refusals.NotOnRoll
    seen = child.left_at or child.arrived_at
    if board.mine_until is not None and seen is not None and seen > deed.at:
        raise refusals.Overtaken
    return child


def _set(
    board: Board,
    child: Child,
    to: str,
    *,
    arrived_at: datetime | None = None,
    left_at: datetime | None = None,
) -> None:
    before = child.is_unaccounted
    child.state, child.arrived_at, child.left_at, child.is_touched = to, arrived_at, left_at, True
    place = (child.pupil_id, board.session_id)
    board.arrived.add(place) if to in CAME else board.arrived.discard(place)
    board.delta += int(child.is_unaccounted) - int(before)


_DEEDS: Final[dict[Kind, Callable[[Board, Deed, datetime], None]]] = {
    Kind.OPEN: _open,
    Kind.PRESENT: _present,
    Kind.ABSENT: _absent,
    Kind.EXCUSED: _excused,
    Kind.HANDOVER: _handover,
    Kind.ALONE: _alone,
    Kind.NEXT: _next,
    Kind.UNDO: _undo,
    Kind.CLOSE: _close,
}
