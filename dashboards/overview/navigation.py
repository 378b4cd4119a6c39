"""The line of the overview dashboard in the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final = [Entry(Group.LOOK, _("全市总览"), "overview:home", Permission.OVERVIEW_READ, "dashboard")]
