"""The list of complaints at the bureau."""

from datetime import datetime
from typing import Any, ClassVar

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import Table
from tenants.letterbox.models import BureauComplaint
from tenants.letterbox.states import WAITING, LetterState

BADGES = {
    LetterState.OPEN: "now",
    LetterState.RECEIVED: "now",
    LetterState.PASSED: "info",
    LetterState.RETURNED: "now",
    LetterState.ANSWERED: "info",
    LetterState.CLOSED: "good",
}


class ComplaintTable(Table):
    """Unanswered ones first, by deadline."""

    caption = _("向教育局提出的投诉")
    empty_title = _("没有符合条件的投诉")
    empty_text_long = _("家长直接提交的投诉，以及学校逾期未答复或家长不满意的投诉，会列在这里。")

    number = django_tables2.Column(verbose_name=_("编号"), order_by=("number", "pk"))
    school = django_tables2.Column(
        verbose_name=_("学校"), accessor="school__name", order_by=("school__name", "pk")
    )
    district = django_tables2.Column(
        verbose_name=_("区县"), accessor="school__district__name", order_by=("district_code", "pk")
    )
    kind = django_tables2.Column(verbose_name=_("类别"), accessor="get_kind_display", order_by=("kind", "pk"))
    origin = django_tables2.Column(
        verbose_name=_("来源"), accessor="get_origin_display", order_by=("origin", "pk")
    )
    submitted_at = django_tables2.DateTimeColumn(
        verbose_name=_("提交时间"), order_by=("submitted_at", "pk"), format="Y-m-d H:i"
    )
    due_at = django_tables2.DateTimeColumn(
        verbose_name=_("答复期限"), order_by=("due_at", "pk"), format="Y-m-d H:i"
    )
    state = django_tables2.Column(verbose_name=_("状态"), order_by=("state", "pk"))

    class Meta(Table.Meta):
        sequence: ClassVar = (
            "number", "state", "school", "district", "kind", "origin", "submitted_at", "due_at",
        )  # fmt: skip

    def __init__(self, data: Any, *, now: datetime, **options: Any) -> None:
        super().__init__(data, **options)
        self.now = now

    def render_number(self, record: BureauComplaint, value: str) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("hearings:complaint", args=[record.pk]), value)

    def render_state(self, record: BureauComplaint) -> SafeString:
        if record.state in WAITING and record.due_at < self.now:
            return cells.badge("bad", str(_("已逾期")))
        return cells.badge(BADGES[LetterState(record.state)], record.get_state_display())
