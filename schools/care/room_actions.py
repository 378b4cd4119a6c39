"""Writes of rooms: registered, changed, taken out of use, and sessions that move to another one (S2, S34)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.accounts.models import User
from afterbell.audit.actions import record
from afterbell.kernel import locks
from afterbell.kernel.errors import Refused
from schools.care import refusals, room_queries, telling
from schools.care.models import Condition, Room, Session
from schools.care.roll import day_of
from schools.care.states import SessionState
from schools.planning.models import Activity
from tenants.exchange import names


class RoomUnfit(Refused):
    """S2: a session takes place in a registered room of the school that is in use."""

    code = "care.room_unfit"
    message = gettext_lazy("活动“%(title)s”的场地没有登记或已停用，请先处理场地。")


class RoomKnown(Refused):
    """Two rooms of one name."""

    code = "care.room_known"
    message = gettext_lazy("已经有名为“%(name)s”的场地。")


class RoomInUse(Refused):
    """Sessions are planned there: families and teachers would stand before a locked door."""

    code = "care.room_in_use"
    message = gettext_lazy(
        "还有 %(n)s 次服务排在这里（%(first)s 至 %(last)s）。请先把它们改到别的场地，再停用。"
    )


class RoomTooSmall(Refused):
    """S2: more children than the room holds."""

    code = "care.room_too_small"
    message = gettext_lazy("“%(room)s”容纳 %(places)s 人，活动“%(title)s”最多 %(capacity)s 人，放不下。")


class RoomTaken(Refused):
    """Two sessions in one room at one time."""

    code = "care.room_taken"
    message = gettext_lazy("“%(room)s”在 %(date)s 这个时间已经排了“%(title)s”，没有改。")


class RoomsMoved(Refused):
    """Somebody moved, opened or cancelled one of these sessions meanwhile."""

    code = "care.rooms_moved"
    message = gettext_lazy("刚才有人改了其中的服务（共 %(n)s 次），没有执行。请刷新后再看。")


class NothingToMove(Refused):
    """No planned session is left to move, or all are there already."""

    code = "care.nothing_to_move"
    message = gettext_lazy("没有要改的服务：它们已经在这个场地，或者已经开展、取消、过去。")


def keep_room(
    *, room: Room | None, name: str, places: int, condition: Condition, by: User, now: datetime
) -> Room:
    """Register a room, or change one. Raises RoomKnown, RoomInUse, RoomTooSmall."""
    with transaction.atomic():
        kept = locks.locked(room) if room else Room()
        if room:
            _refuse_unusable(kept, places=places, condition=condition, now=now)
        kept.name, kept.places, kept.condition = name.strip(), places, condition
        try:
            with transaction.atomic():
                kept.save(force_insert=room is None, force_update=room is not None)
        except IntegrityError as error:
            raise RoomKnown(name=name) from error
        details = {"places": places, "condition": condition.value}
        record(verb="care.room.keep", target=kept, by=by, at=now, details=details)
    if room:
        locks.follow(room, kept)
    return kept


def move_sessions(*, sessions: Iterable[Session], to: Room, reason: str, by: User, now: datetime) -> int:
    """These planned sessions take place in another room; all or none. Gives how many adults were told.

    Families with a place and who is on duty are told once an activity, with its days. Moved back the same way. Where
    children are on their way there it is done all the same, because a room that floods can't wait, and who sent them
    hears of it at once. Raises NoReason, NamesAChild, RoomUnfit, RoomTooSmall, RoomTaken, RoomsMoved, NothingToMove.
    """
    said = " ".join(reason.split())[:200]
    if not said:
        raise refusals.NoReason
    names.refuse_children([said])
    before = {row.pk: row.room_id for row in sessions}
    with transaction.atomic():
        rooms = {row.pk: row for row in locks.locked_rows(Room, {to.pk, *before.values()})}
        held = locks.locked_rows(Session, before, also=("activity__plan",))
        rows = sorted(held, key=lambda row: (row.activity_id, row.date))
        _refuse_moved(rows, before, now)
        target = rooms[to.pk]
        moving = [row for row in rows if row.room_id != target.pk]
        if not moving:
            raise NothingToMove
        refuse_unfit(target, moving)
        Session.objects.filter(pk__in=[row.pk for row in moving]).update(room=target)
        for row in moving:
            row.room = target
        told = 0
        for _activity, each in groupby(moving, key=lambda row: row.activity_id):
            told += _tell(list(each), target, said, by=by, now=now)
        telling.under_way(moving, by=by, now=now)
        details = {"sessions": [row.pk for row in moving], "told": told}
        record(verb="care.sessions.move_room", target=target, by=by, at=now, details=details)
    return told


def fit_for(activities: Sequence[Activity]) -> dict[UUID, UUID]:
    """The room for new sessions of each activity: the plan's; when that is out of use, where its last ones were moved to.

    The rooms are locked: none falls out of use while sessions are made for it. Raises RoomUnfit.
    """
    last = {
        activity.pk: room
        for activity in activities
        if (room := room_queries.last_room_of(activity)) is not None
    }
    wanted = {activity.room_id for activity in activities} | set(last.values())
    fit = {row.pk for row in locks.locked_rows(Room, wanted) if row.condition != Condition.CLOSED}
    found: dict[UUID, UUID] = {}
    for activity in activities:
        room = activity.room_id if activity.room_id in fit else last.get(activity.pk)
        if room is None or room not in fit:
            raise RoomUnfit(title=activity.title)
        found[activity.pk] = room
    return found


def refuse_unfit(target: Room, moving: list[Session]) -> None:
    """These sessions, in this room, under its lock. Raises RoomUnfit, RoomTooSmall, RoomTaken."""
    for row in moving:
        if target.condition == Condition.CLOSED:
            raise RoomUnfit(title=row.activity.title)
        if row.activity.capacity > target.places:
            raise RoomTooSmall(
                room=target.name,
                places=target.places,
                title=row.activity.title,
                capacity=row.activity.capacity,
            )
    other = room_queries.in_the_way(target, moving)
    if other is not None:
        raise RoomTaken(room=target.name, date=other.date, title=other.activity.title)


def _refuse_unusable(room: Room, *, places: int, condition: Condition, now: datetime) -> None:
    """Under the room's lock: whoever puts a session there waits."""
    planned = room_queries.planned_in(room, day_of(now)).order_by("date", "pk")
    if condition == Condition.CLOSED:
        days = list(planned.values_list("date", flat=True))
        if days:
            raise RoomInUse(n=len(days), first=days[0], last=days[-1])
    if places < room.places:
        largest = planned.order_by("-activity__capacity", "pk").first()
        if largest is not None and largest.activity.capacity > places:
            raise RoomTooSmall(
                room=room.name,
                places=places,
                title=largest.activity.title,
                capacity=largest.activity.capacity,
            )


def _refuse_moved(rows: list[Session], before: dict[UUID, UUID], now: datetime) -> None:
    """What was on the page must still be so."""
    today = day_of(now)
    changed = (
        len(before)
        - len(rows)
        + sum(
            row.room_id != before[row.pk] or row.state != SessionState.PLANNED or row.date < today
            for row in rows
        )
    )
    if changed:
        raise RoomsMoved(n=changed)


def _tell(rows: list[Session], target: Room, reason: str, *, by: User, now: datetime) -> int:
    """One activity's sessions, in the order of their days."""
    days = telling.days([f"{row.date:%Y-%m-%d}" for row in rows])
    said = {"title": rows[0].activity.title, "room": target.name, "days": days, "reason": reason}
    return telling.concerned(
        rows,
        title=_("“%(title)s”换到%(room)s") % said,
        body=_("“%(title)s”改在“%(room)s”进行：%(days)s。时间不变。原因：%(reason)s。") % said,
        by=by,
        now=now,
    )
