"""What comes past midnight or from who was replaced: how late a phone may be, and what the leader sees of it (S24)."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Final
from uuid import UUID

from schools.care.models import LateDeed, Operation
from schools.care.roll import Board, Deed, day_of
from tenants.exchange.queries import school_here
from tenants.policies import queries as policies
from tenants.policies.documents import Deadlines

MOST_DAYS: Final = 14
"""More than a profile may say: for older sessions nobody asks which rules were in force."""


def take_late(held: Iterable[Board], *, now: datetime) -> None:
    """Say for each own board of a past day how late it still takes what a phone kept. No query for today's."""
    today = day_of(now)
    past = [board for board in held if board.is_own and 0 < (today - board.date).days <= MOST_DAYS]
    if not past:
        return
    school = school_here()
    days: dict[date, int] = {}
    for board in past:
        if board.date not in days:
            try:
                rules = policies.for_school(school, board.date)
            except policies.NoPolicyInForce:
                days[board.date] = Deadlines.gate_days
            else:
                days[board.date] = rules.policy.deadlines.gate_days
        board.days_back = days[board.date]


def late_deed(
    deed: Deed | None, operation: Operation, held: Mapping[UUID, Board], *, now: datetime
) -> list[LateDeed]:
    """The row for the leader, of an own session's operation that came on a later day, or from who was replaced; none for
    any other.

    One that was refused is shown too: somebody says that something happened, and it does not stand on the roll.
    """
    board = held.get(deed.session_id) if deed else None
    if deed is None or board is None or not board.is_own or (board.is_mine and board.date >= day_of(now)):
        return []
    known = deed.pupil_id if deed.pupil_id in board.children else None
    return [LateDeed(operation=operation, session_id=board.session_id, pupil_id=known)]
