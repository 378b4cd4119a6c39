"""Lines that the audit administrator's desk adds to the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.SETTINGS, _("审计记录"), "trail:entries", Permission.AUDIT_READ, "list-details"),
    Entry(Group.SETTINGS, _("审计链"), "trail:chains", Permission.AUDIT_READ, "list-check"),
]
