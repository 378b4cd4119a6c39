"""The list of care staff and the list of what runs out."""

from datetime import date
from typing import ClassVar

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import phones
from afterbell.pages import cells, values
from afterbell.pages.tables import Table
from schools.staffing.clearing import NEVER_RUNS_OUT
from schools.staffing.models import Candidate
from schools.staffing.queries import STANDINGS, Expiring


def written(day: date | None) -> str:
    """2026-09-01; nothing → –; a check for good → 长期有效."""
    if day is None:
        return values.NOT_APPLICABLE
    return str(_("长期有效")) if day == NEVER_RUNS_OUT else day.isoformat()


class StaffTable(Table):
    """Everybody who was ever proposed."""

    caption = _("服务人员")
    empty_title = _("没有符合条件的人员")
    empty_text_long = _("人员由学校办公室登记；用了筛选的，请放宽条件。")

    name = django_tables2.Column(verbose_name=_("姓名"), order_by=("name", "pk"))
    origin = django_tables2.Column(verbose_name=_("来源"), order_by=("origin", "pk"))
    phone = django_tables2.Column(verbose_name=_("手机号"), orderable=False)
    skills = django_tables2.Column(verbose_name=_("专长"), orderable=False, default="–")
    standing = django_tables2.Column(verbose_name=_("状态"), order_by=("standing", "pk"))
    cleared_until = django_tables2.Column(
        verbose_name=_("可上岗至"), order_by=("cleared_until", "pk"), empty_values=()
    )
    contract_until = django_tables2.Column(
        verbose_name=_("协议至"), order_by=("contract_until", "pk"), empty_values=()
    )

    class Meta(Table.Meta):
        order_by: ClassVar = ("name",)

    def render_name(self, record: Candidate) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("staffing:person", args=[record.pk]), record.name)

    def render_origin(self, record: Candidate) -> str:
        return str(record.get_origin_display())

    def render_phone(self, value: str) -> str:
        return phones.shown(value)

    def render_standing(self, value: str) -> SafeString:
        colour, word = STANDINGS[value]
        return cells.badge(colour, str(word))

    def render_cleared_until(self, value: date | None) -> str:
        return written(value)

    def render_contract_until(self, value: date | None) -> str:
        return written(value)


class ExpiringTable(Table):
    """What must be renewed."""

    caption = _("六十天内到期")
    empty_title = _("六十天内没有到期的核查和协议")
    empty_text_long = _("到期前六十天会列在这里。")

    candidate = django_tables2.Column(verbose_name=_("姓名"), orderable=False)
    what = django_tables2.Column(verbose_name=_("到期内容"), orderable=False)
    last_date = django_tables2.Column(verbose_name=_("最后一天"), orderable=False)

    def render_candidate(self, record: Expiring) -> SafeString:
        person = record.candidate
        return format_html('<a href="{}">{}</a>', reverse("staffing:person", args=[person.pk]), person.name)

    def render_last_date(self, value: date) -> str:
        return written(value)
