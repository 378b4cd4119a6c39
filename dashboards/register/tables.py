"""The register as a list."""

from typing import ClassVar

import django_tables2
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import holds
from afterbell.pages.tables import Table
from tenants.models import School
from tenants.stamps import code_stamp
from tenants.states import SchoolState

WORDS = {
    SchoolState.OPENING: ("info", "hourglass"),
    SchoolState.ACTIVE: ("good", "circle-check"),
    SchoolState.ARCHIVED: ("quiet", "archive"),
}


class SchoolTable(Table):
    """One line a school; a school whose tables are behind the code says so."""

    stacks = False
    caption = _("学校名录")
    empty_title = _("没有符合条件的学校")
    empty_text_long = _("请放宽筛选条件。新学校由系统管理员开通。")

    code = django_tables2.Column(verbose_name=_("标识码"), order_by=("code",))
    name = django_tables2.Column(verbose_name=_("学校"), order_by=("name", "code"))
    district = django_tables2.Column(verbose_name=_("区县"), order_by=("district__position", "code"))
    stage = django_tables2.Column(
        verbose_name=_("学段"), accessor="get_stage_display", order_by=("stage", "code")
    )
    kind = django_tables2.Column(
        verbose_name=_("城乡"), accessor="get_kind_display", order_by=("kind", "code")
    )
    size_class = django_tables2.Column(
        verbose_name=_("规模"), accessor="get_size_class_display", order_by=("size_class", "code")
    )
    opened_at = django_tables2.DateTimeColumn(
        verbose_name=_("开通日期"), order_by=("opened_at", "code"), format="Y-m-d", default="–"
    )
    state = django_tables2.Column(verbose_name=_("状态"), order_by=("state", "code"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("code",)

    def render_name(self, record: School) -> str:
        """To the school's page, for whom that page is."""
        if not holds(self.request.user, Permission.FEES_READ):
            return record.name
        return format_html(
            '<a href="{}">{}</a>', reverse("schoolpage:school", args=[record.code]), record.name
        )

    def render_state(self, record: School) -> SafeString:
        state, icon = WORDS[SchoolState(record.state)]
        word = record.get_state_display()
        if record.state == SchoolState.ACTIVE and record.schema_stamp != code_stamp():
            state, icon, word = "warn", "alert-triangle", str(_("等待升级"))
        return render_to_string("pages/parts/badge.html", {"state": state, "icon": icon, "word": word})
