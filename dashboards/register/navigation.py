"""Lines that the register adds to the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final = [
    Entry(Group.SETTINGS, _("学校名录"), "register:schools", Permission.SCHOOLS_READ, "building-community")
]
