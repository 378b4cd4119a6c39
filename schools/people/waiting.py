"""Questions about adults of a child that wait for a guardian (settings.WAITING)."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.waiting import Waiting
from schools.people import queries


def waiting_for(user: User, now: datetime) -> list[Waiting]:  # noqa: ARG001  (what settings.WAITING calls)
    """One query for guardians, none for others."""
    if not user.has(Permission.CHILD_MANAGE):
        return []
    said = _("请确认：%(adult)s 能不能登记为 %(pupil)s 的家长或接送人")
    return [
        Waiting(
            said % {"adult": row.name, "pupil": row.pupil.name}, reverse("people:question", args=[row.pk])
        )
        for row in queries.open_questions(user).order_by("at", "pk")
    ]
