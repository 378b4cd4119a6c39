"""The list of users."""

from typing import ClassVar

import django_tables2
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import phones
from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from afterbell.pages.tables import Table


class UserTable(Table):
    """Who may log in at this host."""

    caption = _("账号")
    empty_title = _("没有符合条件的账号")
    empty_text_long = _("请放宽筛选条件，或新建一个账号。")

    name = django_tables2.Column(verbose_name=_("姓名"), order_by=("name", "id"))
    login = django_tables2.Column(verbose_name=_("登录名"), order_by=("login",))
    phone = django_tables2.Column(verbose_name=_("手机号"), order_by=("phone", "id"))
    roles = django_tables2.Column(verbose_name=_("角色"), accessor="assignments", orderable=False)
    is_active = django_tables2.Column(verbose_name=_("状态"), order_by=("is_active", "id"))
    last_login = django_tables2.DateTimeColumn(
        verbose_name=_("上次登录"), order_by=("last_login", "id"), format="Y-m-d H:i", default="–"
    )

    class Meta(Table.Meta):
        order_by: ClassVar = ("name",)

    def render_name(self, record: User) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("accounts:user", args=[record.pk]), record.name)

    def render_phone(self, value: str) -> str:
        return phones.shown(value)

    def render_roles(self, record: User) -> SafeString | str:
        labels = dict.fromkeys(Role(assignment.role).label for assignment in record.assignments.all())
        return format_html_join("、", "{}", ((label,) for label in labels)) or "–"

    def render_is_active(self, value: bool) -> str | Promise:  # noqa: FBT001  (django-tables2's own signature)
        return _("启用") if value else _("停用")
