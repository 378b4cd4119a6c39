"""The line of the complaints' desk in the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.ACT, _("投诉办理"), "hearings:complaints", Permission.COMPLAINTS_HANDLE, "message-report"),
]
