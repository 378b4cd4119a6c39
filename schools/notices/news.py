"""What a family hears of its own: computed from what happened, for who may sign for the child now (S14, S36, S37).

Nothing is sent and nothing is stored but that somebody has read it: charging 2,000 families costs nothing more, no way
to a charge or a refund can forget to tell, and whoever loses the right to sign sees nothing from that moment on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Count, Exists, Expression, OuterRef, QuerySet, Value

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.strings import dotted
from schools.notices.models import Seen
from schools.people import queries as people
from schools.people.models import Tie


@dataclass(frozen=True)
class News:
    """One thing that happened about one child.

    Rooms give theirs by a function `news(pupils) -> list[News]`, named in settings.FAMILY_NEWS.
    """

    about: UUID
    what: str
    """With `about` the key of what was read: what moves again is news again."""
    at: datetime
    kind: str
    """Fee, refund, application: in words."""
    title: str
    pupil_id: UUID
    lines: Callable[[], list[str]]
    """Read when somebody opens it."""
    url: str
    link: str
    """Where there is more, and what stands on the button."""
    right: Permission
    """Opens the page behind the button; without it there is no such news."""

    @property
    def key(self) -> tuple[UUID, str]:
        return self.about, self.what


@dataclass(frozen=True)
class Own:
    """A piece of news as one person has it."""

    news: News
    pupil: str
    """The child's name."""
    is_read: bool


def of(user: User) -> list[Own]:
    """All of a person's, newest first. A fixed number of queries, one only for who signs for nobody."""
    names = dict(people.signed_for(user).values_list("pk", "name"))
    if not names:
        return []
    found = [each for name in settings.FAMILY_NEWS for each in dotted(name)(list(names))]
    read = set(Seen.objects.filter(user=user).values_list("about", "what"))
    own = [Own(each, names[each.pupil_id], each.key in read) for each in found if user.has(each.right)]
    return sorted(own, key=lambda each: (each.news.at, each.news.about, each.news.what), reverse=True)


def one_of(user: User, about: UUID, what: str) -> Own | None:
    """None for what is not there, not the person's own, or not so any more."""
    return next((each for each in of(user) if each.news.key == (about, what)), None)


def unread_by(user: User) -> int:
    """How many wait to be read."""
    return sum(1 for each in of(user) if not each.is_read)


class Reach(NamedTuple):
    """How many families something is told to, how many of them have somebody who can open it, and how many have."""

    families: int
    reachable: int
    read: int

    @property
    def nobody(self) -> int:
        """Families in which nobody who may sign has a login: they are to be told on paper."""
        return self.families - self.reachable

    def beside(self, other: "Reach") -> "Reach":
        """Of both, which tell other families."""
        return Reach(*(own + its for own, its in zip(self, other, strict=True)))


NOBODY = Reach(0, 0, 0)


def reach(rows: QuerySet[Any], *, pupil: str, what: Expression) -> Reach:
    """Of rows that something is told about: the way from a row to its child, and how it moved. One query."""
    of_all = grouped("told_all", rows.annotate(told_all=Value(1)), pupil=pupil, what=what)
    return reaches(of_all).get(1, NOBODY)


def grouped(group: str, rows: QuerySet[Any], *, pupil: str, what: Expression) -> QuerySet[Any, Any]:
    """By group the counts of a Reach, for `reaches`; those of other rows are joined by a union."""
    found: QuerySet[Any, Any] = rows.order_by().annotate(told_what=what).values(group)
    counted: QuerySet[Any, Any] = found.annotate(**_counted(pupil))
    return counted.values_list(group, "families", "reachable", "read")


def reaches(found: QuerySet[Any, Any]) -> dict[Any, Reach]:
    """By group; one that stands there twice tells other families. One query."""
    summed: dict[Any, Reach] = {}
    for group, *counts in found:
        summed[group] = summed.get(group, NOBODY).beside(Reach(*counts))
    return summed


def _counted(pupil: str) -> dict[str, Count]:
    """By the ties of the moment, as for whoever opens it."""
    signs = {"may_sign": True, "ended_at": None, "is_denied": False}
    told = Tie.objects.filter(pupil=OuterRef(pupil), guardian__user__is_active=True, **signs)
    readers = {f"user__guardian__ties__{name}": value for name, value in signs.items()}
    key = {"about": OuterRef("pk"), "what": OuterRef("told_what")}
    read = Seen.objects.filter(**key, **readers, user__guardian__ties__pupil=OuterRef(pupil))
    return {
        "families": Count("pk"),
        "reachable": Count("pk", filter=Exists(told)),
        "read": Count("pk", filter=Exists(read)),
    }
