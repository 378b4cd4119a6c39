"""Lines that this room adds to the side navigation of a school."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.LOOK, _("本学期进度"), "planning:desk", Permission.PLAN_READ, "checklist"),
    Entry(
        Group.ACT, _("意愿征询"), "planning:consultations", Permission.CONSULTATION_READ, "message-question"
    ),
    Entry(Group.ACT, _("服务方案"), "planning:plans", Permission.PLAN_READ, "clipboard-list"),
]
