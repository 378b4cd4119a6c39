"""Reads what of a charge the child had paid for under an agreement before it, known since that one's exit was corrected.

A later charge was made by what the exit had left: of a month's fee, of a cap, of the lessons. Where the corrected exit keeps
more of its own charges, the family would pay a month, a cap or a lesson twice: the later charge would have been less. So it
becomes less (again.py), in the order in which the charges were made, each beside what is kept of those before it by then;
whatever happened to it since, or happens later, is reckoned on the rest (S27, S36).

Worked, Ezhou, 70.00 a month: left on the 4th, 9.52 kept; charged 60.48 from the 21st on. By the roll it left on the 17th, so
39.76 are kept and 30.24 would have been charged: 30.24 come off the 60.48, and the month costs 70.00.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from afterbell.kernel.dates import Period, local_date
from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.finance import charged_before, charging, refunding, rules, runs
from schools.finance.charging import Earlier
from schools.finance.models import Charge, Waiver
from schools.finance.refunding import Reckoned
from schools.finance.states import WaiverState
from schools.finance.timetable import last_day
from schools.planning.models import FeeUnit, Plan


class Again(NamedTuple):
    """Of one charge, fen before a waiver; class hours, and their last day."""

    fen: Fen
    units: int
    until: date | None

    @property
    def as_columns(self) -> dict[str, Any]:
        """As the charge keeps it."""
        return {"again_fen": self.fen, "again_units": self.units, "again_until": self.until}


def of_later(agreement: Agreement) -> Iterator[tuple[Charge, Again]]:
    """Of each charge that came after one of this agreement's, in order; each is read when it is asked for.

    So the next one sees what was done about the one before it. A charge that stands for no day is none: it went back whole,
    or is doubled and undone by itself. One query where there is none.
    """
    rows = Charge.objects.filter(agreement__pupil=agreement.pupil_id, agreement__plan=agreement.plan_id)
    rows = rows.filter(taken_back_at=None)
    later = rows.filter(covers__isempty=False).exclude(agreement=agreement).order_by("created_at", "pk")
    for pk in list(later.values_list("pk", flat=True)):
        every = list(rows.select_related("agreement__plan").order_by("created_at", "pk"))
        row = next(each for each in every if each.pk == pk)
        before = every[: every.index(row)]
        if any(each.agreement_id == agreement.pk for each in before):
            yield row, _again(row, agreement, before)


def is_charged_later(agreement: Agreement) -> bool:
    """Whether one of the child's charges came after one of this agreement's."""
    return next(of_later(agreement), None) is not None


def _again(row: Charge, agreement: Agreement, before: Sequence[Charge]) -> Again:
    """What a run would not charge for it now."""
    reckoned = refunding.case_of(agreement)
    spans = _spans(reckoned, last_day(agreement), before)
    units, until = 0, None
    days = charged_before.days_charged(row) or rules.billing(row.period, rules.term(row.term_code)).days
    if (row.unit or row.agreement.plan.fee_unit) == FeeUnit.CLASS_HOUR:
        units = min(row.units, _hours_on(row, spans))
        until = max((min(span.last, days.last) for span in spans if span.overlap(days)), default=None)
        days = runs.rest_of(days, spans) or days
    earlier = _earlier(agreement, reckoned, before, row)
    gross = charging.due(_tariff(row), units=row.units - units, days=days, earlier=earlier).gross
    return Again(Fen(row.gross_fen - min(gross, row.gross_fen)), units, until)


def _tariff(row: Charge) -> charging.Tariff:
    plan, billing = row.agreement.plan, rules.billing(row.period, rules.term(row.term_code))
    grade = row.agreement.pupil.school_class.grade
    return rules.tariff(plan, rules.policy_on(billing.days.first).policy, rules.school_here(), grade)


def _spans(reckoned: Reckoned, left_on: date, before: Sequence[Charge]) -> list[Period]:
    """Days that each of the exit's charges of before stands for by itself, were nothing charged later."""
    kept = reckoned.case.kept(left_on=left_on)
    return [
        Period(row.first_date, until)
        for row, until in zip(reckoned.charges, kept, strict=True)
        if until and row.first_date and row.first_date <= until and row in before
    ]


def _hours_on(charge: Charge, spans: Sequence[Period]) -> int:
    """Class hours that it was charged for on these days; by its bill as it was made."""
    charge.again_fen, charge.again_units, charge.again_until = 0, 0, None
    bill = refunding.bill_of(charge)
    own, both = charged_before.days_charged(charge), (*bill.hours.items(), *bill.cancelled.items())
    return sum(n for day, n in both if own and day in own and any(day in span for span in spans))


def _earlier(
    agreement: Agreement, reckoned: Reckoned, before: Sequence[Charge], later: Charge
) -> list[Earlier]:
    """As the later one's run would have seen them, had it known the exit's day.

    An early end and a waiver that came after it had changed nothing then: the lessons were still to come, the fee was whole.
    """
    found = {row.pk: charged_before.earlier_of(row, row.agreement.plan, Fen(0)) for row in before}
    days = _cancelled_since(reckoned, agreement.plan, later)
    whole = _waived_since(before, later)
    bills = tuple(
        replace(bill.with_unused(days), fee=bill.gross if row.pk in whole else bill.fee)
        for bill, row in zip(reckoned.case.bills, reckoned.charges, strict=True)
    )
    case = replace(
        reckoned.case,
        bills=bills,
        charged=bills,
        days=reckoned.case.days | days,
        cancelled_days=reckoned.case.cancelled_days - days,
    )
    amounts = case.returned(left_on=last_day(agreement)).amounts
    for row, bill, fen in zip(reckoned.charges, bills, amounts, strict=True):
        if row.pk in found:
            found[row.pk] = found[row.pk]._replace(net=bill.fee, credited=Fen(min(fen, bill.fee)))
    return list(found.values())


def _cancelled_since(reckoned: Reckoned, plan: Plan, later: Charge) -> frozenset[date]:
    """Days that an early end has cancelled since the later charge was made."""
    ended = plan.ended_date
    if ended is None or local_date(later.created_at) > ended:
        return frozenset()
    return frozenset(day for day in reckoned.case.cancelled_days if day > ended)


def _waived_since(before: Sequence[Charge], later: Charge) -> set[UUID]:
    rows = Waiver.objects.filter(
        charge__in=before, state=WaiverState.GRANTED, decided_at__gt=later.created_at
    )
    return set(rows.values_list("charge_id", flat=True))
