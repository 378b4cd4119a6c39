"""One family's line of a run, and what its exit gives back of it at once, where the child has left before."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final, NamedTuple
from uuid import UUID

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.enrolment.states import AgreementState
from schools.finance import again, refunding
from schools.finance.models import Charge
from schools.finance.timetable import exited_on
from schools.planning.models import Plan

AFTER_EVERY_EXIT: Final = datetime.max.replace(tzinfo=UTC)
"""A charge that is yet to be made is made after the exit."""


class Payer(NamedTuple):
    """As much of an agreement and its child as a run asks for: the texts of thousands stay where they are."""

    pk: UUID
    number: str
    pupil_id: UUID
    from_date: date
    until_date: date
    state: str
    grade: int
    child: str
    class_name: str

    @property
    def has_left(self) -> bool:
        return self.state == AgreementState.ENDED


@dataclass(frozen=True)
class Line:
    """What one family would be charged."""

    agreement: Payer
    days: Period
    units: int
    fee: Fen
    gross: Fen
    cap: Fen | None
    waived: Fen
    waiver_reason: str

    @property
    def net(self) -> Fen:
        return Fen(self.gross - self.waived)


def given_back(lines: Sequence[Line], plan: Plan, period: str) -> Mapping[UUID, Fen]:
    """By agreement, of those who left before the plan's end; as charging them would do it. A fixed number of queries."""
    new = {line.agreement.pk: [_charge(line, plan, period)] for line in lines}
    found: dict[UUID, Fen] = {}
    for agreement, (case, charges) in refunding.cases(plan, only=list(new), new=new):
        last = exited_on(agreement, plan)
        if last is not None:
            found[agreement.pk] = _given(charges, case.returned(left_on=last).amounts)
    return found


def _given(charges: Sequence[Charge], amounts: Sequence[Fen]) -> Fen:
    """What calculations have not given yet, of all charges of the child: an exit looks at all of them again."""
    parts = (again.left_of(charge, fen) for charge, fen in zip(charges, amounts, strict=True))
    return Fen(sum(max(0, part) for part in parts))


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
