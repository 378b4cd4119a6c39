"""Reads what a refund rule looks at: an agreement's bills, its days of service, the days on which the child was away."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import rules
from schools.finance.models import Charge
from schools.finance.refund_rules import Bill
from schools.finance.timetable import Timetable, missed_days, timetable
from schools.planning.models import Plan
from tenants.models import Term
from tenants.policies.documents import RefundRule, TeachingStage


@dataclass(frozen=True)
class Case:
    """One agreement under the rule of the policy that its term began with."""

    rule: RefundRule
    stage: TeachingStage
    bills: tuple[Bill, ...]
    charges: tuple[Charge, ...]
    """That the bills were made from, in the same order."""
    policy: str


def case_of(agreement: Agreement) -> Case:
    """All bills of one agreement."""
    return next(case for _agreement, case in cases(agreement.plan, only=[agreement.pk]))


def cases(
    plan: Plan, *, only: Collection[UUID] | None = None, period: str = ""
) -> Iterator[tuple[Agreement, Case]]:
    """Of these agreements, or of the active ones of a plan; of one period's bills, or of all. Seven queries."""
    in_force = rules.policy_on(plan.first_date)
    school, term, table = rules.school_here(), rules.term(plan.term_code), timetable(plan)
    rows = Agreement.objects.filter(plan=plan).select_related("pupil__school_class", "plan").order_by("pk")
    chosen = rows.filter(state=AgreementState.ACTIVE) if only is None else rows.filter(pk__in=list(only))
    agreements = list(chosen)
    charges = defaultdict(list)
    found = Charge.objects.filter(agreement__in=agreements, taken_back_at=None).order_by("created_at", "pk")
    for charge in found.filter(period=period) if period else found:
        charges[charge.agreement_id].append(charge)
    missed = missed_days(agreement.pk for agreement in agreements)
    for agreement in agreements:
        away = missed.get(agreement.pk, frozenset())
        own = tuple(charges[agreement.pk])
        bills = tuple(_bill(charge, agreement, term, table, away) for charge in own)
        stage = rules.stage(agreement, school)
        yield agreement, Case(in_force.policy.refund, stage, bills, own, in_force.policy.title)


def _bill(charge: Charge, agreement: Agreement, term: Term, table: Timetable, away: frozenset[date]) -> Bill:
    days = rules.billing(charge.period, term).days
    last = agreement.plan.last_date
    hours: dict[date, int] = {}
    cancelled: dict[date, int] = {}
    for slot in table.of(agreement, days, until=last):
        part = cancelled if slot.is_cancelled else hours
        part[slot.day] = part.get(slot.day, 0) + slot.units
    return Bill(
        label=charge.period,
        period=Period(days.first, days.last),
        gross=Fen(charge.gross_fen),
        fee=Fen(charge.gross_fen - charge.waived_fen),
        hours=hours,
        cancelled=cancelled,
        missed=frozenset(day for day in away if day in days),
    )
