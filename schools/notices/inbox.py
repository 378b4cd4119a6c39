"""Everything that a person has to read: notices that were sent, and news of the own children; one list."""

from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from afterbell.accounts.models import User
from schools.notices import news, queries


@dataclass(frozen=True)
class Item:
    """One line of the list."""

    title: str
    kind: str
    at: datetime
    pupil: str
    is_read: bool
    url: str


def of(user: User) -> list[Item]:
    """Unread first, then the newest. A fixed number of queries."""
    items = [*_sent(user), *(_told(own) for own in news.of(user))]
    newest = sorted(items, key=lambda item: (item.at, item.url), reverse=True)
    return sorted(newest, key=lambda item: item.is_read)


def unread_by(user: User) -> int:
    """How many wait to be read."""
    return queries.unread_by(user) + news.unread_by(user)


def _sent(user: User) -> list[Item]:
    rows = queries.deliveries_to(user).defer("notice__body").order_by("-sent_at", "-pk")
    return [
        Item(
            title=row.notice.title,
            kind=row.notice.get_kind_display(),
            at=row.sent_at,
            pupil=row.pupil.name if row.pupil else "",
            is_read=row.read_at is not None,
            url=reverse("notices:received", args=[row.pk]),
        )
        for row in rows
    ]


def _told(own: news.Own) -> Item:
    return Item(
        title=own.news.title,
        kind=own.news.kind,
        at=own.news.at,
        pupil=own.pupil,
        is_read=own.is_read,
        url=reverse("notices:news", args=own.news.key),
    )
