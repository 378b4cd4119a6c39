"""Reads of care: sessions that a user may see, their rolls and people, and what planning asks by name."""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Count, Exists, F, Max, OuterRef, Prefetch, Q, QuerySet

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel import locks
from afterbell.kernel.dates import local_date
from schools.care.models import Duty, DutyRole, LateDeed, RollEntry, Session
from schools.care.states import CAME, UNDONE, RollState, SessionState
from schools.enrolment.models import ChosenActivity
from schools.planning.models import Activity, Plan
from schools.planning.states import PlanState
from schools.staffing.states import ContractState

WITH_ACTIVITY = ("activity__plan", "room")
HANDOVERS = ("handovers__collector", "handovers__keeper", "handovers__next_session__activity")
CHANGEABLE = (SessionState.PLANNED, SessionState.OPEN)


def last_seen(pupils: Collection[UUID], *, after: date) -> dict[UUID, date]:
    """The last day after this one on which the roll has each of them there, of those it has (settings.LAST_SEEN).

    In the transaction of who leaves: it waits for a gate that is just marking one of them, whose sessions are locked; a
    gate that comes after it is seen by the office (`left_and_there`).
    """
    chosen = ChosenActivity.objects.filter(application__pupil__in=list(pupils)).values("activity")
    sessions_then = Session.objects.filter(activity__in=chosen, date__gt=after)
    list(locks.lockable(sessions_then).values_list("pk"))
    there = RollEntry.objects.filter(pupil__in=list(pupils), state__in=CAME, session__date__gt=after)
    return dict(there.values_list("pupil").annotate(last=Max("session__date")).order_by("pupil"))


def seen_under(agreement: UUID, *, after: date) -> date | None:
    """The last day after this one on which the roll has the child there under the agreement (settings.SEEN_UNDER)."""
    there = RollEntry.objects.filter(agreement=agreement, state__in=CAME, session__date__gt=after)
    last: date | None = there.aggregate(last=Max("session__date"))["last"]
    return last


def lessons_begun(activities: Collection[UUID], *, now: datetime) -> list[bool]:
    """Of today's sessions of these activities that are not cancelled, whether each has begun, by the clock or by its roll
    (settings.LESSONS_BEGUN). A make-up day has sessions of another weekday's timetable."""
    rows = Session.objects.filter(activity__in=list(activities), date=local_date(now))
    standing = rows.exclude(state=SessionState.CANCELLED).values_list("starts_at", "opened_at")
    return [starts <= now or (opened is not None and opened <= now) for starts, opened in standing]


def left_and_there() -> QuerySet[RollEntry]:
    """Roll entries of children who were there after the day on which they had left, as the office has it."""
    return RollEntry.objects.filter(state__in=CAME, session__date__gt=F("pupil__left_date"))


# --- sessions ----------------------------------------------------------------------------------------------------


def mine(user: User) -> Q:
    """Sessions of one's own: on duty under a contract in force."""
    duties = Duty.objects.filter(
        session=OuterRef("pk"),
        clearance__contract__candidate__user=user,
        clearance__contract__state=ContractState.ACTIVE,
    )
    return Q(Exists(duties))


def my_sessions(user: User, day: date) -> list[Session]:
    """Today's sessions of one's own, with children counted by state, in the order of the day."""
    rows = sessions().filter(mine(user), date=day).exclude(state=SessionState.CANCELLED)
    return list(with_counts(rows).order_by("starts_at", "pk"))


def my_session(user: User, session_id: UUID) -> Session:
    """One's own session; raises Session.DoesNotExist for others'."""
    found: Session = sessions().filter(mine(user)).get(pk=session_id)
    return found


def session_for(user: User, session_id: UUID) -> Session:
    """For the desk: leaders and the office see all, care staff their own. Raises Session.DoesNotExist."""
    return with_counts(sessions_for(user)).get(pk=session_id)


def sessions_for(user: User) -> QuerySet[Session]:
    """Who makes the roster sees every session, everybody else the own ones."""
    found = sessions()
    return found if user.has(Permission.ROSTER_MANAGE) else found.filter(mine(user))


def session(session_id: UUID) -> Session:
    """For actions; raises Session.DoesNotExist."""
    found: Session = sessions().get(pk=session_id)
    return found


def sessions() -> QuerySet[Session]:
    """With activity, plan and room; not ordered."""
    found: QuerySet[Session] = Session.objects.select_related(*WITH_ACTIVITY)
    return found


def with_counts(found: QuerySet[Session]) -> QuerySet[Session]:
    """`on_roll`, `due`, `came`, `left`: counted in the database."""
    state = "roll__state"
    return found.annotate(
        on_roll=Count("roll"),
        due=Count("roll", filter=~Q(**{state: RollState.EXCUSED})),
        came=Count("roll", filter=Q(**{f"{state}__in": CAME})),
        still_there=Count("roll", filter=Q(**{state: RollState.PRESENT})),
        unseen=Count("roll", filter=Q(**{state: RollState.EXPECTED})),
    )


def with_teachers(found: QuerySet[Session]) -> QuerySet[Session]:
    """Duties with their people, prefetched."""
    people = Duty.objects.select_related("clearance__contract__candidate").order_by("role", "pk")
    return found.prefetch_related(Prefetch("duties", queryset=people))


def filtered(
    found: QuerySet[Session],
    *,
    first: date | None,
    last: date | None,
    state: str = "",
    unstaffed: bool = False,
) -> QuerySet[Session]:
    """The desk's list as the address asks for it."""
    if first:
        found = found.filter(date__gte=first)
    if last:
        found = found.filter(date__lte=last)
    if state == UNDONE:
        found = found.filter(state__in=CHANGEABLE)
    elif state:
        found = found.filter(state=state)
    return found.filter(needs_teacher()) if unstaffed else found


def needs_teacher() -> Q:
    """Planned or open and nobody responsible: after a dismissal, or never staffed (S19, S21)."""
    responsible = Duty.objects.filter(session=OuterRef("pk"), role=DutyRole.RESPONSIBLE)
    return Q(state__in=CHANGEABLE) & ~Q(Exists(responsible))


def strays(plan: Plan, first: date, days: Collection[date], *, unknown_months: bool) -> int:
    """Planned sessions on days without school; not asked while the calendar does not know all days."""
    if unknown_months:
        return 0
    rows = Session.objects.filter(activity__plan=plan, state=SessionState.PLANNED, date__gte=first)
    return int(rows.exclude(date__in=days).count())


def led_by(user: User) -> QuerySet[Session]:
    """Sessions whose record the user may mend: every one for the school's leaders, else those of the own duty as
    leader, under a contract in force. Not ordered."""
    if user.has(Permission.INCIDENTS_MANAGE):
        return sessions()
    duties = Duty.objects.filter(
        session=OuterRef("pk"),
        role=DutyRole.LEADER,
        clearance__contract__candidate__user=user,
        clearance__contract__state=ContractState.ACTIVE,
    )
    return sessions().filter(Exists(duties))


def late_sessions(day: date) -> QuerySet[Session]:
    """Sessions of past days that nobody closed or even opened: leaders mend them."""
    return sessions().filter(date__lt=day, state__in=CHANGEABLE)


def late_deeds(user: User) -> QuerySet[LateDeed]:
    """What phones sent on a later day, for sessions that the user leads. Not ordered."""
    rows = LateDeed.objects.select_related("operation__by", "session__activity", "pupil", "seen_by")
    if user.has(Permission.INCIDENTS_MANAGE):
        return rows
    return rows.filter(session__in=led_by(user))


def unseen_late(user: User) -> QuerySet[LateDeed]:
    """Those that no leader has looked at yet."""
    return late_deeds(user).filter(seen_at=None)


def plan_to_run() -> Plan | None:
    """The published plan with the latest beginning."""
    return Plan.objects.filter(state=PlanState.PUBLISHED).order_by("-first_date", "-pk").first()


# --- roll --------------------------------------------------------------------------------------------------------


def roll_of(session: Session) -> list[RollEntry]:
    """The children of a session by class and name, with who collected them. Two queries."""
    rows = (
        RollEntry.objects.filter(session=session)
        .select_related("pupil__school_class", "agreement")
        .defer("agreement__text")
        .prefetch_related(*HANDOVERS)
        .order_by("pupil__school_class__grade", "pupil__school_class__number", "pupil__name", "pk")
    )
    return list(rows)


def entry_of(session: Session, pupil_id: UUID) -> RollEntry:
    """Raises RollEntry.DoesNotExist."""
    found: RollEntry = (
        RollEntry.objects.select_related("pupil__school_class", "agreement")
        .defer("agreement__text")
        .prefetch_related(*HANDOVERS)
        .get(session=session, pupil_id=pupil_id)
    )
    return found


@dataclass(frozen=True)
class Counts:
    """应到 实到 未接 of the bar, and who was not called yet."""

    due: int
    came: int
    waiting: int
    unseen: int


def counted(entries: Iterable[RollEntry]) -> Counts:
    """From rows that the page has anyway."""
    states = Counter(entry.state for entry in entries)
    came = sum(states[state] for state in CAME)
    unseen = states[RollState.EXPECTED]
    return Counts(
        due=came + unseen + states[RollState.ABSENT],
        came=came,
        waiting=states[RollState.PRESENT],
        unseen=unseen,
    )


def activity(activity_id: UUID) -> Activity:
    """Raises Activity.DoesNotExist."""
    return Activity.objects.select_related("plan").get(pk=activity_id)
