"""What waits for somebody: one line of the list that a desk begins its day with."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise


@dataclass(frozen=True)
class Waiting:
    """Something to do: what, where, by when, and whose it is.

    Rooms give theirs by a function `waiting_for(user, now) -> list[Waiting]`, named in settings.WAITING.
    """

    title: str | Promise
    url: str
    due: datetime | None = None
    who: str | Promise = ""


def in_order(waiting: list[Waiting]) -> list[Waiting]:
    """The nearest deadline first; what has none comes last."""
    dated = sorted((item for item in waiting if item.due), key=lambda item: (item.due, str(item.title)))
    return [*dated, *(item for item in waiting if not item.due)]
