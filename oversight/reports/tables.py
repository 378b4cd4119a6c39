"""The list of reports."""

from typing import ClassVar

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import Table
from oversight.reports.queries import UNREAD, state_of
from tenants.exchange.models import Envelope


class ReportTable(Table):
    """The newest first."""

    caption = _("学校上报")
    empty_title = _("没有符合条件的报告")
    empty_text_long = _("学校上报的情况会列在这里，例如提前结束服务。")

    subject = django_tables2.Column(verbose_name=_("标题"), order_by=("subject", "pk"))
    school = django_tables2.Column(
        verbose_name=_("学校"), accessor="school_name", order_by=("school_name", "pk")
    )
    district = django_tables2.Column(
        verbose_name=_("区县"), accessor="district_name", order_by=("district_code", "pk")
    )
    sent_at = django_tables2.DateTimeColumn(
        verbose_name=_("上报时间"), order_by=("sent_at", "pk"), format="Y-m-d H:i"
    )
    state = django_tables2.Column(verbose_name=_("状态"), order_by=("state", "pk"))

    class Meta(Table.Meta):
        sequence: ClassVar = ("subject", "state", "school", "district", "sent_at")

    def render_subject(self, record: Envelope, value: str) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("reports:report", args=[record.pk]), value)

    def render_state(self, record: Envelope) -> SafeString:
        if state_of(record) == UNREAD:
            return cells.badge("now", str(_("未读")))
        return cells.badge("good", str(_("已记下")))
