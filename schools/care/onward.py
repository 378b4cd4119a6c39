"""From one session of a child to its next one on the same day: which one, and who answers for the child on the way (S24).

The child stays at school, so it is neither handed to an adult nor gone alone.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import F, Q

from schools.care.models import Duty, DutyRole, Handover, RollEntry, Session, Way
from schools.care.roll import Board, Deed, Kind, Onward
from schools.care.states import CAME, RollState, SessionState
from schools.enrolment import holders
from schools.enrolment.models import ChosenActivity
from schools.staffing.states import ContractState


@dataclass(frozen=True)
class Later:
    """A session of the day as far as it matters here."""

    id: UUID
    date: date
    starts_at: datetime
    state: str


def sessions_of(deeds: Iterable[Deed]) -> set[UUID]:
    """Every session that these deeds look at, to be locked in one go: those of the deeds, and the next ones of the
    children who go on or are called back. Two queries, only where somebody is."""
    wanted = list(deeds)
    found = {deed.session_id for deed in wanted}
    going = [deed for deed in wanted if deed.kind is Kind.NEXT and deed.pupil_id]
    if going:
        nexts = next_sessions({d.session_id for d in going}, {d.pupil_id for d in going if d.pupil_id})
        found |= {later.id for later in nexts.values()}
    back = {deed.pupil_id for deed in wanted if deed.kind is Kind.UNDO and deed.pupil_id}
    if back:
        moved = Handover.objects.filter(
            entry__session__in={deed.session_id for deed in wanted},
            entry__pupil__in=back,
            way=Way.NEXT,
            undone_at=None,
        )
        found |= {pk for pk in moved.values_list("next_session", flat=True) if pk}
    return found


def fill(boards: Mapping[UUID, Board], deeds: Collection[Deed], *, user_id: UUID) -> None:
    """Where each child may go on to, and whether who has gone on has arrived. Under the lock of both sessions."""
    going = {deed.pupil_id for deed in deeds if deed.kind is Kind.NEXT and deed.pupil_id}
    if going:
        nexts = next_sessions(set(boards), going)
        duties = _duties({*boards, *(later.id for later in nexts.values())}) if nexts else {}
        for (session_id, pupil), later in nexts.items():
            keeper = keeper_of(duties, session_id, later.id) or user_id
            boards[session_id].onward[pupil] = Onward(later.id, keeper)
    arrived = _arrived(
        [
            (child.pupil_id, child.next_id)
            for board in boards.values()
            for child in board.children.values()
            if child.next_id
        ]
    )
    for board in boards.values():
        board.arrived = arrived


def _arrived(moved: Collection[tuple[UUID, UUID]]) -> set[tuple[UUID, UUID]]:
    """Children who have been moved, with the sessions that have them as there."""
    if not moved:
        return set()
    pupils, nexts = zip(*moved, strict=True)
    rows = RollEntry.objects.filter(pupil_id__in=pupils, session_id__in=nexts, state__in=CAME)
    return set(rows.values_list("pupil_id", "session_id"))


def next_sessions(sessions: Collection[UUID], pupils: Collection[UUID]) -> dict[tuple[UUID, UUID], Later]:
    """For each of these sessions and children: the earliest one that begins later on that day and has the child on
    its roll, or will have it when it is opened. Where the child is excused it is not waited for. Three queries."""
    days = Session.objects.filter(pk__in=sessions).values("date")
    rows = Session.objects.filter(date__in=days).exclude(state=SessionState.CANCELLED)
    of_day = {
        pk: Later(pk, day, starts_at, state)
        for pk, day, starts_at, state in rows.values_list("pk", "date", "starts_at", "state")
    }
    expected = _expected(of_day, pupils)
    found: dict[tuple[UUID, UUID], Later] = {}
    for here in sessions:
        if here not in of_day:
            continue
        begun = of_day[here]
        later = sorted(
            (
                each
                for each in of_day.values()
                if each.date == begun.date and each.starts_at > begun.starts_at
            ),
            key=lambda each: (each.starts_at, each.id),
        )
        for pupil in pupils:
            waits = next((each for each in later if pupil in expected[each.id]), None)
            if waits is not None:
                found[here, pupil] = waits
    return found


def keeper_of(duties: Mapping[tuple[UUID, str], UUID], here: UUID, there: UUID) -> UUID | None:
    """By fact: the duty leader of the session that waits, or of the one that the child leaves, or its teacher."""
    for key in ((there, DutyRole.LEADER), (here, DutyRole.LEADER), (here, DutyRole.RESPONSIBLE)):
        if key in duties:
            return duties[key]
    return None


def _expected(of_day: Mapping[UUID, Later], pupils: Collection[UUID]) -> dict[UUID, set[UUID]]:
    """Children by session. A closed session waits for those alone whom it has had."""
    expected: dict[UUID, set[UUID]] = defaultdict(set)
    on_roll = RollEntry.objects.filter(session_id__in=of_day, pupil_id__in=pupils).values_list(
        "session_id", "pupil_id", "state"
    )
    for session_id, pupil, state in on_roll:
        is_over = of_day[session_id].state == SessionState.CLOSED
        if state in CAME or (state != RollState.EXCUSED and not is_over):
            expected[session_id].add(pupil)
    planned = [later.id for later in of_day.values() if later.state == SessionState.PLANNED]
    chosen = ChosenActivity.objects.filter(
        Q(application__pupil__left_date__isnull=True)
        | Q(application__pupil__left_date__gte=F("activity__sessions__date")),
        holders.on(F("activity__sessions__date")),
        activity__sessions__in=planned,
        application__pupil__in=pupils,
    )
    for session_id, pupil in (
        chosen.values_list("activity__sessions", "application__pupil") if planned else ()
    ):
        expected[session_id].add(pupil)
    return expected


def _duties(sessions: Collection[UUID]) -> dict[tuple[UUID, str], UUID]:
    """Accounts on duty by session and role, under a contract in force."""
    rows = Duty.objects.filter(
        session_id__in=sessions,
        clearance__contract__state=ContractState.ACTIVE,
        clearance__contract__candidate__user__is_active=True,
    ).values_list("session_id", "role", "clearance__contract__candidate__user_id")
    return {(session_id, role): user for session_id, role, user in rows}
