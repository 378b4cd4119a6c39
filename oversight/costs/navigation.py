"""Lines that the price bureau's desk adds to the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.PRICE, _("成本总览"), "costs:home", Permission.COSTS_READ, "coins"),
    Entry(Group.PRICE, _("成本汇总"), "costs:summary", Permission.COSTS_READ, "report-money"),
]
