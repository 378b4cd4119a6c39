"""The line of the dashboard of fees and costs in the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final = [Entry(Group.LOOK, _("收费与成本"), "fees:home", Permission.FEES_READ, "coin-yuan")]
