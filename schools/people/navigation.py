"""Lines that this room adds to the side navigation of a school."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.LOOK, _("我的孩子"), "people:family", Permission.CHILD_READ, "mood-kid"),
    Entry(Group.LOOK, _("班级"), "people:classes", Permission.CLASSES_READ, "school"),
    Entry(Group.LOOK, _("学生和家长"), "people:pupils", Permission.PUPILS_READ, "users"),
    Entry(Group.ACT, _("用词核对"), "people:words", Permission.NOTICES_WRITE, "help-circle"),
    Entry(Group.SETTINGS, _("导入名册"), "people:roster", Permission.ROSTER_IMPORT, "table-import"),
]
