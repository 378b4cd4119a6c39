"""The list of resolutions."""

from typing import ClassVar

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import Table
from schools.committee.models import Resolution
from schools.committee.states import ResolutionState

BADGES = {ResolutionState.OPEN: "now", ResolutionState.PASSED: "good", ResolutionState.REJECTED: "bad"}


class ResolutionTable(Table):
    """Open votes first, then the newest."""

    caption = _("决议")
    empty_title = _("还没有决议")
    empty_text_long = _("服务方案、人员聘用和学期结算交家委会表决后，会列在这里。")

    number = django_tables2.Column(verbose_name=_("编号"), order_by=("number",))
    title = django_tables2.Column(verbose_name=_("标题"), order_by=("title", "pk"))
    subject = django_tables2.Column(
        verbose_name=_("事项"), accessor="get_subject_display", order_by=("subject", "pk")
    )
    opened_at = django_tables2.DateTimeColumn(
        verbose_name=_("提出时间"), order_by=("opened_at", "pk"), format="Y-m-d H:i"
    )
    state = django_tables2.Column(verbose_name=_("结果"), order_by=("state", "pk"))

    class Meta(Table.Meta):
        sequence: ClassVar = ("number", "title", "subject", "opened_at", "state")

    def render_title(self, record: Resolution) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("committee:resolution", args=[record.pk]), record.title
        )

    def render_state(self, record: Resolution) -> SafeString:
        return cells.badge(BADGES[ResolutionState(record.state)], record.get_state_display())
