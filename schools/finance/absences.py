"""What the rule gives for days away and nobody has calculated yet: of one period, and before a term is settled (S37)."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from schools.care.models import RollEntry
from schools.care.states import SessionState
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import refunding, rules
from schools.finance.models import Calculation, Charge, RefundCause
from schools.finance.refund_rules import Case, Returned
from schools.finance.timetable import AWAY
from schools.planning.models import Plan
from tenants.policies.documents import RefundKind

OF_DAYS_AWAY: Final = frozenset(
    {
        RefundKind.PER_DAY,
        RefundKind.MONTH_DIVIDED,
        RefundKind.HALF_MONTH_THRESHOLD,
        RefundKind.CONTINUOUS_MONTHS,
    }
)
"""Rules that give something for a day on which a child that stays was away."""


class Due(NamedTuple):
    """One agreement's absences of a period, calculated and not given yet."""

    agreement: Agreement
    case: Case
    charges: Sequence[Charge]
    found: Returned
    key: str


def is_over(plan: Plan, billing: rules.Billing, today: date) -> bool:
    """No lesson of the plan can follow in the period: it has ended, or the service has."""
    return today > min(billing.days.last, plan.ended_date or plan.last_date)


def due(plan: Plan, period: str) -> list[Due]:
    """What a calculation writes: for who gets something, and where an absence can go on into the next period for all who
    were charged for this one. Who is charged for it later is not done with it."""
    of_period = Calculation.objects.filter(term_code=plan.term_code, cause=RefundCause.ABSENCE, period=period)
    done = set(looked_at().filter(pk__in=of_period).values_list("agreement_id", flat=True))
    undone = Counter(of_period.exclude(agreement__in=done).values_list("agreement_id", flat=True))
    found = []
    for agreement, (case, charges) in refunding.cases(plan, period=period):
        if agreement.pk in done or not any(charge.period == period for charge in charges):
            continue
        returned = case.returned(left_on=None)
        if returned.fen or case.rule.kind == RefundKind.CONTINUOUS_MONTHS:
            n = undone[agreement.pk]
            key = f"absence:{agreement.pk.hex}:{period}{f':{n}' if n else ''}"
            found.append(Due(agreement, case, charges, returned, key))
    return found


def looked_at() -> QuerySet[Calculation]:
    """Of absences that stand: not those undone with a run, nor those from before the child was charged for their period."""
    return Calculation.objects.filter(is_of_a_charge(), cause=RefundCause.ABSENCE, undone_at=None)


def is_of_a_charge() -> Exists:
    """Whether a calculation's period had been charged by then."""
    own = {"agreement": OuterRef("agreement"), "period": OuterRef("period")}
    return Exists(Charge.objects.filter(**own, taken_back_at=None, created_at__lte=OuterRef("at")))


def periods_waiting(term_code: str) -> list[str]:
    """Periods in which a family is owed something for days away that was not calculated.

    Cancelled lessons are not among it: the settlement looks at them by itself. One query; where a child was away in a
    charged period and nobody has looked, those of `refunding.cases` for each such period until a family is found.
    """
    unlooked: dict[tuple[UUID, str], list[UUID]] = defaultdict(list)
    for plan_id, period, agreement_id in _unlooked(term_code):
        unlooked[plan_id, period].append(agreement_id)
    plans = Plan.objects.in_bulk({plan_id for plan_id, _period in unlooked}) if unlooked else {}
    found = (
        period
        for (plan_id, period), own in unlooked.items()
        if _looks_at_days_away(plans[plan_id]) and _gives(plans[plan_id], period, own)
    )
    return sorted(set(found))


def _unlooked(term_code: str) -> Iterable[tuple[UUID, str, UUID]]:
    """Plan, period and agreement of charges in whose days the child was away once, and that no calculation looked at."""
    own = {"agreement": OuterRef("agreement")}
    done = looked_at().filter(**own, period=OuterRef("period"))
    days = (OuterRef("first_date"), OuterRef("last_date"))
    away = RollEntry.objects.filter(
        **own, session__date__range=days, session__state=SessionState.CLOSED, state__in=AWAY
    )
    running = {"term_code": term_code, "taken_back_at": None, "agreement__state": AgreementState.ACTIVE}
    rows = Charge.objects.filter(Exists(away), ~Exists(done), **running)
    keys = ("agreement__plan_id", "period", "agreement_id")
    return rows.order_by("period").values_list(*keys).distinct()


def _looks_at_days_away(plan: Plan) -> bool:
    """By the rule for any child; asked before thousands of cases are read for nothing."""
    policy = rules.policy_on(plan.first_date).policy
    every = [policy.refund, *(part.rule for part in policy.refund_exceptions)]
    return any(rule.kind in OF_DAYS_AWAY for rule in every)


def _gives(plan: Plan, period: str, agreements: Sequence[UUID]) -> bool:
    for _agreement, (case, _charges) in refunding.cases(plan, only=agreements, period=period):
        if case.rule.kind not in OF_DAYS_AWAY:
            continue
        as_if_there = replace(case, missed=frozenset())
        if case.returned(left_on=None).fen > as_if_there.returned(left_on=None).fen:
            return True
    return False
