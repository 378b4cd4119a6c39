"""Charging families by the published fee notice (S27, S36); waivers of before are carried on."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.audit import actions as audit
from afterbell.kernel.dates import Month, Period, local_date
from afterbell.kernel.errors import Refused
from afterbell.kernel.money import Fen
from afterbell.outbox.actions import mark
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import accounts, charging, ledger, rules
from schools.finance.actions.closed import refuse_settled
from schools.finance.ledger import Posting
from schools.finance.models import Charge, TransferKind
from schools.finance.timetable import Timetable, timetable
from schools.planning.models import FeeUnit, Plan
from schools.planning.states import PlanState
from tenants.models import Kind
from tenants.policies.documents import Per, Policy, TeachingStage


class NoFeeNotice(Refused):
    """What was not disclosed may not be charged."""

    code = "finance.no_fee_notice"
    message = _("方案“%(plan)s”的收费公示尚未发布，不能收费。请先公示收费项目、标准和依据。")


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


COLLECTORS = {"committee": _("家长委员会"), "school": _("学校")}


@dataclass(frozen=True)
class ChargeRun:
    """What a run did."""

    charges: list[Charge]
    skipped: int
    """Agreements that had been charged for this period before."""

    @property
    def total(self) -> Fen:
        return Fen(sum(charge.gross_fen for charge in self.charges))


def charge_period(
    *, plan: Plan, period: str, by: User, now: datetime, agreements: Collection[UUID] | None = None
) -> ChargeRun:
    """Charge the active agreements of a plan for a month (2026-09) or the whole term (its code).

    All or none; who was charged for the period before is left out, so that sending twice charges once. With
    `agreements`, only these, each of which must be active in the period.
    """
    term = rules.term(plan.term_code)
    billing = rules.billing(period, term)
    policy = rules.policy_on(billing.days.first).policy
    _refuse_plan(plan, policy, billing)
    with transaction.atomic():
        ledger.lock_books()
        refuse_settled(plan.term_code)
        chosen = _chargeable(plan, billing.days, period, agreements)
        before = _charged_before(plan.term_code)
        fresh = [agreement for agreement in chosen if period not in before[agreement.pk]]
        charges = _charges(fresh, plan, billing, policy, before, now)
        Charge.objects.bulk_create(charges, batch_size=ledger.BATCH)
        postings = [posting for charge in charges for posting in _postings(charge)]
        if postings:
            ledger.post_all(postings, term_code=plan.term_code, by=by, now=now)
        mark(now=now, months=[str(Month.of(local_date(now)))], terms=[plan.term_code])
        run = ChargeRun(charges, skipped=len(chosen) - len(fresh))
        details = {"period": period, "count": len(charges), "total_fen": run.total, "skipped": run.skipped}
        audit.record(verb="finance.charges.post", target=plan, by=by, at=now, details=details)
    return run


def _refuse_plan(plan: Plan, policy: Policy, billing: rules.Billing) -> None:
    if plan.state != PlanState.PUBLISHED or plan.fee_notice_id is None:
        raise NoFeeNotice(plan=plan.name)
    if plan.collector != policy.collector:
        raise WrongCollector(
            allowed=COLLECTORS[policy.collector], planned=COLLECTORS.get(plan.collector, "?")
        )
    cycle = Per.TERM if billing.is_term else Per.MONTH
    if cycle not in policy.cycles or (plan.fee_unit == FeeUnit.TERM and not billing.is_term):
        raise CycleNotAllowed(period=billing.label)


def _chargeable(plan: Plan, days: Period, period: str, wanted: Collection[UUID] | None) -> list[Agreement]:
    rows = Agreement.objects.filter(
        plan=plan, state=AgreementState.ACTIVE, from_date__lte=days.last, until_date__gte=days.first
    )
    if wanted is not None:
        rows = rows.filter(pk__in=list(wanted))
    found = list(rows.select_related("pupil__school_class").order_by("pk"))
    missing = 0 if wanted is None else len(set(wanted)) - len(found)
    if missing:
        raise NoAgreement(count=missing, period=period)
    return found


def _charged_before(term_code: str) -> Mapping[UUID, dict[str, Charge]]:
    """By agreement and period: what the caps of the term and the share of a waiver look at."""
    found: dict[UUID, dict[str, Charge]] = defaultdict(dict)
    for charge in Charge.objects.filter(term_code=term_code).order_by("created_at", "pk"):
        found[charge.agreement_id][charge.period] = charge
    return found


def _charges(
    agreements: list[Agreement],
    plan: Plan,
    billing: rules.Billing,
    policy: Policy,
    before: Mapping[UUID, dict[str, Charge]],
    now: datetime,
) -> list[Charge]:
    school = rules.school_here()
    tariffs: dict[TeachingStage, charging.Tariff] = {}
    table = timetable(plan) if plan.fee_unit == FeeUnit.CLASS_HOUR else Timetable({}, {})
    charges = []
    for agreement in agreements:
        stage = rules.stage(agreement, school)
        if stage not in tariffs:
            tariffs[stage] = rules.tariff(plan, policy.caps_for(stage, Kind(school.kind)))
        earlier = list(before[agreement.pk].values())
        charges.append(_charge(agreement, plan, billing, tariffs[stage], table, earlier, now))
    return charges


def _charge(
    agreement: Agreement,
    plan: Plan,
    billing: rules.Billing,
    tariff: charging.Tariff,
    table: Timetable,
    earlier: list[Charge],
    now: datetime,
) -> Charge:
    own = Period(agreement.from_date, agreement.until_date).overlap(billing.days)
    plan_days = Period(plan.first_date, plan.last_date)
    used = own.overlap(plan_days) if own else None
    months = len(used.months()) if used else 0
    due = charging.due(
        tariff,
        units=_units(plan, agreement, billing, table, months),
        months=max(months, 1),
        charged_before=Fen(sum(charge.gross_fen for charge in earlier)),
    )
    waived = next((charge for charge in reversed(earlier) if charge.waived_fen), None)
    carried = Fen(0)
    if waived is not None:
        carried = charging.carried(
            due.gross, before_gross=Fen(waived.gross_fen), before_waived=Fen(waived.waived_fen)
        )
    return Charge(
        agreement=agreement,
        term_code=plan.term_code,
        period=billing.label,
        units=due.units,
        gross_fen=due.gross,
        cap_fen=due.cap,
        waived_fen=carried,
        waiver_reason=waived.waiver_reason if waived is not None and carried else "",
        collector=plan.collector,
        created_at=now,
    )


def _units(plan: Plan, agreement: Agreement, billing: rules.Billing, table: Timetable, months: int) -> int:
    if plan.fee_unit == FeeUnit.CLASS_HOUR:
        hours = table.hours(agreement, billing.days, billing.days.first)
        return hours.planned - hours.cancelled
    return months if plan.fee_unit == FeeUnit.MONTH else 1


def _postings(charge: Charge) -> list[Posting]:
    if not charge.gross_fen:
        return []
    family = accounts.family(charge.agreement_id)
    made = Posting(TransferKind.CHARGE, f"charge:{charge.pk}", family, accounts.FEES, Fen(charge.gross_fen))
    return [made, _waiver(charge)] if charge.waived_fen else [made]


def _waiver(charge: Charge) -> Posting:
    family = accounts.family(charge.agreement_id)
    return Posting(TransferKind.WAIVER, f"waiver:{charge.pk}", accounts.FEES, family, Fen(charge.waived_fen))
