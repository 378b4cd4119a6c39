"""Lines that this room adds to the side navigation of a school."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.LOOK, _("账目"), "finance:overview", Permission.BOOKS_READ, "report-money"),
    Entry(Group.LOOK, _("我家费用"), "finance:bills", Permission.OWN_BILLS_READ, "receipt"),
    Entry(Group.OPEN, _("公开账目"), "finance:open_accounts", None, "file-certificate"),
]
