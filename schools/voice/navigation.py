"""Lines that this room adds to the side navigation of a school."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.LOOK, _("满意度评价"), "voice:surveys", Permission.SURVEYS_READ, "star"),
    Entry(Group.LOOK, _("续聘参考"), "voice:renewals", Permission.SURVEYS_READ, "user-star"),
    Entry(Group.ACT, _("投诉处理"), "voice:complaints", Permission.COMPLAINTS_READ, "message-report"),
    Entry(Group.ACT, _("评价服务人员"), "voice:invitations", Permission.SURVEYS_ANSWER, "star"),
    Entry(Group.ACT, _("我的投诉"), "voice:own_complaints", Permission.COMPLAINTS_MAKE, "message-report"),
]
