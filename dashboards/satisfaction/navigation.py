"""The line of the satisfaction dashboard in the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final = [
    Entry(Group.LOOK, _("满意度"), "satisfaction:home", Permission.SATISFACTION_READ, "mood-smile")
]
