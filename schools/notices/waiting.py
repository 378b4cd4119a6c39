"""What waits to be read, as one line of the list that a day begins with (settings.WAITING)."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.waiting import Waiting
from schools.notices import inbox


def waiting_for(user: User, now: datetime) -> list[Waiting]:  # noqa: ARG001  (what settings.WAITING calls)
    """How many notices are unread; nothing when all are read."""
    unread = inbox.unread_by(user) if user.has(Permission.NOTICES_READ) else 0
    return [Waiting(_("%(n)s 份通知未读") % {"n": unread}, reverse("notices:mine"))] if unread else []
