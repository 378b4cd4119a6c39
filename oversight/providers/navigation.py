"""Lines that the register of providers adds to the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.ACT, _("合作机构"), "providers:providers", Permission.PROVIDERS_APPROVE, "building"),
]
