"""Class hours that came after their period was charged: what its next run must add to the charge, and take off with it."""

from dataclasses import dataclass
from datetime import datetime
from fractions import Fraction
from typing import Any
from uuid import UUID

from schools.finance.models import AddedHours
from tests.properties.books_charging import most_left, without_what_comes_off
from tests.properties.books_months import months_between
from tests.properties.books_past import Family
from tests.properties.books_rules import Bill, rounded
from tests.properties.books_sums import Made


@dataclass
class Added:
    """To one bill, by one run; and how the bill was before."""

    run: UUID
    bill: Bill
    units: int
    gross: int
    waived: int
    hours_at: datetime | None


def add(oracle: Any, run: Any) -> None:
    """Hours of places that were given since, and those by which a late bill's exit was corrected, under the child's caps."""
    found = [_added(oracle, run, bill) for bill in list(oracle.bills.values()) if _is_open(oracle, run, bill)]
    now = {each.bill.pk: (each.units, each.gross, each.waived) for each in found if each is not None}
    rows = AddedHours.objects.filter(run=run).values_list("charge", "units", "gross_fen", "waived_fen")
    assert now == {pk: tuple(sums) for pk, *sums in rows}, "other hours were added"


def _is_open(oracle: Any, run: Any, bill: Bill) -> bool:
    return bill.period == run.period and bill.unit == "class_hour" and bill.days is not None


def _added(oracle: Any, run: Any, bill: Bill) -> Added | None:
    (family,) = oracle.families([bill.agreement])
    units = _later_hours(oracle, family, bill)
    if units <= 0 or bill.days is None:
        return None
    before = [each for each in oracle.bills.values() if each.pupil == bill.pupil and each.pk != bill.pk]
    others = without_what_comes_off(oracle, family, before)
    whole = min(
        most_left(
            oracle.text, bill.unit, run.plan.fee_fen, bill.units + units, months_between(*bill.days), others
        )
    )
    gross = max(0, whole - bill.gross)
    by = bill if bill.gross else _waived_before(bill, before)
    waived = rounded(Fraction(gross * by.waived, by.gross)) if by.waived else 0
    made = Added(run.pk, bill, units, gross, waived, bill.hours_at)
    oracle.added.append(made)
    bill.units, bill.gross, bill.waived = bill.units + units, bill.gross + gross, bill.waived + waived
    bill.hours_at, bill.reason = run.posted_at, by.reason if waived else bill.reason
    return made


def _waived_before(bill: Bill, before: list[Bill]) -> Bill:
    """Nothing was charged, so nothing of it was waived: the share is that of the child's last waived bill until then."""
    found = [each for each in before if each.waived and each.made <= bill.made]
    return found[-1] if found else bill


def _later_hours(oracle: Any, family: Family, bill: Bill) -> int:
    """None of who left since it was charged, of which the exit gave back."""
    is_late = bill.pk in oracle.case(family).paid_to
    if (family.state != "active" and not is_late) or bill.days is None:
        return 0
    own = [
        each
        for each in family.lessons
        if bill.days[0] <= each.day <= bill.days[1] and each.state != "cancelled"
    ]
    if is_late:
        return sum(each.units for each in own) - bill.units
    return sum(each.units for each in own if not each.was_charged_by(bill))


def take_off(oracle: Any, run: Any) -> None:
    """A waiver that was withdrawn since took its share of it along: nothing is waived of the bill by then."""
    for each in [each for each in oracle.added if each.run == run.pk]:
        bill = each.bill
        bill.units, bill.gross, bill.waived = (
            bill.units - each.units,
            bill.gross - each.gross,
            bill.waived - each.waived if bill.waived else 0,
        )
        bill.hours_at = each.hours_at


def followed(oracle: Any, run: Any) -> list[Made]:
    """What absences and exits gave is looked at again, with the hours, or without them."""
    own = {each.bill.pk for each in oracle.added if each.run == run.pk}
    of_them = {each.bill.agreement for each in oracle.added if each.run == run.pk}
    gone = {family.pk for family in oracle.families(of_them) if family.state != "active"}
    before = {}
    for bill in oracle.bills.values():
        if bill.pk in own or bill.agreement in gone:
            before[bill.pk], bill.credited = bill.credited, 0
    made: list[Made] = oracle.followed(before)
    return made
