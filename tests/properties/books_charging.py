"""What a run must charge: the child's days that nobody charged yet, their price, caps, and the waiver that is carried on."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from typing import Any, Final
from uuid import UUID

from schools.enrolment.models import Agreement
from tests.properties.books_months import ONE_DAY, first_of, later, months_between
from tests.properties.books_past import Family, families
from tests.properties.books_rules import Bill, Text, rounded

NOT_YET: Final = UUID(int=0)
"""Stands for the row of a line that is yet to be charged."""


def drafted(oracle: Any, plan: Any, period: str) -> list[Bill]:
    """In the order of the agreements; bills without the keys of their rows."""
    first, last = _span(plan, period)
    rows = Agreement.objects.filter(plan=plan, state__in=["active", "ended"]).order_by("pk")
    lines: list[Bill] = []
    for family in families(rows.values_list("pk", flat=True)):
        own = _days(max(family.first, first), min(family.until, last))
        child = [
            bill for bill in [*oracle.bills.values(), *lines] if bill.pupil == family.pupil and bill.days
        ]
        served = {day for day in own if plan.ended_date is None or day <= plan.ended_date}
        if served <= {day for bill in child for day in _days(*bill.days)}:
            continue
        rest = own - {day for bill in child if bill.agreement != family.pk for day in _days(*bill.days)}
        if not rest & served:
            continue
        assert len(rest) == (max(rest) - min(rest)).days + 1, "a hole in the days"
        assert not any(rest & served & _days(*bill.days) for bill in child), "charged for a part of the days"
        line = _line(oracle, plan, period, family, (min(rest), max(rest)), lines)
        if family.state == "ended" and family.left:
            line.credited = _given_at_once(oracle, family, _used_of_caps(line))
        lines.append(line)
    for line in lines:
        line.credited = 0  # that is a deed of its own, after the charge
        line.days = (line.days[0], min(line.days[1], plan.ended_date or line.days[1]))
    return lines


def _used_of_caps(line: Bill) -> Bill:
    """As if nothing had been waived of it, where all was."""
    return replace(line, waived=0) if 0 < line.gross == line.waived else line


def _given_at_once(oracle: Any, family: Family, line: Bill) -> int:
    """Who left before the run gets back by the rule what the exit gives: the child's next line costs so much more."""
    line.pk, line.made = NOT_YET, datetime.max.replace(tzinfo=UTC)
    oracle.bills[NOT_YET] = line
    bills = oracle.of(family.pk)
    amounts = oracle.case(family, leaves=True).amounts(bills, bills, oracle.given_for(family.pk))
    del oracle.bills[NOT_YET]
    line.pk = line.made = None
    return sum(max(0, min(fen, bill.net) - bill.credited) for fen, bill in zip(amounts, bills, strict=True))


def _line(
    oracle: Any, plan: Any, period: str, family: Family, days: tuple[date, date], lines: Sequence[Bill]
) -> Bill:
    unit, fee = str(plan.fee_unit), plan.fee_fen
    months = months_between(*days)
    units = {"month": len(months), "term": 1}.get(unit)
    if units is None:
        units = sum(
            each.units
            for each in family.lessons
            if days[0] <= each.day <= days[1] and each.state != "cancelled"
        )
    before = [bill for bill in oracle.bills.values() if bill.pupil == family.pupil]
    others = [
        *without_what_comes_off(oracle, family, before),
        *(_used_of_caps(line) for line in lines if line.pupil == family.pupil),
    ]
    gross = min(most_left(oracle.text, unit, fee, units, months, others))
    waived = next((bill for bill in reversed(before) if bill.waived), None)
    carried = rounded(Fraction(gross * waived.waived, waived.gross)) if waived else 0
    return Bill(
        None, None, family.pk, family.pupil, period, unit, units, oracle.text.price(unit, fee), gross, carried, days, None,
        waived.reason if waived and carried else "", months=tuple(months), began=days[0], last=days[1],
    )  # fmt: skip


def without_what_comes_off(oracle: Any, family: Family, before: Sequence[Bill]) -> list[Bill]:
    """Of its other agreements: what the settlement will take off them leaves room under the child's caps."""
    found, due = list(before), oracle.due()
    for other in oracle.families({bill.agreement for bill in before} - {family.pk}):
        left = oracle._credit(other, due[other.pk], date.min)
        for place in sorted(range(len(found)), key=lambda n: found[n].days or (date.min,), reverse=True):
            if found[place].agreement == other.pk:
                off = min(found[place].net - found[place].credited, left)
                found[place] = replace(found[place], credited=found[place].credited + off)
                left -= off
        _as_if_nothing_was_waived(oracle, other, found)
    return found


def _as_if_nothing_was_waived(oracle: Any, family: Family, found: list[Bill]) -> None:
    """Of a bill that was waived whole no sum says what its exit left used of a cap: the exit of an unwaived one does."""
    places = [
        n for n, bill in enumerate(found) if bill.agreement == family.pk and 0 < bill.gross == bill.waived
    ]
    if not places:
        return
    gone: dict[Any, int] = {}
    if family.state == "ended" and family.left:
        bills = [replace(bill, waived=0, credited=0) for bill in oracle.of(family.pk)]
        amounts = oracle.case(family, leaves=True).amounts(bills, bills, oracle.given_for(family.pk))
        gone = {bill.pk: fen for bill, fen in zip(bills, amounts, strict=True)}
    for place in places:
        found[place] = replace(found[place], waived=0, credited=gone.get(found[place].pk, 0))


def most_left(
    text: Text, unit: str, fee: int, units: int, months: Sequence[str], others: Sequence[Bill]
) -> list[int]:
    """The price, and every limit on it that is left for the child. A limit is not rounded up."""
    in_term = sum((_used(bill) for bill in others), Fraction(0))
    in_months = sum((_used_in(bill, months) for bill in others), Fraction(0))
    found = [fee * units]
    if (cap := text.cap(unit)) is not None:
        found.append(cap * units)
    if (cap := text.cap("month")) is not None:
        found.append(max(0, int(cap * len(months) - in_months)))
    if (cap := text.cap("term")) is not None:
        found.append(max(0, int(cap - in_term)))
    if unit == "month" and in_months:
        found.append(max(0, int(fee * units - in_months)))
    if unit == "term" and in_term:
        found.append(max(0, int(fee - in_term)))
    return found


def _used(bill: Bill) -> Fraction:
    """What was given back can be charged again."""
    return Fraction(bill.gross * (bill.net - bill.credited), bill.net) if bill.net else Fraction(bill.gross)


def _used_in(bill: Bill, months: Sequence[str]) -> Fraction:
    """A month is used up before the next one is."""
    share, left, found = Fraction(bill.gross, len(bill.months)), _used(bill), Fraction(0)
    for month in bill.months:
        part = max(Fraction(0), min(share, left))
        left -= share
        found += part if month in months else 0
    return found


def _span(plan: Any, period: str) -> tuple[date, date]:
    if len(period) == 7:
        return first_of(period), later(first_of(period), 1) - ONE_DAY
    return plan.first_date, plan.last_date


def _days(first: date, last: date) -> set[date]:
    return {first + timedelta(days=n) for n in range((last - first).days + 1)}
