"""The line of the school's view of itself in the school's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final = [
    Entry(Group.LOOK, _("市级看到的本校"), "own:overview", Permission.SCHOOL_OVERVIEW_READ, "eye")
]
