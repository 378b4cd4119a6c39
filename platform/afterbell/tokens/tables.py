"""The list of tokens."""

from datetime import datetime
from typing import Any, ClassVar

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import Table
from afterbell.tokens.models import Token


class TokenTable(Table):
    """Which system reads as whom, until when, and when it last did."""

    caption = _("数据接口凭证")
    empty_title = _("没有符合条件的凭证")
    empty_text_long = _("别的系统要读取本平台的数据时，在这里申请凭证，由持有人本人同意。")

    name = django_tables2.Column(verbose_name=_("用途"), order_by=("name", "id"))
    user = django_tables2.Column(verbose_name=_("使用身份"), order_by=("user__name", "id"))
    sign = django_tables2.Column(verbose_name=_("凭证开头"), orderable=False)
    created_at = django_tables2.DateTimeColumn(
        verbose_name=_("申请日期"), order_by=("created_at", "id"), format="Y-m-d"
    )
    expires_at = django_tables2.DateTimeColumn(
        verbose_name=_("有效期至"), order_by=("expires_at", "id"), format="Y-m-d H:i", default="–"
    )
    last_used_date = django_tables2.DateColumn(
        verbose_name=_("最近使用"), order_by=("last_used_date", "id"), format="Y-m-d", default="–"
    )
    state = django_tables2.Column(verbose_name=_("状态"), empty_values=(), orderable=False)
    revoke = django_tables2.Column(verbose_name=_("操作"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("-created_at",)

    def __init__(self, data: Any, *, now: datetime, **options: Any) -> None:
        super().__init__(data, **options)
        self.now = now

    def render_user(self, record: Token) -> SafeString:
        return format_html("{}（{}）", record.user.name, record.user.login)

    def render_state(self, record: Token) -> SafeString:
        if record.revoked_at is not None:
            return cells.badge("quiet", str(_("已撤销")))
        if record.waits(self.now):
            return cells.badge("info", str(_("等待本人同意")))
        if not record.is_good(self.now):
            return cells.badge("quiet", str(_("已过期")))
        if not record.user.is_active:
            return cells.badge("warn", str(_("账号已停用")))
        return cells.badge("good", str(_("有效")))

    def render_revoke(self, record: Token) -> SafeString | str:
        if not record.is_good(self.now) and not record.waits(self.now):
            return "–"
        link = '<a href="{}">{}<span class="visually-hidden">{}</span></a>'
        return format_html(link, reverse("tokens:revoke", args=[record.pk]), _("撤销"), record.name)
