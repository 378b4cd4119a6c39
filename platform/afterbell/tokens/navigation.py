"""The lines that tokens add to the city's side navigation."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.pages.navigation import Entry, Group

ENTRIES: Final = [
    Entry(Group.SETTINGS, _("数据接口凭证"), "tokens:tokens", Permission.CITY_API, "key"),
    Entry(Group.SETTINGS, _("我的凭证"), "tokens:mine", Permission.ACCOUNT_SELF, "key"),
]
