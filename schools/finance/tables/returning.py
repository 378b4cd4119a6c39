"""Lists of money that goes back: refunds, and the shares of a settlement."""

from typing import ClassVar

import django_tables2
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import YuanColumn
from schools.finance.models import Refund, Share
from schools.finance.tables.base import OfChild, StateColumn, Table, child_column, link, number_column

REFUND_LOOK = {"draft": "quiet", "issued": "now", "confirmed": "good", "failed": "bad", "void": "quiet"}


class RefundTable(OfChild):
    """Money that goes back."""

    caption = _("退费")
    empty_title = _("没有退费")
    empty_text_long = _("中途退出、缺勤和学期结算的退费由系统按政策计算，列在这里。")

    number = number_column()
    child = child_column()
    cause = django_tables2.Column(verbose_name=_("原因"), order_by=("cause", "id"))
    state = StateColumn(REFUND_LOOK)
    amount_fen = YuanColumn(_("金额"), order_by=("amount_fen", "id"))
    see = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("-state", "number")

    def render_see(self, record: Refund) -> SafeString:
        return link("finance:refund", record.pk, _("查看"))


class ShareTable(OfChild):
    """Every family's part of the settlement."""

    caption = _("各家庭应退")
    empty_title = _("没有可结算的家庭")
    empty_text_long = _("本学期还没有家庭缴费。")

    number = number_column()
    child = child_column()
    cap_fen = YuanColumn(_("实缴"), order_by=("cap_fen", "id"))
    own_fen = YuanColumn(_("多缴先退"), order_by=("own_fen", "id"))
    amount_fen = YuanColumn(_("应退"), order_by=("amount_fen", "id"))
    see = django_tables2.Column(verbose_name=_("算法"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("number",)

    def render_own_fen(self, record: Share) -> str:
        return cells.yuan(min(record.own_fen, record.amount_fen))

    def render_see(self, record: Share) -> SafeString:
        return link("finance:share", record.pk, _("逐步算法"))
