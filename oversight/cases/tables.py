"""The list of filings."""

from datetime import datetime
from typing import Any, ClassVar

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import NumberColumn, Table
from schools.planning.models import FeeUnit
from tenants.exchange.models import Envelope
from tenants.exchange.states import EnvelopeState


class FilingTable(Table):
    """Waiting ones first, with their deadline."""

    caption = _("方案报备")
    empty_title = _("没有符合条件的报备")
    empty_text_long = _("学校的方案经家委会表决和学校审核后，会报送到这里。")

    school = django_tables2.Column(
        verbose_name=_("学校"), accessor="school_name", order_by=("school_name", "pk")
    )
    district = django_tables2.Column(
        verbose_name=_("区县"), accessor="district_name", order_by=("district_code", "pk")
    )
    term = django_tables2.Column(verbose_name=_("学期"), accessor="term_code", order_by=("term_code", "pk"))
    fee = NumberColumn(verbose_name=_("收费标准"), unit=_("元"), accessor="payload", orderable=False)
    sent_at = django_tables2.DateTimeColumn(
        verbose_name=_("报送时间"), order_by=("sent_at", "pk"), format="Y-m-d H:i"
    )
    due_at = django_tables2.DateTimeColumn(
        verbose_name=_("答复期限"), order_by=("due_at", "pk"), format="Y-m-d", default="–"
    )
    state = django_tables2.Column(verbose_name=_("状态"), order_by=("state", "pk"))

    class Meta(Table.Meta):
        sequence: ClassVar = ("school", "district", "term", "fee", "sent_at", "due_at", "state")

    def __init__(self, data: Any, *, now: datetime, **options: Any) -> None:
        super().__init__(data, **options)
        self.now = now

    def render_school(self, record: Envelope, value: str) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("cases:filing", args=[record.pk]), value)

    def render_fee(self, record: Envelope) -> str:
        """From the lowest to the highest, where stages pay their own."""
        sent = record.payload
        fees = sorted({fee["fee_fen"] for fee in sent.get("fees", ())} or {sent["fee_fen"]})
        amounts = "—".join(cells.yuan(fen) for fen in dict.fromkeys((fees[0], fees[-1])))
        return f"{FeeUnit(sent['fee_unit']).label} {amounts}"

    def render_state(self, record: Envelope) -> SafeString:
        if record.state == EnvelopeState.ANSWERED:
            accepted = record.answer == "accepted"
            return cells.badge("good" if accepted else "warn", str(_("已受理") if accepted else _("已退回")))
        late = record.due_at is not None and record.due_at < self.now
        return cells.badge("bad" if late else "now", str(_("已逾期") if late else _("待答复")))
