"""Reads lessons that were held and that nobody has been charged for: said before a service ends."""

from collections import defaultdict
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import F

from afterbell.kernel.dates import Period
from schools.care.states import SessionState
from schools.enrolment.models import Agreement
from schools.enrolment.states import BEGAN
from schools.finance.models import Charge
from schools.finance.timetable import timetable
from schools.planning.models import Plan


class Uncharged(NamedTuple):
    """Families, their days and class hours."""

    families: int
    days: int
    hours: int


def of_plan(plan: Plan, until: date) -> Uncharged:
    """Of lessons held up to a day, outside of everything that the child was charged for. Four queries."""
    table = timetable(plan)
    charged = _charged(plan.term_code)
    families, days, hours = 0, 0, 0
    rows = Agreement.objects.filter(plan=plan, state__in=BEGAN, from_date__lte=until).order_by("pk")
    for agreement in rows.only("pk", "pupil_id", "from_date", "until_date"):
        slots = [
            slot
            for slot in table.of(agreement, Period(agreement.from_date, until))
            if slot.state == SessionState.CLOSED
            and not any(slot.day in span for span in charged[agreement.pupil_id])
        ]
        families += bool(slots)
        days += len({slot.day for slot in slots})
        hours += sum(slot.units for slot in slots)
    return Uncharged(families, days, hours)


def _charged(term_code: str) -> dict[UUID, list[Period]]:
    found: dict[UUID, list[Period]] = defaultdict(list)
    rows = Charge.objects.filter(term_code=term_code, taken_back_at=None, first_date__isnull=False)
    rows = rows.exclude(covers__isempty=True, agreement__plan__ended_date__lt=F("first_date"))
    for pupil, first, last in rows.order_by("pk").values_list(
        "agreement__pupil_id", "first_date", "last_date"
    ):
        if last is not None and first is not None:
            found[pupil].append(Period(first, last))
    return found
