"""Lines that the city's set-up adds to its side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.SETTINGS, _("开办进度"), "setup:start", Permission.CALENDAR_MANAGE, "list-check"),
    Entry(Group.SETTINGS, _("区县"), "setup:districts", Permission.SCHOOLS_READ, "map-2"),
    Entry(Group.SETTINGS, _("学期"), "setup:terms", Permission.CALENDAR_READ, "calendar-event"),
    Entry(Group.SETTINGS, _("校历"), "setup:calendar", Permission.CALENDAR_READ, "calendar"),
    Entry(Group.SETTINGS, _("政策档案"), "setup:policies", Permission.POLICIES_READ, "file-text"),
]
