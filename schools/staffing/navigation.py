"""Lines that this room adds to the side navigation of a school."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.ACT, _("服务人员"), "staffing:people", Permission.STAFFING_READ, "id-badge-2"),
]
