"""Reads of plans: whose they are to see, their rooms, their costs, what waits for whom."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from typing import Final, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.dates import Period
from afterbell.kernel.money import Fen
from afterbell.kernel.strings import dotted
from afterbell.kernel.waiting import Waiting
from schools.committee import queries as committee
from schools.committee.models import Resolution, Subject
from schools.planning import consultation_queries as consultations
from schools.planning import fees, limits, rules
from schools.planning.limits import CostShare, Course, Measure, Setting
from schools.planning.models import Activity, CostLine, FeeUnit, Plan
from schools.planning.rules import Span
from schools.planning.states import ConsultationState, PlanState
from tenants import calendar
from tenants.calendar import CalendarUnknown, SchoolDay
from tenants.exchange.models import Envelope
from tenants.models import School, Stage, Term
from tenants.policies.documents import Policy

INSIDE = (Permission.PLAN_DRAFT, Permission.PLAN_REVIEW, Permission.PLAN_FILE, Permission.RESOLUTIONS_VOTE)
"""Who sees a plan before it is published."""
SERVED: Final = (PlanState.PUBLISHED, PlanState.ENDED)


@dataclass(frozen=True)
class Room:
    """A room in use, as schools.care keeps it."""

    id: UUID
    name: str
    places: int


class FeeInWords(NamedTuple):
    """The fee of a stage as people read it; `who` is empty where all pay the same."""

    who: str
    fee: str


def rooms() -> list[Room]:
    """Rooms of the school that are in use; care stands above and is plugged in by settings.PLAN_ROOMS."""
    return [Room(*row) for row in dotted(settings.PLAN_ROOMS)()]


def terms(today: date) -> list[Term]:
    """Terms that have not ended, the current one first."""
    return list(Term.objects.filter(last_date__gte=today).order_by("first_date", "pk"))


def terms_to_plan(today: date) -> list[Term]:
    """Those of them in which something can begin."""
    is_settled = dotted(settings.TERM_IS_SETTLED)
    return [term for term in terms(today) if not is_settled(term.code)]


def term_of_today(today: date) -> Term | None:
    """The current term, or the next one, or else the last."""
    return next(iter(terms(today)), None) or Term.objects.order_by("-last_date", "pk").first()


def term(code: str) -> Term:
    """Raises Term.DoesNotExist."""
    return Term.objects.get(code=code)


def plans_for(user: User) -> QuerySet[Plan]:
    """Drafts are for who works on them; families see what was published."""
    found = Plan.objects.select_related("consultation").prefetch_related("fees")
    return found if any(user.has(permission) for permission in INSIDE) else found.filter(state__in=SERVED)


def plan_for(user: User, plan_id: UUID) -> Plan:
    """Raises Plan.DoesNotExist for what is not there or not for this user."""
    return plans_for(user).get(pk=plan_id)


def in_list_order(found: QuerySet[Plan]) -> QuerySet[Plan]:
    """Newest term and version first."""
    return found.order_by("-term_code", "-version", "pk")


def plan_of_term(term_code: str) -> Plan | None:
    """The newest version."""
    return (
        Plan.objects.select_related("consultation").filter(term_code=term_code).order_by("-version").first()
    )


def published_plan(term_code: str) -> Plan | None:
    """What families may apply for."""
    return Plan.objects.filter(term_code=term_code, state=PlanState.PUBLISHED).first()


def served_plan(term_code: str) -> Plan | None:
    """The published plan, or the last one that has ended."""
    return Plan.objects.filter(term_code=term_code, state__in=SERVED).order_by("-version").first()


def activities(plan: Plan) -> list[Activity]:
    """By day and time."""
    return list(plan.activities.order_by("weekday", "starts", "title", "pk"))


def cost_lines(plan: Plan) -> list[CostLine]:
    """In the order in which they were entered."""
    return list(plan.cost_lines.order_by("pk"))


def spans(rows: Collection[Activity]) -> list[Span]:
    """Only when and for whom."""
    return [Span(row.weekday, row.starts, row.ends, row.grade_from, row.grade_to) for row in rows]


def setting(plan: Plan, policy: Policy, school: School) -> Setting:
    """The plan's days by the city's calendar; while that is not known, every Monday to Friday stands in."""
    period, own = Period(plan.first_date, plan.last_date), spans(activities(plan))
    gap = None
    try:
        days = calendar.school_calendar(period.first, period.last, school.district)
    except CalendarUnknown as unknown:
        days, gap = [SchoolDay(day, day.isoweekday()) for day in period], unknown
    course = Course(period=period, days=days, spans=own, class_hour=policy.class_hour_minutes, gap=gap)
    return Setting(policy=policy, school=school, course=course)


def fees_in_words(plan: Plan, policy: Policy, school: School) -> list[FeeInWords]:
    """What a child pays, and at most: one line for all, or one for each run of grades that pay the same."""
    own = fees.by_grade(plan, rules.GRADES[Stage(school.stage)])
    lines = groupby(own, lambda grade: _in_words(plan, own[grade], policy, school, grade))
    runs = [(words, list(run)) for words, run in lines]
    return [FeeInWords(fees.name_of(range(run[0], run[-1] + 1), school.stage), words) for words, run in runs]


def fee_in_words(plan: Plan, policy: Policy, school: School, grade: int) -> str:
    """What a child of this grade pays, and at most."""
    return _in_words(plan, fees.fee_of(plan, grade), policy, school, grade)


def _in_words(plan: Plan, own: fees.Fee, policy: Policy, school: School, grade: int) -> str:
    """Without the calendar, so that a text that is signed stays what it is.

    Caps by the class hour were checked before the vote, and those of month and term need no days.
    """
    period = Period(plan.first_date, plan.last_date)
    course = Course(period=period, days=(), spans=(), class_hour=policy.class_hour_minutes)
    standard = fees.Standard(range(grade, grade + 1), own.fee_fen, own.cap_fen)
    (found,) = limits.measures(Setting(policy, school, course), plan.fee_unit, [standard])
    return limits.said(plan.fee_unit, own.fee_fen, own.cap_fen, found.most)


def measures(plan: Plan, place: Setting) -> list[Measure]:
    """Each standard of the plan over its days, beside the caps."""
    return limits.measures(place, plan.fee_unit, fees.standards(plan, place.school.stage))


def cost_share(plan: Plan, place: Setting) -> CostShare:
    """S3: planned cost ÷ expected participants, beside what the fee comes to."""
    planned = plan.cost_lines.aggregate(total=Sum("amount_fen"))["total"] or 0
    return limits.cost_share(
        place,
        planned=Fen(int(planned)),
        participants=plan.expected_participants,
        unit=FeeUnit(plan.fee_unit),
        asked=fees.standards(plan, place.school.stage),
    )


def is_under_vote(plan: Plan) -> bool:
    """While the committee votes on it, the plan stands still."""
    return committee.open_resolution(Subject.PLAN, plan.pk) is not None


def resolution_of(plan: Plan) -> Resolution | None:
    """The one that carried the plan, or the one that is being voted on."""
    if plan.resolution_id:
        return Resolution.objects.filter(pk=plan.resolution_id).first()
    return committee.open_resolution(Subject.PLAN, plan.pk)


def last_filing(plan: Plan) -> Envelope | None:
    """The envelope to the bureau, with its answer."""
    return Envelope.objects.filter(pk=plan.filing_id).first() if plan.filing_id else None


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """What this room wants from the user: consultations to close, plans to carry on, a child to answer for."""
    return [*_answers_waiting(user, now), *_consultations_waiting(user, now), *_plans_waiting(user)]


def _answers_waiting(user: User, now: datetime) -> list[Waiting]:
    """S11: a parent finds the question on the first page, not only in a notice."""
    if not user.has(Permission.CONSULTATION_ANSWER):
        return []
    running = consultations.consultations().filter(state=ConsultationState.OPEN, closes_at__gt=now)
    return [
        Waiting(
            _("请答复：%(title)s") % {"title": row.title},
            reverse("planning:family_consultation", args=[row.pk]),
            row.closes_at,
        )
        for row in running
        if any(line.answer is None for line in consultations.lines_of(user, row))
    ]


def _consultations_waiting(user: User, now: datetime) -> list[Waiting]:
    if not user.has(Permission.CONSULTATION_MANAGE):
        return []
    rows = consultations.consultations().exclude(state=ConsultationState.CLOSED)
    return [
        Waiting(
            _waiting_title(row.state, row.title),
            reverse("planning:consultation", args=[row.pk]),
            row.closes_at,
        )
        for row in rows
        if row.state == ConsultationState.DRAFT or row.closes_at <= now
    ]


def _waiting_title(state: str, title: str) -> str:
    if state == ConsultationState.DRAFT:
        return _("意愿征询还没有发出：%(title)s") % {"title": title}
    return _("意愿征询已到期，请结束并统计：%(title)s") % {"title": title}


def _plans_waiting(user: User) -> list[Waiting]:
    """Each state names who carries on, and with which words."""
    steps = {
        PlanState.DRAFT: (Permission.PLAN_DRAFT, _("请完成方案并交家委会表决：%(name)s")),
        PlanState.RESOLVED: (Permission.PLAN_REVIEW, _("请审核方案并报备：%(name)s")),
        PlanState.RETURNED: (Permission.PLAN_DRAFT, _("教育局退回了方案，请修改：%(name)s")),
        PlanState.ACCEPTED: (Permission.FEE_NOTICE_PUBLISH, _("教育局已受理，请公示收费：%(name)s")),
    }
    mine = [state for state, (permission, _words) in steps.items() if user.has(permission)]
    voting = committee.under_vote(Subject.PLAN) if mine else frozenset()
    return [
        Waiting(
            steps[PlanState(plan.state)][1] % {"name": plan.name}, reverse("planning:plan", args=[plan.pk])
        )
        for plan in Plan.objects.filter(state__in=mine).order_by("-term_code", "-version", "pk")
        if plan.pk not in voting
    ]
