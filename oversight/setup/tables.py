"""Districts, terms and profiles as lists."""

from datetime import date
from typing import Any

import django_tables2
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import NumberColumn, Table
from tenants.models import District, PolicyProfile, Term


def _links(*pairs: tuple[str, object]) -> SafeString:
    """Deeds of one row beside each other."""
    return format_html_join(" · ", '<a href="{}">{}</a>', pairs)


class DistrictTable(Table):
    """One line a district."""

    caption = _("区县")
    empty_title = _("还没有区县")
    empty_text_long = _("先添加区县，学校才能登记到区县里。")

    code = django_tables2.Column(verbose_name=_("代码"), orderable=False)
    name = django_tables2.Column(verbose_name=_("名称"), orderable=False)
    school_count = NumberColumn(_("学校"), unit=_("所"), orderable=False)
    see = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    def __init__(self, data: Any, *, may_manage: bool, **options: Any) -> None:
        super().__init__(data, exclude=() if may_manage else ("see",), **options)

    def render_see(self, record: District) -> SafeString:
        return _links(
            (reverse("setup:rename_district", args=[record.code]), _("改名")),
            (reverse("setup:remove_district", args=[record.code]), _("删除")),
        )


class TermTable(Table):
    """One line a term."""

    caption = _("学期")
    empty_title = _("还没有学期")
    empty_text_long = _("先添加学期，学校才能征询意愿、制定方案。")

    code = django_tables2.Column(
        verbose_name=_("代码"), orderable=False, attrs={"td": {"class": "ab-one-line"}}
    )
    name = django_tables2.Column(verbose_name=_("名称"), orderable=False)
    first_date = django_tables2.DateColumn(verbose_name=_("开学日期"), orderable=False, format="Y-m-d")
    last_date = django_tables2.DateColumn(verbose_name=_("结束日期"), orderable=False, format="Y-m-d")
    state = django_tables2.Column(verbose_name=_("状态"), empty_values=(), orderable=False)
    see = django_tables2.Column(verbose_name=_("办理"), empty_values=(), orderable=False)

    def __init__(self, data: Any, *, today: date, may_manage: bool, **options: Any) -> None:
        super().__init__(data, exclude=() if may_manage else ("see",), **options)
        self.today = today

    def render_state(self, record: Term) -> SafeString:
        if record.last_date < self.today:
            return cells.badge("quiet", str(_("已结束")))
        if record.first_date > self.today:
            return cells.badge("info", str(_("尚未开学")))
        return cells.badge("good", str(_("进行中")))

    def render_see(self, record: Term) -> SafeString:
        return _links(
            (reverse("setup:change_term", args=[record.code]), _("修改")),
            (reverse("setup:remove_term", args=[record.code]), _("删除")),
        )


class PolicyTable(Table):
    """One line a profile that is, was or will be in force."""

    caption = _("政策档案")
    empty_title = _("还没有生效的政策档案")
    empty_text_long = _("请从下面的现成档案中选一份，看过内容后定下生效日期。没有它，学校不能制定方案。")

    name = django_tables2.Column(verbose_name=_("名称"), orderable=False)
    scope = django_tables2.Column(verbose_name=_("适用范围"), empty_values=(), orderable=False)
    valid_from_date = django_tables2.DateColumn(verbose_name=_("生效日期"), orderable=False, format="Y-m-d")
    state = django_tables2.Column(verbose_name=_("状态"), empty_values=(), orderable=False)

    def __init__(self, data: Any, *, today: date, **options: Any) -> None:
        super().__init__(data, **options)
        self.today = today
        self.begun: dict[object, object] = {}
        for row in data:  # the newest of each scope comes first
            if row.valid_from_date <= today:
                self.begun.setdefault((row.district_id, row.kind), row.pk)

    def render_name(self, record: PolicyProfile) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("setup:policy", args=[record.pk]), record.name)

    def render_scope(self, record: PolicyProfile) -> str:
        where = record.district.name if record.district else str(_("全市"))
        return f"{where}，{record.get_kind_display()}" if record.kind else where

    def render_state(self, record: PolicyProfile) -> SafeString:
        if record.valid_from_date > self.today:
            return cells.badge("info", str(_("尚未生效")))
        if self.begun.get((record.district_id, record.kind)) == record.pk:
            return cells.badge("good", str(_("执行中")))
        return cells.badge("quiet", str(_("已被接替")))
