"""The lists of users and of locked doors."""

from typing import Any, ClassVar
from uuid import UUID

import django_tables2
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import phones
from afterbell.accounts.locked_doors import Door
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


class DoorTable(Table):
    """Failed logins, by name and address."""

    caption = _("登录失败和锁定")
    empty_title = _("最近一天没有登录失败")

    name = django_tables2.Column(verbose_name=_("账号"), order_by=("name",))
    address = django_tables2.Column(verbose_name=_("来自"), order_by=("address",))
    failures = django_tables2.Column(verbose_name=_("失败次数"), order_by=("failures",))
    last = django_tables2.DateTimeColumn(verbose_name=_("最近一次"), order_by=("last",), format="Y-m-d H:i")
    until = django_tables2.Column(verbose_name=_("状态"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        sequence: ClassVar = ("name", "address", "failures", "last", "until")

    def __init__(self, data: Any, *, may_lift: bool, own: UUID) -> None:
        super().__init__(data)
        self.may_lift, self.own = may_lift, own

    def render_name(self, record: Door) -> SafeString | str | Promise:
        """What was typed is not shown where nobody has that name."""
        if record.user is None:
            return _("不是这里的登录名")
        return format_html(
            '<a href="{}">{}</a>', reverse("accounts:user", args=[record.user.pk]), record.user.name
        )

    def render_until(self, record: Door) -> SafeString | str | Promise:
        if record.until is None:
            return _("未锁定")
        said = _("锁定到 %(at)s") % {"at": f"{timezone.localtime(record.until):%H:%M}"}
        if not self.may_lift or record.user is None or record.user.pk == self.own:
            return said
        return format_html(
            '{} <a href="{}">{}</a>', said, reverse("accounts:lift", args=[record.pk]), _("解除锁定")
        )
