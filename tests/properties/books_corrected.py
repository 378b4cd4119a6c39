"""What a corrected exit must do to the books: used days are charged, the fee is reckoned by the last of them.

As if the child had left on that day, but for what was made after the exit: a run by then charged the months, or the
hours, up to the day that was known.
"""

from datetime import date, timedelta
from typing import Any

from schools.planning.models import Plan
from tests.properties.books_months import ONE_DAY, first_of, later, month_of
from tests.properties.books_past import Family
from tests.properties.books_rules import Bill
from tests.properties.books_sums import Given, Made


def corrected(oracle: Any, agreement: Any) -> list[Made]:
    """What it makes. Not of a child that was charged under another agreement since: that is told elsewhere."""
    (family,) = oracle.families([agreement.pk])
    drafts = [
        refund for refund in oracle.refunds.values()
        if (refund.agreement, refund.cause) == (family.pk, "exit") and refund.state in ("draft", "failed")
    ]  # fmt: skip
    for refund in drafts:
        refund.state = "void"
    ended = Plan.objects.get(agreements=family.pk).ended_date
    case = oracle.case(family, leaves=True)
    for bill in oracle.of(family.pk):
        is_late = bill.pk in case.paid_to
        kept = case.kept(bill) if bill.unit == "class_hour" and not is_late else family.last
        if kept is not None:
            _lengthen(oracle, bill, min(kept, _reach(oracle, bill, family, is_late), ended or date.max))
    if not oracle.has_exit(family.pk):
        own = max(0, oracle.net_paid()[family.pk] - oracle.due()[family.pk]) if drafts else 0
        waits = oracle._waits(family, own) if own else False
        return [oracle.gives(Given(family.pk, "exit", "", 0), 0 if waits else own)] if own else []
    before = {bill.pk: bill.credited for bill in oracle.of(family.pk)}
    for bill in oracle.of(family.pk):
        bill.credited = 0
    return oracle.followed(before)


def is_charged_later(oracle: Any, agreement: Any) -> bool:
    """Under another agreement of the child, since this one was charged."""
    own = [bill.made for bill in oracle.of(agreement.pk)]
    others = [
        bill
        for bill in oracle.bills.values()
        if bill.pupil == agreement.pupil_id and bill.agreement != agreement.pk
    ]
    return bool(own) and any(bill.made > min(own) for bill in others)


def _reach(oracle: Any, bill: Bill, family: Family, is_late: bool) -> date:
    """The last day that it could stand for."""
    last = family.plan_last
    if len(bill.period) == 7:
        last = min(last, _end(bill.period))
    last = max(bill.began, last)
    if is_late and "month" in oracle.text.profile["billing"]["cycles"]:
        last = min(last, _end(month_of(bill.last)))
    return last


def _lengthen(oracle: Any, bill: Bill, last: date) -> None:
    """Less the days that the child's other bills stand for."""
    own = {bill.began + timedelta(days=n) for n in range((last - bill.began).days + 1)}
    for other in oracle.bills.values():
        if other.pupil == bill.pupil and other.pk != bill.pk and other.days:
            own -= {day for day in own if other.days[0] <= day <= other.days[1]}
    if own:
        bill.days, bill.last = (bill.days[0] if bill.days else min(own), max(own)), max(own)


def _end(month: str) -> date:
    return later(first_of(month), 1) - ONE_DAY
