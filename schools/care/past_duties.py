"""Duties that were taken away on their own day: kept when they end, read when a phone sends what it had from before."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from schools.care.duty_telling import Turn
from schools.care.models import DutyRole, PastDuty
from schools.care.roll import Board, day_of
from schools.staffing.states import ContractState


def keep(turns: Iterable[Turn], *, now: datetime) -> None:
    """Who goes, and that it was now. Before its day nobody has done anything on a duty."""
    PastDuty.objects.bulk_create(
        PastDuty(
            session=turn.session,
            user_id=turn.gone.contract.candidate.user_id,
            is_responsible=turn.role == DutyRole.RESPONSIBLE,
            until=now,
        )
        for turn in turns
        if turn.gone and turn.gone.contract.candidate.user_id and turn.session.date == day_of(now)
    )


def fill(boards: Collection[Board], *, user_id: UUID) -> None:
    """Say of boards that are others' now until when the user was on duty there. No query where all are own.

    Under a contract in force, as for those on duty: who was dismissed writes nothing any more (S19).
    """
    others = {board.session_id: board for board in boards if not board.is_mine and not board.is_late}
    if not others:
        return
    in_force = {"user__candidate__contracts__state": ContractState.ACTIVE}
    for row in PastDuty.objects.filter(session__in=list(others), user_id=user_id, **in_force):
        board = others[row.session_id]
        board.mine_until = max(row.until, board.mine_until or row.until)
        board.is_responsible = board.is_responsible or row.is_responsible
