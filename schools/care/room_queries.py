"""Reads of rooms: which are in use, what is planned in them, and which are free."""

from collections.abc import Collection
from datetime import date
from itertools import combinations
from uuid import UUID

from django.db.models import QuerySet

from schools.care import queries
from schools.care.models import Condition, Room, Session
from schools.care.states import SessionState
from schools.planning.models import Activity


def rooms_in_use() -> list[tuple[UUID, str, int]]:
    """Rooms that a plan may use: key, name, places (settings.PLAN_ROOMS)."""
    rows = Room.objects.exclude(condition=Condition.CLOSED).order_by("name", "pk")
    return list(rows.values_list("pk", "name", "places"))


def rooms() -> QuerySet[Room]:
    """All rooms; not ordered."""
    found: QuerySet[Room] = Room.objects.all()
    return found


def room(room_id: UUID) -> Room:
    """Raises Room.DoesNotExist."""
    found: Room = Room.objects.get(pk=room_id)
    return found


def planned_in(room: Room, first: date) -> QuerySet[Session]:
    """Planned sessions in a room from a day on, with their activities; not ordered."""
    return queries.sessions().filter(room=room, date__gte=first, state=SessionState.PLANNED)


def last_room_of(activity: Activity) -> UUID | None:
    """Where the last session of an activity takes place; None while it has none."""
    rows = Session.objects.filter(activity=activity).order_by("-date")
    return rows.values_list("room", flat=True).first()


def in_the_way(room: Room, moving: Collection[Session]) -> Session | None:
    """The first session that has the room while one of these would; one query. Those that move together count too."""
    days = {row.date for row in moving}
    ours = {row.pk for row in moving}
    there = [
        *queries.sessions()
        .filter(room=room, date__in=days)
        .exclude(pk__in=ours)
        .exclude(state=SessionState.CANCELLED),
        *moving,
    ]
    by_day: dict[date, list[Session]] = {}
    for row in sorted(there, key=lambda row: (row.date, row.starts_at, row.pk)):
        by_day.setdefault(row.date, []).append(row)
    for rows in by_day.values():
        for one, other in combinations(rows, 2):
            if one.ends_at > other.starts_at and not {one.pk, other.pk}.isdisjoint(ours):
                return one if other.pk in ours else other
    return None


def rooms_for(sessions_: Collection[Session], *, but: Room | None = None) -> QuerySet[Room]:
    """Rooms in use that hold the largest of these activities; by name."""
    most = max((row.activity.capacity for row in sessions_), default=1)
    rows = Room.objects.exclude(condition=Condition.CLOSED).filter(places__gte=most).order_by("name", "pk")
    return rows.exclude(pk=but.pk) if but else rows
