"""What the rule gives for days away and nobody has calculated yet: of one period, and before a term is settled (S37)."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef

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
    """What a calculation writes: for who gets something, and for all where an absence can go on into the next period."""
    done = set(Calculation.objects.filter(term_code=plan.term_code).values_list("key", flat=True))
    found = []
    for agreement, (case, charges) in refunding.cases(plan, period=period):
        key = f"absence:{agreement.pk.hex}:{period}"
        returned = case.returned(left_on=None)
        if key not in done and (returned.fen or case.rule.kind == RefundKind.CONTINUOUS_MONTHS):
            found.append(Due(agreement, case, charges, returned, key))
    return found


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
    looked_at = Calculation.objects.filter(**own, cause=RefundCause.ABSENCE, period=OuterRef("period"))
    days = (OuterRef("first_date"), OuterRef("last_date"))
    away = RollEntry.objects.filter(
        **own, session__date__range=days, session__state=SessionState.CLOSED, state__in=AWAY
    )
    running = {"term_code": term_code, "taken_back_at": None, "agreement__state": AgreementState.ACTIVE}
    rows = Charge.objects.filter(Exists(away), ~Exists(looked_at), **running)
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
