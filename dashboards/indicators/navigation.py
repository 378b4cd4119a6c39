"""The line that the catalogue adds to the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final = [
    Entry(Group.LOOK, _("指标说明"), "indicators:catalogue", Permission.FEES_READ, "list-details")
]
