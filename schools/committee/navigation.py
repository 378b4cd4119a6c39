"""Lines that this room adds to the side navigation of a school."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.ACT, _("家长委员会"), "committee:home", Permission.COMMITTEE_READ, "users-group"),
]
