"""Reads what of an agreement's charges the child was charged for again, under an agreement that came later (S27, S36).

The later charge was made by what the first one left: of a month's fee, of a cap, of the lessons. Where a corrected exit
keeps more of the first one, the family would pay a month, a cap or a lesson twice; what is too much comes off it.
"""

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from uuid import UUID

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen, round_half_up
from schools.enrolment.models import Agreement
from schools.finance import charging, rules, runs
from schools.finance.bill_parts import Bill
from schools.finance.models import Charge
from schools.finance.refunding import Reckoned
from schools.planning.models import FeeUnit
from tenants.policies.documents import Per


def too_much(agreement: Agreement, reckoned: Reckoned, amounts: Mapping[UUID, Fen]) -> dict[UUID, Fen]:
    """By charge, what comes off it beside `amounts` (fen by the rule); those alone of which something does.

    What the family still pays of the later charge counts: a part of it that went back was not paid twice. One that stands
    for no day is none of them: it went back whole, or is doubled and undone by itself. One query where there is none.

    Worked, Ezhou, 70.00 a month: left on the 4th, 9.52 kept; charged 60.48 from the 21st on. By the roll it left on the
    17th, and 39.76 are to be kept: 30.24 come off, so that the month costs 70.00.
    """
    rows = Charge.objects.filter(
        agreement__pupil=agreement.pupil_id, term_code=agreement.plan.term_code, covers__isempty=False
    ).exclude(agreement=agreement)
    others = list(rows.select_related("agreement__plan").order_by("created_at", "pk"))
    found = {}
    for charge, bill in zip(reckoned.charges, reckoned.case.bills, strict=True):
        later = [each for each in others if each.created_at > charge.created_at]
        kept = bill.fee - min(amounts.get(charge.pk, Fen(0)), bill.fee)
        if not later or not kept:
            continue
        over = Fraction(kept * bill.gross, bill.fee) - _most(agreement, charge, bill, later)
        off = round_half_up(max(Fraction(0), over) * Fraction(bill.fee, bill.gross) * _paid_part(later))
        if off:
            found[charge.pk] = Fen(min(off, kept))
    return found


def _most(agreement: Agreement, charge: Charge, bill: Bill, later: Sequence[Charge]) -> Fen:
    """What charging it today would leave of it, before a waiver."""
    plan = agreement.plan
    policy = rules.policy_on(rules.billing(charge.period, rules.term(charge.term_code)).days.first).policy
    tariff = rules.tariff(plan, policy, rules.school_here(), agreement.pupil.school_class.grade)
    earlier = [runs.earlier_of(each, plan, Fen(0))._replace(credited=Fen(0)) for each in later]
    units = charge.units
    if bill.hourly:
        units -= _hours_on(bill, [days for each in later if (days := runs.days_charged(each))])
    due = charging.due(tariff, units=max(0, units), days=bill.days, earlier=earlier)
    if (charge.unit or plan.fee_unit) == FeeUnit.CLASS_HOUR:
        return due.gross
    months = bill.days.months()
    again = sum(each.used_in(months) if tariff.unit == Per.MONTH else each.used for each in earlier)
    return Fen(min(due.gross, max(0, int(bill.gross - again))))


def _hours_on(bill: Bill, spans: Iterable[Period]) -> int:
    """Class hours that the bill was for on these days."""
    days = list(spans)
    both = (*bill.hours.items(), *bill.cancelled.items())
    return sum(n for day, n in both if any(day in span for span in days))


def _paid_part(later: Sequence[Charge]) -> Fraction:
    net = sum(each.gross_fen - each.waived_fen for each in later)
    return 1 - Fraction(sum(each.credited_fen for each in later), net) if net else Fraction(1)
