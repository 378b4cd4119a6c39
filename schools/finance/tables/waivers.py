"""The list of waivers."""

from collections.abc import Mapping
from typing import Any, ClassVar

import django_tables2
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from schools.finance.models import Waiver
from schools.finance.tables.base import OfChild, StateColumn, Table, link

WAIVER_LOOK = {"requested": "now", "granted": "good", "refused": "quiet", "withdrawn": "bad"}


class WaiverTable(OfChild):
    """What was asked for, and what became of it."""

    caption = _("减免")
    empty_title = _("没有这样的减免")
    empty_text_long = _("在“应收”里打开一笔费用，写明原因和证明材料即可申请。")

    number = django_tables2.Column(
        verbose_name=_("协议编号"),
        accessor="charge__agreement__number",
        order_by=("charge__agreement__number", "id"),
    )
    child = django_tables2.Column(
        verbose_name=_("学生"),
        accessor="charge__agreement__pupil__name",
        order_by=("charge__agreement__pupil__name", "id"),
    )
    period = django_tables2.Column(
        verbose_name=_("期间"), accessor="charge__period", order_by=("charge__period", "id")
    )
    reason = django_tables2.Column(verbose_name=_("减免原因"), order_by=("reason", "id"))
    proof = django_tables2.Column(verbose_name=_("证明材料"), orderable=False)
    requested_by = django_tables2.Column(verbose_name=_("申请人"), orderable=False)
    state = StateColumn(WAIVER_LOOK)
    see = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("period", "number")

    def __init__(self, *args: Any, reasons: Mapping[str, str], **options: Any) -> None:
        super().__init__(*args, **options)
        self.reasons = reasons

    def render_child(self, record: Waiver) -> str:
        pupil = record.charge.agreement.pupil
        return f"{pupil.name}（{pupil.school_class.name}）"

    def render_reason(self, value: str) -> str:
        return self.reasons.get(value, value)

    def render_see(self, record: Waiver) -> SafeString:
        return link("finance:charge", record.charge_id, _("查看"))
