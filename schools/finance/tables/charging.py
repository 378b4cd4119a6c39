"""Lists of what families were charged: charges, runs, the preview of a run."""

from collections.abc import Collection, Mapping
from typing import Any, ClassVar
from uuid import UUID

import django_tables2
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.money import Fen
from afterbell.pages import cells, values
from afterbell.pages.tables import NumberColumn, YuanColumn
from schools.finance.lines import Line
from schools.finance.models import Charge, ChargeRun
from schools.finance.tables.base import OfChild, Table, child_column, link, number_column, reach_word
from schools.notices.news import Reach


class ChargeTable(OfChild):
    """What families were charged."""

    caption = _("各家庭应收")
    empty_title = _("还没有收费")
    empty_text_long = _("收费公示发布、协议签订之后，选择期间即可开具。")

    number = number_column()
    child = child_column()
    period = django_tables2.Column(verbose_name=_("期间"), order_by=("period", "id"))
    units = NumberColumn(_("数量"), order_by=("units", "id"))
    gross_fen = YuanColumn(_("标准金额"), order_by=("gross_fen", "id"))
    cap_fen = YuanColumn(_("封顶"), order_by=("cap_fen", "id"))
    waived_fen = YuanColumn(_("减免"), order_by=("waived_fen", "id"))
    net = YuanColumn(_("应缴"), orderable=False)
    waive = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("-period", "number")

    def render_cap_fen(self, value: int | None) -> str:
        return values.NOT_APPLICABLE if value is None else cells.yuan(value)

    def render_net(self, record: Charge) -> str:
        return cells.yuan(record.gross_fen - record.waived_fen)

    def render_waive(self, record: Charge) -> SafeString:
        return link("finance:charge", record.pk, _("查看"))


class RunTable(Table):
    """Runs of charging; the latest first."""

    caption = _("开具记录")
    empty_title = _("还没有开具过")
    empty_text_long = _("选择期间、看过预览并确认之后，每次开具会列在这里。")

    period = django_tables2.Column(verbose_name=_("期间"), orderable=False)
    families = NumberColumn(_("户数"), orderable=False)
    total_fen = YuanColumn(_("合计"), orderable=False)
    posted_at = django_tables2.DateTimeColumn(verbose_name=_("时间"), format="Y-m-d H:i", orderable=False)
    posted_by = django_tables2.Column(verbose_name=_("经办"), accessor="posted_by__name", orderable=False)
    read = django_tables2.Column(verbose_name=_("家长已读"), empty_values=(), orderable=False)
    undo = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    def __init__(
        self, *args: Any, reached: Mapping[UUID, Reach], held: Collection[UUID] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.reached = reached
        self.held = held
        """Runs that somebody has paid for: there is no way to take them back."""

    def render_read(self, record: ChargeRun) -> str:
        return reach_word(self.reached[record.pk])

    def render_undo(self, record: ChargeRun) -> SafeString | str:
        if record.taken_back_at:
            return str(_("已撤回"))
        if record.pk in self.held:
            return str(_("不能整批撤回"))
        return link("finance:take_back", record.pk, _("撤回"))


class LineTable(OfChild):
    """What a run would charge, and what it would give back at once to who has left: a column where somebody has."""

    caption = _("将要收费的家庭")

    number = django_tables2.Column(verbose_name=_("协议编号"), accessor="agreement__number", orderable=False)
    child = django_tables2.Column(verbose_name=_("学生"), accessor="agreement__child", orderable=False)
    units = NumberColumn(_("数量"), orderable=False)
    fee = YuanColumn(_("单价"), orderable=False)
    gross = YuanColumn(_("标准金额"), orderable=False)
    waived = YuanColumn(_("减免"), orderable=False)
    net = YuanColumn(_("应缴"), orderable=False)
    returned = YuanColumn(_("已退出，当即退减"), orderable=False)
    kept = YuanColumn(_("退减后应缴"), orderable=False)

    def __init__(self, *args: Any, returned: Mapping[UUID, Fen] | None = None, **options: Any) -> None:
        self.returned_at_once = returned or {}
        hidden = () if self.returned_at_once else ("returned", "kept")
        super().__init__(*args, exclude=(*options.pop("exclude", ()), *hidden), **options)

    def render_returned(self, record: Line) -> str:
        fen = self.returned_at_once.get(record.agreement.pk)
        return "–" if fen is None else cells.yuan(fen)

    def render_kept(self, record: Line) -> str:
        return cells.yuan(record.net - self.returned_at_once.get(record.agreement.pk, 0))

    def render_child(self, record: Line) -> str:
        return f"{record.agreement.child}（{record.agreement.class_name}）"
