"""Lists of money that came in, and of families that a search found."""

from typing import Any, ClassVar
from urllib.parse import urlencode

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import YuanColumn
from schools.finance.models import Payment
from schools.finance.tables.base import OfChild, Table, child_column, number_column


class PayerTable(Table):
    """Families that a search found, with what they owe; the link fills the form."""

    caption = _("找到的家庭")
    empty_title = _("没有找到")
    empty_text_long = _("请核对姓名、班级、电话或编号，或者换一个学期。")

    number = django_tables2.Column(verbose_name=_("协议编号"), order_by=("number",))
    child = django_tables2.Column(
        verbose_name=_("学生"), accessor="pupil__name", order_by=("pupil__name", "id")
    )
    school_class = django_tables2.Column(
        verbose_name=_("班级"),
        accessor="pupil__school_class__name",
        order_by=("pupil__school_class__name", "id"),
    )
    owed_fen = YuanColumn(_("待缴"), order_by=("owed_fen", "id"))
    record = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("number",)

    def __init__(
        self, *args: Any, with_names: bool, may_record: bool, term_code: str, **options: Any
    ) -> None:
        hidden = (*(() if with_names else ("child", "school_class")), *(() if may_record else ("record",)))
        super().__init__(*args, exclude=hidden, prefix="f-", **options)
        self.term_code = term_code

    def render_record(self, record: Any) -> SafeString:
        given = {"term": self.term_code, "agreement": record.number}
        if record.owed_fen > 0:
            given["amount"] = cells.yuan(record.owed_fen).replace(",", "")
        url = f"{reverse('finance:payments')}?{urlencode(given)}"
        return format_html('<a href="{}">{}</a>', url, _("登记收款"))


class PaymentTable(OfChild):
    """Money that came in."""

    caption = _("收款")
    empty_title = _("还没有收款")
    empty_text_long = _("支付机构的到账通知会自动登记，也可以在这里逐笔登记。")

    receipt_number = django_tables2.Column(verbose_name=_("收据编号"), order_by=("receipt_number",))
    number = number_column()
    child = child_column()
    paid_at = django_tables2.DateTimeColumn(
        verbose_name=_("支付时间"), order_by=("paid_at", "id"), format="Y-m-d H:i"
    )
    provider_key = django_tables2.Column(verbose_name=_("支付流水号"), order_by=("provider_key",))
    state = django_tables2.Column(verbose_name=_("状态"), empty_values=(), order_by=("undone_at", "id"))
    amount_fen = YuanColumn(_("金额"), order_by=("amount_fen", "id"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("-paid_at",)

    def __init__(self, *args: Any, may_print: bool = False, **options: Any) -> None:
        super().__init__(*args, **options)
        self.may_print = may_print

    def render_receipt_number(self, record: Payment) -> SafeString | str:
        """The paper has the family's name on it: only who may record payments opens it."""
        if not self.may_print:
            return record.receipt_number
        url = reverse("finance:receipt", args=[record.pk])
        return format_html('<a href="{}">{}</a>', url, record.receipt_number)

    def render_state(self, record: Payment) -> SafeString:
        """Whether it still stands in the books."""
        if record.undone_at is None:
            return cells.badge("good", str(_("已入账")))
        return cells.badge("warn", record.undone_word)
