"""Reads what a run over a plan and a period would charge: the preview that a person says yes to, line by line."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import Period
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen
from schools.enrolment.models import Agreement
from schools.enrolment.states import BEGAN
from schools.finance import charged_before, charging, collectors, not_charged_after, not_made, rules
from schools.finance.charging import Earlier
from schools.finance.lines import Line, Payer, given_back
from schools.finance.models import Charge, ChargeRun
from schools.finance.not_charged_after import LaterHours
from schools.finance.timetable import Timetable, timetable
from schools.planning.models import FeeUnit, Plan
from schools.planning.queries import SERVED
from tenants.policies.documents import Per, Policy

ONE_DAY: Final = timedelta(days=1)


class NoFeeNotice(Refused):
    """What was not disclosed may not be charged."""

    code = "finance.no_fee_notice"
    message = _("方案“%(plan)s”的收费公示尚未发布，不能收费。请先公示收费项目、标准和依据。")


class ServiceOver(Refused):
    """After an early end there is nothing to charge for; what was held before can still be charged."""

    code = "finance.service_over"
    message = _("“%(plan)s”已于 %(last)s 提前结束，%(period)s 没有服务，不能收费。")


class WrongCollector(Refused):
    """The policy in force names who collects (S3)."""

    code = "finance.wrong_collector"
    message = _("现行政策规定由%(allowed)s收费，方案写的是%(planned)s。请先修改方案并重新公示。")


class CycleNotAllowed(Refused):
    """By month or by term, as the policy and the fee's unit say."""

    code = "finance.cycle_not_allowed"
    message = _("现行政策或方案不允许这样的收费周期（%(period)s）。")


class NoAgreement(Refused):
    """No charge without a signed agreement (S15)."""

    code = "finance.no_agreement"
    message = _("有 %(count)s 个对象在 %(period)s 没有生效的托管协议，不能收费。")


class PartlyCharged(Refused):
    """Some days of the period are paid for, under whatever label (S27)."""

    code = "finance.partly_charged"
    message = _(
        "有 %(count)s 户在“%(period)s”的一部分日期已经按“%(other)s”收过费，没有收费。请改为只收还没有收过的月份。"
    )


class NoLessonsMade(Refused):
    """Zero for everybody, and the period would count as charged."""

    code = "finance.no_lessons_made"
    message = _(
        "“%(period)s”还没有生成服务场次，没有课时可收，没有开具。请先在“服务场次”中生成场次再开具；没有服务的月份不用收费。"
    )


class Owing(NamedTuple):
    """An agreement and its days in the period that nobody has been charged for yet."""

    agreement: Payer
    days: Period


@dataclass(frozen=True)
class Draft:
    """A run before anything is written."""

    plan: Plan
    billing: rules.Billing
    lines: list[Line]
    more: list[LaterHours]
    """Class hours that came after the period was charged, added to those charges."""
    charged_before: int
    """Families that were charged for all of these days: left out."""
    last: ChargeRun | None
    """The standing run before this one."""

    @property
    def total(self) -> Fen:
        return Fen(sum(line.net for line in self.lines) + sum(each.fen for each in self.more))

    @property
    def families(self) -> int:
        return len(self.lines) + len(self.more)

    @property
    def digest(self) -> str:
        lines = [(line.agreement.pk, line.gross, line.waived) for line in self.lines]
        return charging.digest([*lines, *((each.charge.pk, each.gross, each.waived) for each in self.more)])

    @property
    def more_families(self) -> int:
        return self.families - (self.last.families if self.last else 0)

    @property
    def more_fen(self) -> Fen:
        return Fen(self.total - (self.last.total_fen if self.last else 0))


def draft(
    plan: Plan, period: str, *, only: Collection[UUID] | None = None, at: datetime | None = None
) -> Draft:
    """What charging the plan's agreements for a month (2026-09) or the whole term (its code) would do.

    Whoever had a day of service in the period owes for it, also who has left since; who has a place by the class hour
    since it was charged owes for those lessons. With `only`, just these, each of which must have had one. `at`: class hours
    are of places that had been given by then. A fixed number of queries. Raises PeriodOutsideTerm, NoFeeNotice, ServiceOver,
    WrongCollector, CycleNotAllowed, NoAgreement, PartlyCharged, NoLessonsMade.
    """
    billing = rules.billing(period, rules.term(plan.term_code))
    policy = rules.policy_on(billing.days.first).policy
    _refuse_plan(plan, policy, billing)
    chosen = _chargeable(plan, billing, only)
    standing = _standing(plan.term_code)
    fresh, before = _not_yet_charged(chosen, billing, standing, plan.ended_date)
    more = not_charged_after.of_period(plan, billing.label, only, at=at)
    for each in more:
        each.add_to(standing[each.agreement.pupil_id])
    lines = _lines(fresh, plan, policy, standing, billing.label, at)
    if (
        lines
        and not more
        and not any(line.units for line in lines)
        and not not_made.has_lessons(plan, billing.days)
    ):
        raise NoLessonsMade(period=billing.label)
    return Draft(
        plan=plan,
        billing=billing,
        more=more,
        lines=lines,
        charged_before=before - len(more),
        last=ChargeRun.objects.filter(plan=plan, taken_back_at=None).order_by("-posted_at", "-pk").first(),
    )


def _refuse_plan(plan: Plan, policy: Policy, billing: rules.Billing) -> None:
    if plan.state not in SERVED or plan.fee_notice_id is None:
        raise NoFeeNotice(plan=plan.name)
    if plan.ended_date is not None and plan.ended_date < billing.days.first:
        raise ServiceOver(plan=plan.name, last=plan.ended_date, period=billing.label)
    if plan.collector != policy.collector:
        planned = {str(key): name for key, name in collectors.NAMES.items()}.get(plan.collector, "?")
        raise WrongCollector(allowed=collectors.NAMES[policy.collector], planned=planned)
    cycle = Per.TERM if billing.is_term else Per.MONTH
    if cycle not in policy.cycles or (plan.fee_unit == FeeUnit.TERM and not billing.is_term):
        raise CycleNotAllowed(period=billing.label)


def _chargeable(plan: Plan, billing: rules.Billing, wanted: Collection[UUID] | None) -> list[Payer]:
    days = billing.days
    last = days.last if plan.ended_date is None else min(days.last, plan.ended_date)
    rows = Agreement.objects.filter(
        plan=plan, state__in=BEGAN, from_date__lte=last, until_date__gte=days.first
    )
    if wanted is not None:
        rows = rows.filter(pk__in=list(wanted))
    fields = ("pk", "number", "pupil_id", "from_date", "until_date", "state")
    child = ("pupil__school_class__grade", "pupil__name", "pupil__school_class__name")
    found = [Payer(*row) for row in rows.order_by("pk").values_list(*fields, *child)]
    missing = 0 if wanted is None else len(set(wanted)) - len(found)
    if missing:
        raise NoAgreement(count=missing, period=billing.label)
    return found


def _standing(term_code: str) -> Mapping[UUID, list[Charge]]:
    """By child, whichever agreement it was charged under: caps and overlaps are the child's."""
    found: dict[UUID, list[Charge]] = defaultdict(list)
    rows = Charge.objects.filter(term_code=term_code, taken_back_at=None).order_by("created_at", "pk")
    for charge in rows.select_related("agreement__plan").defer("agreement__text"):
        found[charge.agreement.pupil_id].append(charge)
    return found


def _not_yet_charged(
    chosen: Sequence[Payer],
    billing: rules.Billing,
    standing: Mapping[UUID, list[Charge]],
    ended_on: date | None,
) -> tuple[list[Owing], int]:
    """Those with days of their own, and how many have none left.

    A child that came back owes from the day after those that its other agreement stands for, be it on the same run. Some
    days only of one agreement is refused, with the label they stand under.
    """
    owing, before, partly = [], 0, []
    taken = {pupil: _taken(charges) for pupil, charges in standing.items()}
    for agreement in chosen:
        days = days_of(agreement, billing)
        spans = taken.setdefault(agreement.pupil_id, [])
        rest = rest_of(days, [span for other, span in spans if other != agreement.pk])
        served = up_to(days, ended_on)
        own = None if rest is None else up_to(rest, ended_on)
        charged = sum(both.days for _pk, span in spans if served and (both := served.overlap(span)))
        if rest is None or own is None or served is None or charged >= served.days:
            before += 1
        elif any(own.overlap(span) for _pk, span in spans):
            partly.append(agreement.pupil_id)
        else:
            owing.append(Owing(agreement, rest))
            spans.append((agreement.pk, own))
    if partly:
        charges = standing.get(partly[0])
        raise PartlyCharged(
            count=len(partly), period=billing.label, other=charges[-1].period if charges else billing.label
        )
    return owing, before


def _taken(charges: Sequence[Charge]) -> list[tuple[UUID, Period]]:
    return [
        (charge.agreement_id, span) for charge in charges if (span := charged_before.days_charged(charge))
    ]


def rest_of(days: Period, taken: Sequence[Period]) -> Period | None:
    """What other agreements leave of a stretch of days, cut at its two ends; None when nothing is left."""
    first, last = days.first, days.last
    for span in sorted(taken, key=lambda span: span.first):
        if span.first <= first <= span.last:
            first = span.last + ONE_DAY
    for span in sorted(taken, key=lambda span: span.first, reverse=True):
        if span.first <= last <= span.last:
            last = span.first - ONE_DAY
    return Period(first, last) if first <= last else None


def days_of(agreement: Payer, billing: rules.Billing) -> Period:
    """The agreement's own days in a period that it touches."""
    days = Period(agreement.from_date, agreement.until_date).overlap(billing.days)
    if days is None:
        raise ValueError("an agreement that does not touch the period is not charged for it")
    return days


def until(charge: Charge, last: date) -> Period | None:
    """What is left of a charge's days when the child leaves on a day; None when nothing is."""
    days = charged_before.days_charged(charge)
    return None if days is None else up_to(days, last)


def up_to(days: Period, last: date | None) -> Period | None:
    """Days up to a last one, where there is one: what a charge stands for when its service ended early."""
    if last is None:
        return days
    return None if last < days.first else Period(days.first, min(days.last, last))


def _lines(
    owing: Sequence[Owing],
    plan: Plan,
    policy: Policy,
    standing: Mapping[UUID, list[Charge]],
    period: str,
    at: datetime | None,
) -> list[Line]:
    """Who left before the run gets back at once what the rule gives: the child's next line is made by what is kept."""
    school = rules.school_here()
    grades = {each.agreement.grade for each in owing}
    tariffs = {grade: rules.tariff(plan, policy, school, grade) for grade in grades}
    table = timetable(plan) if plan.fee_unit == FeeUnit.CLASS_HOUR else Timetable({}, {})
    lines: list[Line] = []
    drafted: dict[UUID, list[Earlier]] = defaultdict(list)
    off = charged_before.taken_off([(each.agreement.pk, each.agreement.pupil_id) for each in owing], standing)
    children = Counter(each.agreement.pupil_id for each in owing)
    for each in owing:
        pupil = each.agreement.pupil_id
        line = _line(
            each, plan, tariffs[each.agreement.grade], table, standing.get(pupil, []), drafted[pupil], off, at
        )
        children[pupil] -= 1
        used = line if line.net else replace(line, waived=Fen(0))  # of a cap, also where all is waived
        gives = given_back([used], plan, period) if children[pupil] and each.agreement.has_left else {}
        credited = gives.get(each.agreement.pk, Fen(0))
        drafted[pupil].append(
            Earlier(line.days.first, line.days.last, gross=line.gross, net=used.net, credited=credited)
        )
        lines.append(line)
    return lines


def _line(
    owing: Owing,
    plan: Plan,
    tariff: charging.Tariff,
    table: Timetable,
    earlier: list[Charge],
    drafted: list[Earlier],
    off: Mapping[UUID, Fen],
    at: datetime | None,
) -> Line:
    """`drafted`: the child's other lines of this run, which count against its caps as charges do. `off`: taken_off."""
    used = owing.days.overlap(Period(plan.first_date, plan.last_date))
    others = {
        charge.pk: off.get(charge.pk, Fen(0))
        for charge in earlier
        if charge.agreement_id != owing.agreement.pk
    }
    due = charging.due(
        tariff,
        units=_units(plan, owing, table, used.month_count if used else 0, at),
        days=used or owing.days,
        earlier=[
            *(charged_before.earlier_of(charge, plan, others.get(charge.pk, Fen(0))) for charge in earlier),
            *drafted,
        ],
    )
    waived = next((charge for charge in reversed(earlier) if charge.waived_fen), None)
    carried = Fen(0)
    if waived is not None:
        carried = charging.carried(
            due.gross, before_gross=Fen(waived.gross_fen), before_waived=Fen(waived.waived_fen)
        )
    return Line(
        agreement=owing.agreement,
        days=owing.days,
        units=due.units,
        fee=tariff.fen,
        gross=due.gross,
        cap=due.cap,
        waived=carried,
        waiver_reason=waived.waiver_reason if waived is not None and carried else "",
    )


def _units(plan: Plan, owing: Owing, table: Timetable, months: int, at: datetime | None) -> int:
    if plan.fee_unit == FeeUnit.CLASS_HOUR:
        hours = table.hours(owing.agreement, owing.days, owing.days.first, charged_at=at)
        return hours.planned - hours.cancelled
    return months if plan.fee_unit == FeeUnit.MONTH else 1
