"""Reads class hours that came after their period was charged: the period's next run adds them to the charge (S27, S36).

A charge is for the lessons and the places of its day (timetable.Timetable), and one that was made after an exit for the
lessons up to it. The hours of lessons that were made later (the calendar knew only the first months), of a place that was
given later, and those by which the roll corrected the exit later, are charged by a run of the same period: one charge a
period stays one, with more hours, under the child's caps, by the share that is not waived. Not those of who has left since
the charge was made, of which the rule gave back on the day; nor of charges from before there were runs. Whoever charges is
told of all of them.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.care.models import Session
from schools.enrolment.models import Agreement, ChosenActivity
from schools.enrolment.states import AgreementState
from schools.finance import again, charged_before, charging, tariffs
from schools.finance.models import Charge, Settlement
from schools.finance.refunding import is_after_the_exit
from schools.finance.states import SettlementState
from schools.finance.timetable import Timetable, timetable
from schools.planning.models import FeeUnit, Plan


class LaterHours(NamedTuple):
    """Class hours of one family in a charged period, and what they cost more under the caps."""

    agreement: Agreement
    charge: Charge
    hours: int
    gross: Fen
    waived: Fen
    """By the share that is waived of the charge."""
    cap: Fen | None
    """Of the charge with them."""
    waiver_reason: str

    @property
    def period(self) -> str:
        return self.charge.period

    @property
    def fen(self) -> Fen:
        """What the family pays of it."""
        return Fen(self.gross - self.waived)

    @property
    def is_free(self) -> bool:
        """A cap was reached before them: they cost nothing, and the charge is for them, too."""
        return not self.gross

    @property
    def by_a_run(self) -> bool:
        """Whether a run of the period charges them."""
        is_running = self.agreement.state == AgreementState.ACTIVE
        return self.charge.run_id is not None and (
            is_running or is_after_the_exit(self.charge, self.agreement)
        )

    def add_to(self, charges: Iterable[Charge]) -> None:
        """The row among these as it is with them, for what is reckoned next; nothing is written."""
        for charge in charges:
            if charge.pk == self.charge.pk:
                charge.units += self.hours
                charge.gross_fen += self.gross
                charge.waived_fen += self.waived
                charge.waiver_reason = self.waiver_reason


def of_term(term_code: str) -> list[LaterHours]:
    """By agreement and period, of every plan; not of a settled term. Where a cap binds a run counts them for nothing.

    One query where there is none.
    """
    return _found(_charges_before_more(term_code))


def of_period(
    plan: Plan, period: str, only: Collection[UUID] | None = None, *, at: datetime | None = None
) -> list[LaterHours]:
    """What a run of the period charges at a moment, of these agreements or of all. One query where there is none."""
    if plan.fee_unit != FeeUnit.CLASS_HOUR:
        return []
    rows = _charges_before_more(plan.term_code).filter(agreement__plan=plan, period=period)
    return [
        each
        for each in _found(rows if only is None else rows.filter(agreement__in=only), at)
        if each.by_a_run
    ]


def _found(rows: QuerySet[Charge], at: datetime | None = None) -> list[LaterHours]:
    """Of the latest plan first."""
    of_plans: dict[UUID, list[Charge]] = defaultdict(list)
    for charge in rows.order_by("-agreement__plan__version", "agreement__number", "period", "pk"):
        of_plans[charge.agreement.plan_id].append(charge)
    return [each for late in of_plans.values() for each in _of_plan(late[0].agreement.plan, late, at)]


def _of_plan(plan: Plan, late: list[Charge], at: datetime | None) -> list[LaterHours]:
    table, of_child, now = timetable(plan), _of_the_children(late), tariffs.of_plan(plan)
    off = charged_before.taken_off(
        [(charge.agreement_id, charge.agreement.pupil_id) for charge in late], of_child
    )
    found = []
    for charge in late:
        days, grade = charged_before.days_charged(charge), charge.agreement.pupil.school_class.grade
        if days is None or (hours := _later(charge, days, table, at)) <= 0:
            continue
        others = of_child[charge.agreement.pupil_id]
        earlier = [
            charged_before.earlier_of(
                each, plan, off.get(each.pk, Fen(0)) if each.agreement_id != charge.agreement_id else Fen(0)
            )
            for each in others if each.pk != charge.pk
        ]  # fmt: skip
        due = charging.due(
            now.of_now(charge.period, grade),
            units=again.own(charge).units + hours,
            days=days,
            earlier=earlier,
        )
        more = _more(charge, hours, due, by=charge if charge.gross_fen else _waived_before(charge, others))
        if more.fen or more.by_a_run:
            found.append(more)
            if more.by_a_run:
                more.add_to(others)
    return found


def _charges_before_more(term_code: str) -> QuerySet[Charge]:
    later = ChosenActivity.objects.filter(
        application__agreement=OuterRef("agreement"),
        placed_at__gt=OuterRef("hours"),
        placed_from__lte=OuterRef("last_date"),
    )
    restored = Q(cancelled_at__lte=OuterRef("hours"), restored_at__gt=OuterRef("hours"))
    made_later = Session.objects.filter(
        Q(made_at__gt=OuterRef("hours")) | restored,
        activity__choices__application__agreement=OuterRef("agreement"),
        date__range=(OuterRef("first_date"), OuterRef("last_date")),
    )
    settled = Settlement.objects.filter(term_code=term_code, state=SettlementState.BATCHED)
    had_left = Q(agreement__state=AgreementState.ENDED, created_at__gt=F("agreement__ended_at"))
    rows = Charge.objects.annotate(hours=Coalesce("hours_at", "created_at")).filter(
        Exists(later) | Exists(made_later) | had_left,
        ~Exists(settled),
        term_code=term_code,
        taken_back_at=None,
    )
    rows = rows.filter(Q(unit=FeeUnit.CLASS_HOUR) | Q(unit=""), agreement__plan__fee_unit=FeeUnit.CLASS_HOUR)
    return rows.select_related("agreement__plan", "agreement__pupil__school_class").defer("agreement__text")


def _of_the_children(late: list[Charge]) -> dict[UUID, list[Charge]]:
    found: dict[UUID, list[Charge]] = defaultdict(list)
    pupils = {charge.agreement.pupil_id for charge in late}
    rows = Charge.objects.filter(agreement__pupil__in=pupils, term_code=late[0].term_code, taken_back_at=None)
    for charge in (
        rows.select_related("agreement__plan").defer("agreement__text").order_by("created_at", "pk")
    ):
        found[charge.agreement.pupil_id].append(charge)
    return found


def _later(charge: Charge, days: Period, table: Timetable, at: datetime | None) -> int:
    """As a run counts them: what is cancelled is not charged."""
    now = table.hours(charge.agreement, days, days.first, charged_at=at)
    if is_after_the_exit(charge, charge.agreement):
        return now.planned - now.cancelled - charge.units
    then = table.hours(charge.agreement, days, days.first, charged_at=charge.charged_at)
    return (now.planned - now.cancelled) - (then.planned - then.cancelled)


def _waived_before(charge: Charge, others: Iterable[Charge]) -> Charge:
    """The charge whose waiver would have been carried on to one of 0.00: the child's last one that has any."""
    before = [each for each in others if each.waived_fen and each.created_at <= charge.created_at]
    return before[-1] if before else charge


def _more(charge: Charge, hours: int, due: charging.Due, *, by: Charge) -> LaterHours:
    """What was charged before stays, also above a cap that the city has lowered since."""
    gross = Fen(max(0, due.gross - again.own(charge).gross))
    waived = charging.carried(gross, before_gross=Fen(by.gross_fen), before_waived=Fen(by.waived_fen))
    cap = None if due.cap is None else Fen(max(due.cap + charge.again_fen, charge.gross_fen + gross))
    reason = by.waiver_reason if waived else charge.waiver_reason
    return LaterHours(charge.agreement, charge, hours, gross, waived, cap, reason)
