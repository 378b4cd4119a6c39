"""Reads what a run would give back at once to those of it who have left: the preview shows both sums."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from afterbell.kernel.money import Fen
from schools.finance import refunding
from schools.finance.models import Charge
from schools.finance.runs import Draft, Line
from schools.finance.timetable import exited_on
from schools.planning.models import Plan

AFTER_EVERY_EXIT: Final = datetime.max.replace(tzinfo=UTC)
"""A charge that is yet to be made is made after the exit."""


def returned(draft: Draft) -> Mapping[UUID, Fen]:
    """By agreement, of those who left before the plan's end; as charging them would do it. A fixed number of queries."""
    left = [line for line in draft.lines if line.agreement.has_left]
    if not left:
        return {}
    new = {line.agreement.pk: [_charge(line, draft.plan, draft.billing.label)] for line in left}
    found: dict[UUID, Fen] = {}
    for agreement, (case, charges) in refunding.cases(draft.plan, only=list(new), new=new):
        last = exited_on(agreement, draft.plan)
        if last is not None:
            amounts = case.returned(left_on=last).amounts
            found[agreement.pk] = _given(charges, amounts)
    return found


def _given(charges: Sequence[Charge], amounts: Sequence[Fen]) -> Fen:
    """What calculations have not given yet, of all charges of the child: an exit looks at all of them again."""
    most = [
        min(fen, charge.gross_fen - charge.waived_fen) for charge, fen in zip(charges, amounts, strict=True)
    ]
    return Fen(sum(max(0, fen - charge.credited_fen) for charge, fen in zip(charges, most, strict=True)))


def _charge(line: Line, plan: Plan, period: str) -> Charge:
    return Charge(
        agreement_id=line.agreement.pk,
        term_code=plan.term_code,
        period=period,
        first_date=line.days.first,
        last_date=line.days.last,
        unit=plan.fee_unit,
        units=line.units,
        fee_fen=line.fee,
        gross_fen=line.gross,
        waived_fen=line.waived,
        cap_fen=line.cap,
        created_at=AFTER_EVERY_EXIT,
    )
