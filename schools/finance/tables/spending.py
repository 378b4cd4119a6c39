"""The list of money that was asked for and spent."""

from typing import ClassVar

import django_tables2
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells, values
from afterbell.pages.tables import YuanColumn
from schools.finance.models import Expenditure
from schools.finance.tables.base import StateColumn, Table, link

EXPENDITURE_LOOK = {"requested": "now", "approved": "good", "refused": "quiet"}


class StandingColumn(StateColumn):
    """The state of what still stands; of what was undone, when and why."""

    def render(self, record: Expenditure, value: str) -> SafeString:
        if record.undone_at is not None:
            return cells.badge("warn", record.undone_word)
        return super().render(record, value)


class ExpenditureTable(Table):
    """Money that was asked for and spent."""

    caption = _("支出")
    empty_title = _("还没有支出")
    empty_text_long = _("由一人申请、另一人批准，批准后记账并随月度收支公示。")

    title = django_tables2.Column(verbose_name=_("事由"), order_by=("title", "id"))
    item = django_tables2.Column(verbose_name=_("项目"), order_by=("kind", "item", "id"), empty_values=())
    payee = django_tables2.Column(
        verbose_name=_("收款方"),
        accessor="payee_word",
        order_by=("payee", "id"),
        default=values.NOT_APPLICABLE,
    )
    spent_date = django_tables2.DateColumn(
        verbose_name=_("日期"), order_by=("spent_date", "id"), format="Y-m-d"
    )
    requested_by = django_tables2.Column(verbose_name=_("申请人"), orderable=False)
    decided_by = django_tables2.Column(
        verbose_name=_("审批人"), orderable=False, default=values.NOT_APPLICABLE
    )
    state = StandingColumn(EXPENDITURE_LOOK)
    amount_fen = YuanColumn(_("金额"), order_by=("amount_fen", "id"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("-state", "-spent_date")

    def render_title(self, record: Expenditure) -> SafeString:
        return link("finance:expenditure", record.pk, record.title)

    def render_item(self, record: Expenditure) -> str:
        return record.item_word
