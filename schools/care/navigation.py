"""Lines that this room adds to the side navigation of a school."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.ACT, _("点名和交接"), "care:today", Permission.SESSIONS_HOLD, "checklist"),
    Entry(Group.ACT, _("服务场次"), "care:sessions", Permission.SESSIONS_READ, "calendar-event"),
    Entry(Group.ACT, _("值班表"), "care:duties", Permission.ROSTER_READ, "calendar-user"),
    Entry(Group.ACT, _("警报"), "care:alarms", Permission.INCIDENTS_REPORT, "bell-ringing"),
    Entry(Group.ACT, _("突发情况"), "care:incidents", Permission.INCIDENTS_REPORT, "ambulance"),
    Entry(Group.SETTINGS, _("场地"), "care:rooms", Permission.ROOMS_MANAGE, "door"),
]
