"""What the city may know of consultation and plan of one term."""

from datetime import date, datetime
from typing import Any

from schools.planning.models import Consultation, Plan
from schools.planning.states import ConsultationState, PlanState

BEST_FIRST = (
    PlanState.PUBLISHED,
    PlanState.ENDED,
    PlanState.ACCEPTED,
    PlanState.FILED,
    PlanState.RETURNED,
    PlanState.RESOLVED,
    PlanState.DRAFT,
)


def of_term(term_code: str) -> dict[str, Any]:
    """The closed consultation's counts and the plan that has come furthest; unknown is null."""
    closed = Consultation.objects.filter(term_code=term_code, state=ConsultationState.CLOSED).first()
    plans = Plan.objects.filter(term_code=term_code).prefetch_related("activities")
    plan = min(plans, key=lambda plan: (BEST_FIRST.index(PlanState(plan.state)), -plan.version), default=None)
    return {
        "consultation_asked": closed.asked if closed else None,
        "consultation_yes": closed.yes if closed else None,
        "consultation_no": closed.no if closed else None,
        "plan_state": plan.state if plan else "",
        "plan_published_at": plan.published_at if plan else None,
        "collector": plan.collector if plan else "",
        "fee_unit": plan.fee_unit if plan else "",
        "fee_fen": plan.fee_fen if plan else None,
        "cap_fen": plan.cap_fen if plan else None,
        "weekly_minutes": _weekly_minutes(plan) if plan else None,
    }


def terms() -> list[str]:
    """Every term that has a fact, for the full pass."""
    codes = set(Consultation.objects.values_list("term_code", flat=True))
    return sorted(codes | set(Plan.objects.values_list("term_code", flat=True)))


def _weekly_minutes(plan: Plan) -> int:
    """Minutes that one child can be looked after in a week: the longest activity of each weekday."""
    longest: dict[int, int] = {}
    for activity in plan.activities.all():
        starts, ends = (datetime.combine(date.min, moment) for moment in (activity.starts, activity.ends))
        minutes = int((ends - starts).total_seconds()) // 60
        longest[activity.weekday] = max(longest.get(activity.weekday, 0), minutes)
    return sum(longest.values())
