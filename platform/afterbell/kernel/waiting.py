"""What waits for somebody: one line of the list that a desk begins its day with."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils.functional import Promise

from afterbell.kernel.strings import dotted


@dataclass(frozen=True)
class Waiting:
    """Something to do: what, where, by when, and whose it is.

    Rooms give theirs by a function `waiting_for(user, now) -> list[Waiting]`, named in settings.WAITING.
    """

    title: str | Promise
    url: str
    due: datetime | None = None
    who: str | Promise = ""
    is_urgent: bool = False
    """An emergency: before everything else."""


def everything(user: object, now: datetime) -> list[Waiting]:
    """What waits for this user in all rooms, in order."""
    return in_order([item for name in settings.WAITING for item in dotted(name)(user, now)])


def in_order(waiting: list[Waiting]) -> list[Waiting]:
    """What is urgent, then the nearest deadline; what has none comes last."""
    dated = sorted((item for item in waiting if item.due), key=lambda item: (item.due, str(item.title)))
    found = [*dated, *(item for item in waiting if not item.due)]
    return sorted(found, key=lambda item: not item.is_urgent)
