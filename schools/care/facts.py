"""What the city may know of days of care: counts by day, asked for the days that changed."""

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any, Final

from django.db.models import Count, DurationField, ExpressionWrapper, F, Q, Sum
from django.db.models.functions import Greatest, Least

from schools.care.models import Duty, DutyRole, Handover, Incident, RollEntry, Session
from schools.care.states import RollState, SessionState
from schools.staffing.models import Check

SESSION_COUNTS: Final = ("sessions_planned", "sessions_held", "sessions_cancelled", "class_hours")
CAME = (RollState.PRESENT, RollState.LEFT)
DayCounts = dict[str, int]


def of_days(days: Collection[date], *, required_checks: Collection[str]) -> dict[date, DayCounts]:
    """Counts of each of these days that has a session. Class hours, attendance and minutes of held sessions only."""
    counts: dict[date, DayCounts] = {day: dict(row) for day, row in _sessions(days).items()}
    for part in (_attendance(days), _handovers(days), _incidents(days), _staff(days, required_checks)):
        for day, row in part.items():
            if day in counts:
                counts[day].update(row)
    return counts


def days_with_sessions() -> list[date]:
    """Every day that has a fact, for the full pass."""
    return list(Session.objects.order_by("date").values_list("date", flat=True).distinct())


def _sessions(days: Collection[date]) -> dict[date, DayCounts]:
    held = Q(state=SessionState.CLOSED)
    rows = (
        Session.objects.filter(date__in=days)
        .values("date")
        .annotate(
            sessions_planned=Count("pk", filter=~Q(state=SessionState.CANCELLED)),
            sessions_held=Count("pk", filter=held),
            sessions_cancelled=Count("pk", filter=Q(state=SessionState.CANCELLED)),
            class_hours=Sum("planned_units", filter=held, default=0),
        )
    )
    nothing = dict.fromkeys(
        (
            "expected",
            "present",
            "excused",
            "handed_over",
            "pupil_minutes",
            "staff",
            "duties_without_clearance",
            "incidents",
        ),
        0,
    )
    return {row["date"]: nothing | {name: row[name] for name in SESSION_COUNTS} for row in rows}


def _attendance(days: Collection[date]) -> dict[date, DayCounts]:
    """Minutes run from the session's start to the handover, or to its end; whole minutes, a child at a time."""
    stayed = ExpressionWrapper(
        Least(F("left_at"), F("session__ends_at")) - F("session__starts_at"), output_field=DurationField()
    )
    rows = RollEntry.objects.filter(session__date__in=days, session__state=SessionState.CLOSED).values(
        "session__date"
    )
    counts = {
        row["session__date"]: {
            "expected": row["all_expected"],
            "present": row["came"],
            "excused": row["all_excused"],
            "pupil_minutes": 0,
        }
        for row in rows.annotate(
            all_expected=Count("pk", filter=~Q(state=RollState.EXCUSED)),
            came=Count("pk", filter=Q(state__in=CAME)),
            all_excused=Count("pk", filter=Q(state=RollState.EXCUSED)),
        )
    }
    spans = (
        rows.filter(state__in=CAME)
        .annotate(
            stayed=Greatest(
                stayed, ExpressionWrapper(F("session__starts_at") - F("session__starts_at"), DurationField())
            )
        )
        .values_list("session__date", "stayed")
        .annotate(children=Count("pk"))
    )
    for day, span, children in spans:
        counts[day]["pupil_minutes"] += int(span.total_seconds()) // 60 * children
    return counts


def _handovers(days: Collection[date]) -> dict[date, DayCounts]:
    rows = (
        Handover.objects.filter(
            entry__session__date__in=days, entry__session__state=SessionState.CLOSED, undone_at__isnull=True
        )
        .values("entry__session__date")
        .annotate(children=Count("pk"))
    )
    return {row["entry__session__date"]: {"handed_over": row["children"]} for row in rows}


def _incidents(days: Collection[date]) -> dict[date, DayCounts]:
    rows = Incident.objects.filter(session__date__in=days).values("session__date").annotate(count=Count("pk"))
    return {row["session__date"]: {"incidents": row["count"]} for row in rows}


def _staff(days: Collection[date], required_checks: Collection[str]) -> dict[date, DayCounts]:
    """People on duty, and duties of people who lacked a required check on that day (the latest of each kind counts)."""
    duties = (
        Duty.objects.filter(date__in=days, role=DutyRole.RESPONSIBLE, session__state=SessionState.CLOSED)
        .values_list("date", "clearance__contract__candidate_id")
        .annotate(sessions=Count("pk"))
    )
    people: dict[date, set[object]] = defaultdict(set)
    unchecked: dict[date, int] = defaultdict(int)
    checks = _checks({person for _day, person, _sessions in duties}, required_checks)
    for day, person, sessions in duties:
        people[day].add(person)
        if not all(_holds(checks.get((person, kind), ()), day) for kind in required_checks):
            unchecked[day] += sessions
    return {
        day: {"staff": len(found), "duties_without_clearance": unchecked[day]}
        for day, found in people.items()
    }


def _checks(people: Collection[Any], kinds: Collection[str]) -> dict[tuple[object, str], list[Check]]:
    found: dict[tuple[object, str], list[Check]] = defaultdict(list)
    for check in Check.objects.filter(candidate__in=people, kind__in=kinds).order_by(
        "checked_date", "recorded_at", "pk"
    ):
        found[check.candidate_id, check.kind].append(check)
    return found


def _holds(checks: Collection[Check], day: date) -> bool:
    known = [check for check in checks if check.checked_date <= day]
    return bool(known) and known[-1].passed and known[-1].expires_date >= day
