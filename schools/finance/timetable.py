"""What the timetable holds for each agreement: planned, held and cancelled class hours, days that a child missed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, Protocol
from uuid import UUID

from afterbell.kernel.dates import ONE_DAY, Period
from schools.care.models import RollEntry, Session
from schools.care.states import CAME, RollState, SessionState
from schools.enrolment.models import ChosenActivity
from schools.enrolment.states import AgreementState
from schools.planning.models import Plan

AWAY = (RollState.ABSENT, RollState.EXCUSED)


@dataclass(frozen=True, slots=True)
class Slot:
    """One session: its day, its class hours, how it stands, and when it was made; None: before that was kept.

    `off`: it was cancelled from the first moment on until the second, when it was restored.
    """

    day: date
    units: int
    state: str
    made_at: datetime | None = None
    off: tuple[datetime, datetime] | None = None

    @property
    def is_cancelled(self) -> bool:
        return self.state == SessionState.CANCELLED

    def stood_at(self, moment: datetime | None) -> bool:
        """Made by then, and not cancelled then and restored since."""
        if moment is None:
            return True
        was_off = self.off is not None and self.off[0] <= moment < self.off[1]
        return not was_off and (self.made_at is None or self.made_at <= moment)

    def counts_as_held(self, today: date) -> bool:
        """Held and closed, or still to come: a past session that nobody closed was not held."""
        return self.state == SessionState.CLOSED or (not self.is_cancelled and self.day > today)


class Enrolled(Protocol):
    """An agreement, or as much of it as a sum needs."""

    @property
    def pk(self) -> UUID: ...
    @property
    def from_date(self) -> date: ...
    @property
    def until_date(self) -> date: ...


class Ended(Protocol):
    """As much of an agreement as its exit needs."""

    @property
    def state(self) -> str: ...
    @property
    def from_date(self) -> date: ...
    @property
    def until_date(self) -> date: ...


class Place(NamedTuple):
    """A child's place in an activity: its first day, and when it was given."""

    first: date
    at: datetime

    def within(self, days: Period) -> Period | None:
        """Of an agreement's own days those from its first one on."""
        if self.first <= days.first:
            return days
        return Period(self.first, days.last) if self.first <= days.last else None

    def was_given_by(self, moment: datetime | None) -> bool:
        return moment is None or self.at <= moment


class Hours(NamedTuple):
    """Class hours of a stretch of days."""

    planned: int
    """Cancelled ones too."""
    held: int
    """Held and closed, or still to come."""
    cancelled: int


@dataclass(frozen=True)
class Timetable:
    """A plan's sessions and who has a place in them; sums are kept by days and activity: thousands have the same few.

    `charged_at` asks for the sessions that had been made and the places that had been given by then: a fee by the class hour
    was for those lessons. What came later is added to the charge by the period's next run (not_charged_after).
    """

    slots: Mapping[UUID, list[Slot]]
    places: Mapping[UUID, Mapping[UUID, Place]]
    """By agreement and activity."""
    _sums: dict[tuple[Period, date, datetime | None], dict[UUID, Hours]] = field(default_factory=dict)

    def of(
        self,
        agreement: Enrolled,
        period: Period,
        *,
        until: date | None = None,
        charged_at: datetime | None = None,
    ) -> list[Slot]:
        """The sessions of an agreement's own days in the period; `until` looks past the day of an exit."""
        return [
            slot for _activity, slot in self.lessons(agreement, period, until=until, charged_at=charged_at)
        ]

    def lessons(
        self,
        agreement: Enrolled,
        period: Period,
        *,
        until: date | None = None,
        charged_at: datetime | None = None,
    ) -> list[tuple[UUID, Slot]]:
        """The same with the activity of each."""
        own = _own_days(agreement, period, until)
        if own is None:
            return []
        return [
            (activity, slot)
            for activity, place in self.places.get(agreement.pk, {}).items()
            if place.was_given_by(charged_at) and (days := place.within(own)) is not None
            for slot in self.slots.get(activity, ())
            if slot.day in days and slot.stood_at(charged_at)
        ]

    def activities(self, agreement: UUID, charged_at: datetime) -> frozenset[UUID] | None:
        """In which an agreement of the plan had a place by then; None for one of another plan."""
        places = self.places.get(agreement)
        if places is None:
            return None
        return frozenset(activity for activity, place in places.items() if place.was_given_by(charged_at))

    def hours(
        self, agreement: Enrolled, period: Period, today: date, *, charged_at: datetime | None = None
    ) -> Hours:
        """Class hours of an agreement in the period, as things stand today."""
        own = _own_days(agreement, period)
        if own is None:
            return Hours(0, 0, 0)
        planned = held = cancelled = 0
        for activity, place in self.places.get(agreement.pk, {}).items():
            days = place.within(own)
            if days is None or not place.was_given_by(charged_at):
                continue
            sums = self._sums.setdefault((days, today, charged_at), {})
            part = sums.get(activity)
            if part is None:
                part = sums[activity] = _hours(self.slots.get(activity, ()), days, today, charged_at)
            planned, held, cancelled = planned + part.planned, held + part.held, cancelled + part.cancelled
        return Hours(planned, held, cancelled)


def _hours(slots: Iterable[Slot], days: Period, today: date, charged_at: datetime | None) -> Hours:
    own = [slot for slot in slots if slot.day in days and slot.stood_at(charged_at)]
    return Hours(
        planned=sum(slot.units for slot in own),
        held=sum(slot.units for slot in own if slot.counts_as_held(today)),
        cancelled=sum(slot.units for slot in own if slot.is_cancelled),
    )


def _own_days(agreement: Enrolled, period: Period, until: date | None = None) -> Period | None:
    last = max(agreement.from_date, until or agreement.until_date)
    return Period(agreement.from_date, last).overlap(period)


def timetable(plan: Plan) -> Timetable:
    """Two queries, whatever the number of families."""
    slots: dict[UUID, list[Slot]] = defaultdict(list)
    rows = Session.objects.filter(activity__plan=plan).order_by("date", "pk")
    kept = ("activity_id", "date", "planned_units", "state", "made_at", "cancelled_at", "restored_at")
    for activity, day, units, state, made_at, off_from, off_until in rows.values_list(*kept):
        off = (off_from, off_until) if off_from and off_until else None
        slots[activity].append(Slot(day, units, state, made_at, off))
    places: dict[UUID, dict[UUID, Place]] = defaultdict(dict)
    given = ChosenActivity.objects.filter(application__agreement__plan=plan)  # ended ones too
    for agreement, activity, first, at in given.values_list(
        "application__agreement", "activity_id", "placed_from", "placed_at"
    ):
        if first is not None and at is not None:
            places[agreement][activity] = Place(first, at)
    return Timetable(slots, places)


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


def exited_on(agreement: Ended, plan: Plan) -> date | None:
    """The last day of an agreement that a written exit ended, whenever the exit was recorded.

    None while it runs, or when it ran to the plan's end.
    """
    if agreement.state == AgreementState.ACTIVE:
        return None
    last = last_day(agreement)
    return last if last < plan.last_date else None


def last_day(agreement: Ended) -> date:
    """Of an agreement that has ended: the day of the deed, not of its record. One that is void never began."""
    is_void = agreement.state == AgreementState.VOID
    return agreement.from_date - ONE_DAY if is_void else agreement.until_date
