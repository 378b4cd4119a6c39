"""What the timetable holds for each agreement: planned, held and cancelled class hours, days that a child missed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db.models import F

from afterbell.kernel.dates import Period, local_date
from schools.care.models import RollEntry, Session
from schools.care.states import RollState, SessionState
from schools.enrolment.models import Agreement, ChosenActivity
from schools.planning.models import Plan

AWAY = (RollState.ABSENT, RollState.EXCUSED)
CAME = (RollState.PRESENT, RollState.LEFT)


@dataclass(frozen=True, slots=True)
class Slot:
    """One session: its day, its class hours, how it stands."""

    day: date
    units: int
    state: str

    @property
    def is_cancelled(self) -> bool:
        return self.state == SessionState.CANCELLED

    def counts_as_held(self, today: date) -> bool:
        """Held and closed, or still to come: a past session that nobody closed was not held."""
        return self.state == SessionState.CLOSED or (not self.is_cancelled and self.day > today)


@dataclass(frozen=True)
class Timetable:
    """A plan's sessions and who chose them; sums are kept, because most families of a class choose alike."""

    slots: Mapping[UUID, list[Slot]]
    chosen: Mapping[UUID, frozenset[UUID]]
    _seen: dict[tuple[object, ...], list[Slot]] = field(default_factory=dict)

    def of(self, agreement: Agreement, period: Period, *, until: date | None = None) -> list[Slot]:
        """The sessions of an agreement's own days in the period; `until` looks past the day of an exit."""
        last = max(agreement.from_date, until or agreement.until_date)
        own = Period(agreement.from_date, last).overlap(period)
        activities = self.chosen.get(agreement.pk, frozenset())
        if own is None or not activities:
            return []
        key = (activities, own)
        if key not in self._seen:
            self._seen[key] = [
                slot for activity in activities for slot in self.slots.get(activity, ()) if slot.day in own
            ]
        return self._seen[key]

    def planned_units(self, agreement: Agreement, period: Period) -> int:
        """Class hours that are charged for: what was cancelled before the charge is not."""
        return sum(slot.units for slot in self.of(agreement, period) if not slot.is_cancelled)


def timetable(plan: Plan) -> Timetable:
    """Two queries, whatever the number of families."""
    slots: dict[UUID, list[Slot]] = defaultdict(list)
    rows = Session.objects.filter(activity__plan=plan).order_by("date", "pk")
    for activity, day, units, state in rows.values_list("activity_id", "date", "planned_units", "state"):
        slots[activity].append(Slot(day, units, state))
    chosen: dict[UUID, set[UUID]] = defaultdict(set)
    choices = ChosenActivity.objects.filter(application__agreement__plan=plan, holds_place=True)
    for agreement, activity in choices.values_list("application__agreement", "activity_id"):
        chosen[agreement].add(activity)
    return Timetable(slots, {agreement: frozenset(found) for agreement, found in chosen.items()})


def missed_days(agreements: Iterable[UUID]) -> dict[UUID, frozenset[date]]:
    """Days of closed sessions on which a child was away from all of them."""
    rows = RollEntry.objects.filter(
        agreement__in=list(agreements), session__state=SessionState.CLOSED, state__in=[*AWAY, *CAME]
    )
    seen: dict[UUID, dict[date, bool]] = defaultdict(dict)
    for agreement, day, state in rows.values_list("agreement_id", "session__date", "state"):
        came = seen[agreement].get(day, False) or state in CAME
        seen[agreement][day] = came
    return {
        agreement: frozenset(day for day, came in days.items() if not came)
        for agreement, days in seen.items()
    }


def attended_minutes(plan: Plan) -> dict[UUID, int]:
    """Whole minutes that each child was there in held sessions, at most each session's length."""
    rows = RollEntry.objects.filter(
        agreement__plan=plan, session__state=SessionState.CLOSED, arrived_at__isnull=False
    ).annotate(starts=F("session__starts_at"), ends=F("session__ends_at"))
    found: dict[UUID, int] = defaultdict(int)
    for agreement, arrived, left, starts, ends in rows.values_list(
        "agreement_id", "arrived_at", "left_at", "starts", "ends"
    ):
        spent = min(left or ends, ends) - max(arrived, starts)
        found[agreement] += max(0, int(spent.total_seconds()) // 60)
    return found


def exited_on(agreement: Agreement) -> date | None:
    """The day of a written exit; None while the agreement runs, or when it ran to its end."""
    if agreement.ended_at is None:
        return None
    day = local_date(agreement.ended_at)
    return day if day < agreement.plan.last_date else None
