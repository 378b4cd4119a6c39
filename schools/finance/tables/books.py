"""The list of the rows of the books."""

from typing import Any, ClassVar

import django_tables2
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import values
from afterbell.pages.tables import NumberColumn, YuanColumn
from schools.finance.models import Transfer, TransferKind
from schools.finance.tables.base import Table, account_word, link


class TransferTable(Table):
    """Rows of the books."""

    caption = _("记账")
    empty_title = _("没有符合条件的记账")
    empty_text_long = _("请放宽筛选条件。")

    position = NumberColumn(_("序号"), order_by=("position",))
    posted_at = django_tables2.DateTimeColumn(
        verbose_name=_("时间"), order_by=("posted_at", "id"), format="Y-m-d H:i"
    )
    month = django_tables2.Column(verbose_name=_("月份"), order_by=("month", "id"))
    kind = django_tables2.Column(verbose_name=_("类别"), order_by=("kind", "id"))
    debit = django_tables2.Column(verbose_name=_("借"), orderable=False)
    credit = django_tables2.Column(verbose_name=_("贷"), orderable=False)
    amount_fen = YuanColumn(_("金额"), order_by=("amount_fen", "id"))
    undo = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("-position",)

    def __init__(self, *args: Any, may_pay: bool, **kwargs: Any) -> None:
        """`may_pay`: whether this person acts for who holds the money, and undoes a receipt."""
        super().__init__(*args, **kwargs)
        undone = (TransferKind.PAYMENT, TransferKind.EXPENDITURE)
        self.undone = undone if may_pay else undone[1:]

    def render_kind(self, record: Transfer) -> SafeString | str:
        """A reversal with why."""
        why = "：".join(each for each in (record.get_reason_display(), record.note) if each)
        if not why:
            return record.get_kind_display()
        return format_html('{}<br><span class="ab-muted">{}</span>', record.get_kind_display(), why)

    def render_debit(self, record: Transfer) -> str:
        return account_word(record.debit)

    def render_credit(self, record: Transfer) -> str:
        return account_word(record.credit)

    def render_undo(self, record: Any) -> SafeString | str | Promise:
        if record.is_reversed:
            return _("已冲正")
        if record.kind not in self.undone:
            return values.NOT_APPLICABLE
        return link("finance:reverse", record.pk, _("冲正"))
