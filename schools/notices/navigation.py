"""Lines that this room adds to the side navigation of a school."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.ACT, _("通知和告家长书"), "notices:desk", Permission.NOTICES_WRITE, "speakerphone"),
    Entry(Group.LOOK, _("我收到的通知"), "notices:mine", Permission.NOTICES_READ, "mail"),
    Entry(Group.OPEN, _("公开通知"), "notices:open_list", None, "news"),
]
