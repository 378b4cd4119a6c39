"""Lines that accounts add to the side navigation of both hosts."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final = [
    Entry(Group.SETTINGS, _("账号和角色"), "accounts:users", Permission.ACCOUNTS_READ, "users"),
    Entry(Group.SETTINGS, _("登录失败和锁定"), "accounts:doors", Permission.SECURITY_READ, "lock"),
    Entry(Group.SETTINGS, _("我的账号"), "accounts:me", Permission.ACCOUNT_SELF, "user-circle"),
]
