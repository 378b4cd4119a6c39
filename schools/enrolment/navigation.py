"""Lines that this room adds to the side navigation of a school."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final[list[Entry]] = [
    Entry(Group.ACT, _("为孩子申请"), "enrolment:apply", Permission.ENROLMENT_APPLY, "file-plus"),
    Entry(Group.ACT, _("我的申请"), "enrolment:applications", Permission.ENROLMENT_APPLY, "files"),
    Entry(Group.ACT, _("参加申请"), "enrolment:desk", Permission.ENROLMENT_READ, "checklist"),
    Entry(
        Group.ACT,
        _("家委会审核申请"),
        "enrolment:committee",
        Permission.ENROLMENT_REVIEW_COMMITTEE,
        "checklist",
    ),
    Entry(Group.LOOK, _("候补名单"), "enrolment:waiting", Permission.ENROLMENT_READ, "list-numbers"),
]
