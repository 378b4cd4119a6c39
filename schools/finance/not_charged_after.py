"""Reads class hours that came after their period was charged: no run charges them any more (S27, S36).

A charge is for the places of its day (timetable.Timetable), and one that was made after an exit for the lessons up to it; a
period is charged once. So the hours of a place that was given later, and those by which the roll corrected the exit later,
come into no bill unless the run is taken back and made again; whoever charges is told.
"""

from collections import defaultdict
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement, ChosenActivity
from schools.enrolment.states import AgreementState
from schools.finance import charging, rules, runs
from schools.finance.models import Charge, Settlement
from schools.finance.refunding import is_after_the_exit
from schools.finance.states import SettlementState
from schools.finance.timetable import Timetable, timetable
from schools.planning.models import FeeUnit


class LaterHours(NamedTuple):
    """Class hours of one family in a charged period, and what they would have cost under the caps, less a waiver."""

    agreement: Agreement
    period: str
    hours: int
    fen: Fen


def of_term(term_code: str) -> list[LaterHours]:
    """By agreement and period. Where a cap binds nothing was lost, and nothing is told; nor is it of a settled term.

    One query where there is none.
    """
    late = _charges_before_more(term_code)
    if not late:
        return []
    plan = late[0].agreement.plan
    table, of_child, school = timetable(plan), _of_the_children(late), rules.school_here()
    tariffs: dict[tuple[str, int], charging.Tariff] = {}
    found = []
    for charge in late:
        days, grade = runs.days_charged(charge), charge.agreement.pupil.school_class.grade
        if days is None or (hours := _later(charge, days, table)) <= 0:
            continue
        if (charge.period, grade) not in tariffs:
            policy = rules.policy_on(days.first).policy
            tariffs[charge.period, grade] = rules.tariff(plan, policy, school, grade)
        others = [each for each in of_child[charge.agreement.pupil_id] if each.pk != charge.pk]
        fen = _price(charge, hours, days, tariffs[charge.period, grade], others)
        if fen:
            found.append(LaterHours(charge.agreement, charge.period, hours, fen))
    return found


def _charges_before_more(term_code: str) -> list[Charge]:
    """Of the plan in force, which is the last one: only that is charged."""
    later = ChosenActivity.objects.filter(
        application__agreement=OuterRef("agreement"),
        placed_at__gt=OuterRef("created_at"),
        placed_from__lte=OuterRef("last_date"),
    )
    settled = Settlement.objects.filter(term_code=term_code, state=SettlementState.BATCHED)
    had_left = Q(agreement__state=AgreementState.ENDED, created_at__gt=F("agreement__ended_at"))
    rows = Charge.objects.filter(
        Exists(later) | had_left, ~Exists(settled), term_code=term_code, taken_back_at=None
    )
    rows = rows.filter(Q(unit=FeeUnit.CLASS_HOUR) | Q(unit=""), agreement__plan__fee_unit=FeeUnit.CLASS_HOUR)
    rows = rows.select_related("agreement__plan", "agreement__pupil__school_class").defer("agreement__text")
    found = list(rows.order_by("-agreement__plan__version", "agreement__number", "period", "pk"))
    return [charge for charge in found if charge.agreement.plan_id == found[0].agreement.plan_id]


def _of_the_children(late: list[Charge]) -> dict[UUID, list[Charge]]:
    found: dict[UUID, list[Charge]] = defaultdict(list)
    pupils = {charge.agreement.pupil_id for charge in late}
    rows = Charge.objects.filter(agreement__pupil__in=pupils, term_code=late[0].term_code, taken_back_at=None)
    for charge in rows.select_related("agreement").defer("agreement__text").order_by("created_at", "pk"):
        found[charge.agreement.pupil_id].append(charge)
    return found


def _later(charge: Charge, days: Period, table: Timetable) -> int:
    """As a run counts them: what is cancelled is not charged."""
    now = table.hours(charge.agreement, days, days.first)
    if is_after_the_exit(charge, charge.agreement):
        return now.planned - now.cancelled - charge.units
    then = table.hours(charge.agreement, days, days.first, charged_at=charge.created_at)
    return (now.planned - now.cancelled) - (then.planned - then.cancelled)


def _price(charge: Charge, hours: int, days: Period, tariff: charging.Tariff, others: list[Charge]) -> Fen:
    """What these hours would have cost more, by the share that is not waived."""
    earlier = [runs.earlier_of(each, charge.agreement.plan, Fen(0)) for each in others]
    due = charging.due(tariff, units=charge.units + hours, days=days, earlier=earlier)
    more, gross = Fen(max(0, due.gross - charge.gross_fen)), Fen(charge.gross_fen)
    waived = charging.carried(more, before_gross=gross, before_waived=Fen(charge.waived_fen))
    return Fen(more - waived)
