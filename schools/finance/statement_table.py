"""The list of published statements; knows no family, so that the open pages can use it."""

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages.tables import Table, YuanColumn
from schools.finance.models import Statement


class StatementTable(Table):
    """Months with their sums and hashes."""

    caption = _("月度收支公示")
    empty_title = _("还没有收支公示")
    empty_text_long = _("每月月结后，收支公示会列在这里。")

    month = django_tables2.Column(verbose_name=_("月份"), order_by=("month", "id"))
    term_code = django_tables2.Column(verbose_name=_("学期"), order_by=("term_code", "id"))
    opening_fen = YuanColumn(_("期初"), orderable=False)
    received_fen = YuanColumn(_("收入"), orderable=False)
    spent_fen = YuanColumn(_("支出"), orderable=False)
    refunded_fen = YuanColumn(_("退费"), orderable=False)
    closing_fen = YuanColumn(_("期末"), orderable=False)
    sha256 = django_tables2.Column(verbose_name=_("校验码"), orderable=False)

    def render_month(self, record: Statement) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("finance:open_statement", args=[record.month]), record.month
        )

    def render_sha256(self, value: str) -> SafeString:
        return format_html("<code>{}…</code>", value[:12])
