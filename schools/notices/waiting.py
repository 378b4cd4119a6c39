"""What waits to be read, as one line of the list that a day begins with (settings.WAITING)."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.waiting import Waiting
from schools.notices import inbox, queries

MOST_URGENT = 5


def waiting_for(user: User, now: datetime) -> list[Waiting]:  # noqa: ARG001  (what settings.WAITING calls)
    """Each emergency by its name, and how many notices are unread; nothing when all are read."""
    if not user.has(Permission.NOTICES_READ):
        return []
    unread = inbox.unread_by(user)
    if not unread:
        return []  # what is urgent is among them: most people's home page asks no more
    urgent = [
        Waiting(
            _("【紧急】%(title)s") % {"title": row.notice.title},
            reverse("notices:received", args=[row.pk]),
            is_urgent=True,
        )
        for row in queries.urgent_to(user)[:MOST_URGENT]
    ]
    said = _("%(n)s 份通知未读") % {"n": unread}
    return [*urgent, Waiting(said, reverse("notices:mine"))]
