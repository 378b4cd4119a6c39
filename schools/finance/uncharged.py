"""Reads lessons that were held and that nobody has been charged for: said before a service ends, and a term is settled.

A charge is for the days it stands for; one by the class hour for those lessons of them that it knew (not_charged_after).
No day of a child is charged twice: who comes back on days that the first agreement has paid for, and takes part in something
else, is not charged for it either, but it is said.
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import F

from afterbell.kernel.dates import Period
from schools.care.states import SessionState
from schools.enrolment.models import Agreement
from schools.enrolment.states import BEGAN
from schools.finance import not_charged_after
from schools.finance.models import Charge
from schools.finance.timetable import Slot, Timetable, timetable
from schools.planning.models import FeeUnit, Plan


class Uncharged(NamedTuple):
    """Families, their days and class hours."""

    families: int
    days: int
    hours: int


class _Charged(NamedTuple):
    """Days of a charge of an agreement; whether hours came after it, and the moment of the hours it was for."""

    agreement: UUID
    days: Period
    has_later: bool
    at: datetime
    activities: frozenset[UUID] | None
    """Those whose lessons it was for; None: all of its days."""

    def paid_for(self, agreement: UUID, activity: UUID, day: date) -> bool:
        is_for_it = agreement == self.agreement or self.activities is None or activity in self.activities
        return day in self.days and is_for_it


def of_plan(plan: Plan, until: date) -> Uncharged:
    """Of lessons held up to a day, outside of everything that the child was charged for. Four queries; by the class hour
    one more, and those of not_charged_after where there is any."""
    table = timetable(plan)
    charged = _charged(plan, table)
    families, days, hours = 0, 0, 0
    rows = Agreement.objects.filter(plan=plan, state__in=BEGAN, from_date__lte=until).order_by("pk")
    for agreement in rows.only("pk", "pupil_id", "from_date", "until_date"):
        slots = _held_for_nothing(agreement, until, table, charged[agreement.pupil_id])
        families += bool(slots)
        days += len({slot.day for slot in slots})
        hours += sum(slot.units for slot in slots)
    return Uncharged(families, days, hours)


def _held_for_nothing(
    agreement: Agreement, until: date, table: Timetable, charged: Sequence[_Charged]
) -> list[Slot]:
    own = [each for each in charged if each.has_later and each.agreement == agreement.pk]
    others = [each for each in charged if each not in own]
    known = [slot for each in own for slot in table.of(agreement, each.days, charged_at=each.at)]
    held = [
        slot
        for activity, slot in table.lessons(agreement, Period(agreement.from_date, until))
        if slot.state == SessionState.CLOSED
        and not any(each.paid_for(agreement.pk, activity, slot.day) for each in others)
    ]
    return list((Counter(held) - Counter(known)).elements())


def _charged(plan: Plan, table: Timetable) -> dict[UUID, list[_Charged]]:
    """By child."""
    found: dict[UUID, list[_Charged]] = defaultdict(list)
    is_hourly = plan.fee_unit == FeeUnit.CLASS_HOUR
    later = not_charged_after.of_term(plan.term_code) if is_hourly else []
    more = {each.charge.pk for each in later if not each.is_free}
    rows = Charge.objects.filter(term_code=plan.term_code, taken_back_at=None, first_date__isnull=False)
    rows = rows.exclude(covers__isempty=True, agreement__plan__ended_date__lt=F("first_date"))
    for charge in rows.select_related("agreement").defer("agreement__text").order_by("pk"):
        if charge.last_date is not None and charge.first_date is not None:
            days, own = Period(charge.first_date, charge.last_date), charge.agreement_id
            lessons = table.activities(own, charge.charged_at) if is_hourly else None
            found[charge.agreement.pupil_id].append(
                _Charged(own, days, charge.pk in more, charge.charged_at, lessons)
            )
    return found
