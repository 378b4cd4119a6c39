"""Reads of duties: who is on which session, who is free for it, and who may swap."""

from datetime import date, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from schools.care import queries
from schools.care.models import Duty, DutyRole, Session
from schools.care.states import SessionState
from schools.planning.models import Activity
from schools.staffing.models import Clearance
from schools.staffing.states import ContractState

SWAPS = timedelta(days=28)
MOST_SWAPS = 200


def duties_between(first: date, last: date) -> QuerySet[Session]:
    """Sessions of some days with their people, for the week's table."""
    found = queries.sessions().filter(date__range=(first, last)).exclude(state=SessionState.CANCELLED)
    return queries.with_teachers(found).order_by("date", "starts_at", "activity__title", "pk")


def duty_for(duty_id: UUID) -> Duty:
    """Raises Duty.DoesNotExist."""
    found: Duty = Duty.objects.select_related("session__activity", "clearance__contract__candidate").get(
        pk=duty_id
    )
    return found


def without_duty(activity: Activity, role: str, *, first_date: date) -> list[Session]:
    """Planned sessions of an activity with nobody in this role."""
    there = Duty.objects.filter(session=OuterRef("pk"), role=role)
    rows = queries.sessions().filter(activity=activity, date__gte=first_date, state=SessionState.PLANNED)
    return list(rows.filter(~Q(Exists(there))).order_by("date", "pk"))


def days_of_series(activity: Activity, *, first_date: date) -> list[date]:
    """On which a whole series may still put somebody, as a teacher or as a leader, in their order. Two queries."""
    found = (without_duty(activity, role, first_date=first_date) for role in DutyRole.values)
    return sorted({session.date for sessions in found for session in sessions})


def overlapping(session: Session, *, candidate_id: UUID) -> Session | None:
    """Another session of the person as responsible teacher at the same time."""
    duties = Duty.objects.filter(
        session=OuterRef("pk"), role=DutyRole.RESPONSIBLE, clearance__contract__candidate=candidate_id
    )
    rows = queries.sessions().filter(
        Q(Exists(duties)), date=session.date, starts_at__lt=session.ends_at, ends_at__gt=session.starts_at
    )
    return (
        rows.exclude(pk=session.pk).exclude(state=SessionState.CANCELLED).order_by("starts_at", "pk").first()
    )


def may_stand_in(session: Session, role: str = DutyRole.RESPONSIBLE) -> list[Clearance]:
    """Who is cleared on the day, not in this session and, as a teacher, free at the time; by name. One query."""
    cleared = Clearance.objects.select_related("contract__candidate").filter(
        contract__state=ContractState.ACTIVE, from_date__lte=session.date, until_date__gte=session.date
    )
    here = Duty.objects.filter(session=session).values("clearance")
    free = cleared.exclude(pk__in=here)
    if role == DutyRole.RESPONSIBLE:
        busy = Duty.objects.filter(
            role=DutyRole.RESPONSIBLE,
            session__date=session.date,
            session__starts_at__lt=session.ends_at,
            session__ends_at__gt=session.starts_at,
        ).exclude(session__state=SessionState.CANCELLED)
        free = free.exclude(pk__in=busy.values("clearance"))
    return list(free.order_by("contract__candidate__name", "pk"))


def duties_of(session: Session) -> list[Duty]:
    """Who is on a session, the teacher after the leader."""
    rows = Duty.objects.filter(session=session).select_related("clearance__contract__candidate")
    return list(rows.order_by("role", "pk"))


def may_swap_with(duty: Duty, *, today: date) -> list[Duty]:
    """Duties of other people in the same role within four weeks."""
    rows = (
        Duty.objects.select_related("session__activity", "clearance__contract__candidate")
        .filter(role=duty.role, date__range=(today, today + SWAPS), session__state=SessionState.PLANNED)
        .exclude(clearance=duty.clearance_id)
    )
    return list(rows.order_by("session__starts_at", "pk")[:MOST_SWAPS])
