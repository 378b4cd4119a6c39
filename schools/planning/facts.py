"""What the city may know of consultation and plan of one term."""

from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db.models import Count, Max, Min, Q

from schools.planning import queries
from schools.planning.models import Answer, Consultation, Plan, Wish
from schools.planning.states import ConsultationState, PlanState
from tenants.exchange.queries import school_here
from tenants.policies import queries as policies

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
    """The closed consultation's counts and the plan that has come furthest; unknown is null.

    Published: when the term's first plan was. A second version takes over from one that stood on the board already. First
    date: from which a published plan offers service; before it no school has anything to report.
    """
    closed = Consultation.objects.filter(term_code=term_code, state=ConsultationState.CLOSED).first()
    plans = Plan.objects.filter(term_code=term_code).prefetch_related("activities", "fees")
    plan = min(plans, key=lambda plan: (BEST_FIRST.index(PlanState(plan.state)), -plan.version), default=None)
    return {
        "consultation_asked": closed.asked if closed else None,
        "consultation_yes": closed.yes if closed else None,
        "consultation_no": closed.no if closed else None,
        "plan_state": plan.state if plan else "",
        "plan_published_at": min((one.published_at for one in plans if one.published_at), default=None),
        "plan_first_date": min((one.first_date for one in plans if one.published_at), default=None),
        "collector": plan.collector if plan else "",
        "fee_unit": plan.fee_unit if plan else "",
        **(_fees(plan) if plan else NO_FEES),
        "weekly_minutes": _weekly_minutes(plan) if plan else None,
    }


NO_FEES: Final = dict.fromkeys(("fee_fen", "cap_fen", "fee_term_fen", "cap_term_fen"))


def _fees(plan: Plan) -> dict[str, int | None]:
    """Of the stage whose fee is the most above its caps, or of the lowest grade; without rules nothing is compared."""
    school = school_here()
    try:
        policy = policies.for_school(school, plan.first_date).policy
    except policies.NoPolicyInForce:
        return NO_FEES | {"fee_fen": plan.fee_fen, "cap_fen": plan.cap_fen}
    worst = max(queries.measures(plan, queries.setting(plan, policy, school)), key=lambda found: found.excess)
    return {
        "fee_fen": worst.standard.fee,
        "cap_fen": worst.standard.cap,
        "fee_term_fen": worst.term,
        "cap_term_fen": worst.cap,
    }


NO_ANSWERS: Final = {"asked_answers": 0, "asked_no": 0}


def of_classes(term_code: str) -> dict[UUID, dict[str, int]]:
    """Answers of each class, as it was at the close of the consultation, and how many said no (S25)."""
    rows = (
        Answer.objects.filter(consultation__term_code=term_code, consultation__state=ConsultationState.CLOSED)
        .values("school_class")
        .annotate(asked_answers=Count("pk"), asked_no=Count("pk", filter=Q(wish=Wish.NO)))
    )
    return {
        row["school_class"]: {"asked_answers": row["asked_answers"], "asked_no": row["asked_no"]}
        for row in rows
        if row["school_class"]
    }


def terms() -> list[str]:
    """Every term that has a fact, for the full pass."""
    codes = set(Consultation.objects.values_list("term_code", flat=True))
    return sorted(codes | set(Plan.objects.values_list("term_code", flat=True)))


def days_of_plans(term_code: str) -> tuple[date | None, date | None] | None:
    """From the first to the last day of all plans of a term; without days where families were only asked so far.

    None where the school has done neither: the term is not used here.
    """
    plans = Plan.objects.filter(term_code=term_code).aggregate(first=Min("first_date"), last=Max("last_date"))
    if plans["first"] is None and not Consultation.objects.filter(term_code=term_code).exists():
        return None
    return plans["first"], plans["last"]


def _weekly_minutes(plan: Plan) -> int:
    """Minutes that one child can be looked after in a week: the longest activity of each weekday."""
    longest: dict[int, int] = {}
    for activity in plan.activities.all():
        starts, ends = (datetime.combine(date.min, moment) for moment in (activity.starts, activity.ends))
        minutes = int((ends - starts).total_seconds()) // 60
        longest[activity.weekday] = max(longest.get(activity.weekday, 0), minutes)
    return sum(longest.values())
