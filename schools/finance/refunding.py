"""Reads what a refund rule looks at: an agreement's bills, its days of service, the days on which the child was away.

Absences are calculated for one period after its end. Most rules look at that period's bill alone. An absence of a month
may lie in two bills, and is known only when it is over: there the bills of the periods that were calculated before are
looked at again with this one, and what those calculations gave is taken off. So the sum of all calculations is what the
rule gives for all of their bills, in whatever order they are made; nothing is lost or given twice. An exit looks at all
bills, less what all calculations of absences gave.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from django.db.models import Sum

from afterbell.kernel.dates import Month, Period
from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import again, rules, tariffs
from schools.finance.bill_parts import Bill
from schools.finance.charging import Tariff
from schools.finance.models import Calculation, Charge, RefundCause
from schools.finance.refund_rules import GIVEN_NOTHING, Case
from schools.finance.timetable import Timetable, exited_on, missed_days, timetable
from schools.planning.models import FeeUnit, Plan
from tenants.models import Kind, Term
from tenants.policies.documents import RefundKind


class Given(NamedTuple):
    """What the calculations of one period's absences took off an agreement's fees."""

    period: str
    fen: int


class Reckoned(NamedTuple):
    """The case, and the charges that its bills were made from, in the same order."""

    case: Case
    charges: tuple[Charge, ...]


def case_of(agreement: Agreement) -> Reckoned:
    """All bills of one agreement."""
    return next(case for _agreement, case in cases(agreement.plan, only=[agreement.pk]))


def cases(
    plan: Plan,
    *,
    only: Collection[UUID] | None = None,
    period: str = "",
    new: Mapping[UUID, Sequence[Charge]] | None = None,
    is_unwaived: bool = False,
) -> Iterator[tuple[Agreement, Reckoned]]:
    """Of these agreements, or of the active ones of a plan; of one period's absences, or of all.

    `new` are charges that are yet to be made, by agreement: what they would give back, before anything is written.
    `is_unwaived`: as if nothing had been waived of any charge.

    Ten queries.
    """
    of_charges, table = tariffs.of_plan(plan), timetable(plan)
    known, policy = of_charges.known, of_charges.known.in_force(plan.first_date)
    school, term = known.school, known.term(plan.term_code)
    rows = Agreement.objects.filter(plan=plan).select_related("pupil__school_class", "plan").order_by("pk")
    chosen = rows.filter(state=AgreementState.ACTIVE) if only is None else rows.filter(pk__in=list(only))
    agreements = list(chosen)
    keys = [agreement.pk for agreement in agreements]
    charges, given, missed = _charges(keys), _given(keys), missed_days(keys)
    for agreement_id, later in (new or {}).items():
        charges[agreement_id] = [*charges[agreement_id], *later]
    for charge in (each for rows_of in charges.values() for each in rows_of if is_unwaived):
        charge.waived_fen = 0
    for agreement in agreements:
        stage, grade = rules.stage(agreement, school), agreement.pupil.school_class.grade
        rule = policy.refund_for(stage, Kind(school.kind), grade)
        before = _looked_at_again(rule.kind, given[agreement.pk], period)
        periods = {period, *(each.period for each in before)}
        own = [charge for charge in charges[agreement.pk] if not period or charge.period in periods]
        gave = {each.period: Fen(each.fen) for each in given[agreement.pk]}
        bills = {
            charge.pk: replace(
                _bill(charge, agreement, term, table, of_charges.of(charge, grade)),
                given=gave.get(charge.period, GIVEN_NOTHING),
            )
            for charge in charges[agreement.pk]
        }
        slots = table.of(agreement, _whole_plan(agreement), until=agreement.plan.last_date)
        case = Case(
            rule=rule,
            stage=stage,
            grade=grade,
            bills=tuple(bills[charge.pk] for charge in own),
            days=frozenset(slot.day for slot in slots if not slot.is_cancelled),
            cancelled_days=frozenset(slot.day for slot in slots if slot.is_cancelled),
            missed=missed.get(agreement.pk, frozenset()),
            policy=policy.title,
            before=Fen(sum(each.fen for each in before)),
            charged=tuple(bills.values()),
        )
        yield agreement, Reckoned(case, tuple(own))


def unwaived_exits(plan: Plan, agreements: Collection[UUID]) -> Mapping[UUID, Fen]:
    """By charge, what the exits of these would give back had nothing been waived: what a wholly waived charge uses of a
    cap is told by no sum of its own."""
    found: dict[UUID, Fen] = {}
    for agreement, (case, charges) in cases(plan, only=agreements, is_unwaived=True):
        last = exited_on(agreement, plan)
        if last is not None:
            found |= zip((row.pk for row in charges), case.returned(left_on=last).amounts, strict=True)
    return found


def _looked_at_again(kind: RefundKind, given: list[Given], period: str) -> list[Given]:
    """Earlier calculations whose bills this one looks at, too."""
    spans_bills = kind == RefundKind.CONTINUOUS_MONTHS
    return [each for each in given if each.period != period] if spans_bills or not period else []


def _charges(agreements: Iterable[UUID]) -> dict[UUID, list[Charge]]:
    """What was taken back was never charged."""
    found: dict[UUID, list[Charge]] = defaultdict(list)
    rows = Charge.objects.filter(agreement__in=list(agreements), taken_back_at__isnull=True)
    for charge in rows.order_by("created_at", "pk"):
        found[charge.agreement_id].append(charge)
    return found


def _given(agreements: Iterable[UUID]) -> dict[UUID, list[Given]]:
    """A period that was calculated again, because of a waiver, has the sum of its calculations."""
    found: dict[UUID, list[Given]] = defaultdict(list)
    rows = Calculation.objects.filter(
        agreement__in=list(agreements), cause=RefundCause.ABSENCE, undone_at=None
    )
    sums = rows.values_list("agreement_id", "period").annotate(fen=Sum("credit_fen")).order_by("period")
    for agreement, period, fen in sums:
        found[agreement].append(Given(period, fen))
    return found


def _bill(charge: Charge, agreement: Agreement, term: Term, table: Timetable, tariff: Tariff) -> Bill:
    """The fee was for the agreement's days up to the plan's end, also where an exit cut the charge's days off since.

    It begins with the first day that was charged: those before are another agreement's of the child. Nor has it what was
    charged again (again.py).
    A fee by the class hour was for the hours that it charged: those cancelled before were left out of it.
    """
    billing, unit = rules.billing(charge.period, term), charge.unit or agreement.plan.fee_unit
    hourly = tariff if unit == FeeUnit.CLASS_HOUR else None
    own_part = again.own(charge)
    first, last = own_part.first or billing.days.first, _paid_to(charge, agreement)
    hours: dict[date, int] = {}
    cancelled: dict[date, int] = {}
    charged_at = charge.charged_at if hourly else None
    for slot in table.of(agreement, billing.days, until=last, charged_at=charged_at):
        if slot.day < first:
            continue
        part = cancelled if slot.is_cancelled else hours
        part[slot.day] = part.get(slot.day, 0) + slot.units
    first = max(_whole_plan(agreement).first, first)
    own = Period(first, max(first, last)).overlap(billing.days)
    if hourly:
        cancelled = _charged_ones(cancelled, own_part.units - sum(hours.values()))
    return Bill(
        label=charge.period,
        days=own or billing.days,
        gross=own_part.gross,
        fee=own_part.fee,
        hours=hours,
        cancelled=cancelled,
        is_per_month=unit == FeeUnit.MONTH,
        hourly=hourly,
        units=own_part.units,
        each=tariff.each if tariff.caps.term is not None and unit == FeeUnit.MONTH else None,
    )


def bill_of(charge: Charge) -> Bill:
    """Of a charge by the class hour, as this row has it: what was charged again can be left out of it."""
    agreement, plan = charge.agreement, charge.agreement.plan
    of_charges = tariffs.of_plan(plan)
    tariff = of_charges.of(charge, agreement.pupil.school_class.grade)
    return _bill(charge, agreement, of_charges.known.term(charge.term_code), timetable(plan), tariff)


def is_after_the_exit(charge: Charge, agreement: Agreement) -> bool:
    """Charged when the child had left: for the hours, or the months, up to then; a fee for the term knows neither."""
    left, unit = agreement.ended_at, charge.unit or agreement.plan.fee_unit
    has_left = agreement.state == AgreementState.ENDED and left is not None
    return has_left and left is not None and charge.created_at > left and unit != FeeUnit.TERM


def _paid_to(charge: Charge, agreement: Agreement) -> date:
    """The plan's end; who was charged after the exit was charged only for the hours, or the months, up to it.

    Also where the exit was corrected since: the months are as many as were charged.
    """
    whole = _whole_plan(agreement)
    if not is_after_the_exit(charge, agreement):
        return whole.last
    if (charge.unit or agreement.plan.fee_unit) == FeeUnit.MONTH:
        month = Month.of(max(whole.first, charge.first_date or whole.first))
        for _each in range(charge.units - 1):
            month = month.following()
        last = month.period.last
    else:
        last = min(agreement.until_date, charge.last_date or agreement.until_date)
    return max(whole.first, min(last, whole.last))


def _charged_ones(cancelled: Mapping[date, int], hours: int) -> dict[date, int]:
    """Of the cancelled hours as many as were charged, the last ones: the first were cancelled before the charge."""
    found: dict[date, int] = {}
    for day in sorted(cancelled, reverse=True):
        n = min(cancelled[day], max(0, hours - sum(found.values())))
        if n:
            found[day] = n
    return found


def _whole_plan(agreement: Agreement) -> Period:
    """The days that it would have had to the plan's end."""
    first = max(agreement.from_date, agreement.plan.first_date)
    return Period(first, max(first, agreement.plan.last_date))
