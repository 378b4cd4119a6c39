"""Lines that the reports add to the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.ACT, _("学校上报"), "reports:reports", Permission.REPORTS_READ, "inbox"),
]
