"""Reads what the child of an exit was charged too much for, under an agreement that came later (S27, S36).

A later charge was made by what the exit had left: of a month's fee, of a cap, of the lessons. Where the corrected exit keeps
more of its own charges, the family would pay a month, a cap or a lesson twice: the later charge would have been less.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from fractions import Fraction
from uuid import UUID

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen, round_half_up
from schools.enrolment.models import Agreement
from schools.finance import charging, refunding, rules, runs
from schools.finance.charging import Earlier
from schools.finance.models import Charge
from schools.finance.refunding import Reckoned
from schools.finance.timetable import last_day
from schools.planning.models import FeeUnit


def too_much(agreement: Agreement, reckoned: Reckoned, amounts: Mapping[UUID, Fen]) -> dict[UUID, Fen]:
    """By charge, what comes off it beside `amounts` (fen by the rule), the latest first; only where something does.

    Each later charge is made again as a run would do it beside what is kept now; of the difference counts what the family
    still pays. A later charge that stands for no day is none: it went back whole, or is doubled and undone by itself. One
    query where there is none.

    Worked, Ezhou, 70.00 a month: left on the 4th, 9.52 kept; charged 60.48 from the 21st on. By the roll it left on the
    17th, and 39.76 are to be kept, so 30.24 would have been charged: 30.24 come off, and the month costs 70.00.
    """
    rows = Charge.objects.filter(agreement__pupil=agreement.pupil_id, agreement__plan=agreement.plan_id)
    rows = rows.filter(covers__isempty=False).exclude(agreement=agreement)
    others = list(rows.select_related("agreement__plan").order_by("created_at", "pk"))
    left, found = Fraction(0), {}
    earlier: list[tuple[Charge, Earlier]] = [
        (row, _earlier(row)._replace(credited=min(amounts.get(row.pk, Fen(0)), _net(row))))
        for row in reckoned.charges
    ]
    kept = reckoned.case.kept(left_on=last_day(agreement)) if others else ()
    for row in others:
        before = [each for made, each in earlier if made.created_at < row.created_at]
        own = any(
            made.agreement_id == agreement.pk and made.created_at < row.created_at for made, _each in earlier
        )
        gross = _made_again(row, before, _spans(reckoned.charges, kept, row)) if own else Fen(row.gross_fen)
        part = Fraction(min(gross, row.gross_fen), row.gross_fen) if row.gross_fen else Fraction(1)
        left += (1 - part) * (_net(row) - row.credited_fen)
        was = _earlier(row)
        earlier.append((row, was._replace(gross=Fen(int(was.gross * part)), net=Fen(int(was.net * part)))))
    off = round_half_up(left)
    for row in reversed(reckoned.charges):
        fen = Fen(min(off, _net(row) - min(amounts.get(row.pk, Fen(0)), _net(row))))
        if fen:
            found[row.pk], off = fen, Fen(off - fen)
    return found


def _made_again(charge: Charge, earlier: Sequence[Earlier], spans: Sequence[Period]) -> Fen:
    """What a run would charge for it now, before a waiver; `spans` are days whose lessons are paid for before."""
    plan, billing = charge.agreement.plan, rules.billing(charge.period, rules.term(charge.term_code))
    grade = charge.agreement.pupil.school_class.grade
    tariff = rules.tariff(plan, rules.policy_on(billing.days.first).policy, rules.school_here(), grade)
    units, days = charge.units, runs.days_charged(charge) or billing.days
    if (charge.unit or plan.fee_unit) == FeeUnit.CLASS_HOUR:
        units -= _hours_on(charge, spans)
        days = runs.rest_of(days, spans) or days
    return charging.due(tariff, units=max(0, units), days=days, earlier=earlier).gross


def _spans(charges: Sequence[Charge], kept: Sequence[date | None], later: Charge) -> list[Period]:
    """Days that each of the exit's charges of before stands for by itself, were nothing charged later."""
    return [
        Period(row.first_date, until)
        for row, until in zip(charges, kept, strict=True)
        if until and row.first_date and row.first_date <= until and row.created_at < later.created_at
    ]


def _hours_on(charge: Charge, spans: Sequence[Period]) -> int:
    """Class hours that it was charged for on these days."""
    case, rows = refunding.case_of(charge.agreement)
    bill = next(bill for bill, row in zip(case.bills, rows, strict=True) if row.pk == charge.pk)
    own, both = runs.days_charged(charge), (*bill.hours.items(), *bill.cancelled.items())
    return sum(n for day, n in both if own and day in own and any(day in span for span in spans))


def _earlier(charge: Charge) -> Earlier:
    return runs.earlier_of(charge, charge.agreement.plan, Fen(0))


def _net(charge: Charge) -> Fen:
    return Fen(charge.gross_fen - charge.waived_fen)
