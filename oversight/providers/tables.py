"""The register as a list."""

from datetime import date
from typing import Any, ClassVar

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import Table
from oversight.scope import Scope
from tenants.models import Provider


class ProviderTable(Table):
    """One line an approval, with its state today."""

    caption = _("合作机构名录")
    empty_title = _("没有符合条件的机构")
    empty_text_long = _("经核准的机构会列在这里，学校只能与名录内的机构合作。")

    name = django_tables2.Column(verbose_name=_("机构名称"), order_by=("name", "pk"))
    credit_code = django_tables2.Column(
        verbose_name=_("统一社会信用代码"),
        order_by=("credit_code", "pk"),
        attrs={"td": {"class": "ab-one-line"}},
    )
    services = django_tables2.Column(verbose_name=_("服务内容"), orderable=False)
    district = django_tables2.Column(
        verbose_name=_("适用范围"), order_by=("district__position", "pk"), default=_("全市")
    )
    decision_number = django_tables2.Column(verbose_name=_("核准文号"), orderable=False)
    approved_from_date = django_tables2.DateColumn(
        verbose_name=_("核准自"), order_by=("approved_from_date", "pk"), format="Y-m-d"
    )
    approved_until_date = django_tables2.DateColumn(
        verbose_name=_("核准至"), order_by=("approved_until_date", "pk"), format="Y-m-d"
    )
    state = django_tables2.Column(verbose_name=_("状态"), empty_values=(), orderable=False)
    see = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("name",)

    def __init__(self, data: Any, *, scope: Scope, today: date, **options: Any) -> None:
        super().__init__(data, **options)
        self.scope, self.today = scope, today

    def render_state(self, record: Provider) -> SafeString:
        if record.revoked_date is not None:
            said = _("%(date)s 撤销：%(reason)s") % {
                "date": record.revoked_date,
                "reason": record.revoke_reason,
            }
            return cells.badge("bad", str(said))
        if record.approved_until_date < self.today:
            return cells.badge("quiet", str(_("已到期")))
        is_begun = record.approved_from_date <= self.today
        return cells.badge("good" if is_begun else "info", str(_("核准期内") if is_begun else _("尚未开始")))

    def render_see(self, record: Provider) -> str:
        """A district's officer takes back the district's own; the city's are the city's."""
        is_own = self.scope.districts is None or (
            record.district is not None and self.scope.covers(record.district.code)
        )
        if record.revoked_date is not None or record.approved_until_date < self.today or not is_own:
            return ""
        return format_html('<a href="{}">{}</a>', reverse("providers:revoke", args=[record.pk]), _("撤销"))
