"""The line that the public pages add to the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.pages.navigation import Entry, Group

ENTRIES: Final = [Entry(Group.OPEN, _("公开信息"), "disclosure:home", None, "world")]
