"""The lists of classes and pupils."""

from typing import ClassVar

import django_tables2
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import NumberColumn, Table
from schools.people.models import Pupil, RosterImport, SchoolClass


class ClassTable(Table):
    """The classes that the user may see."""

    caption = _("班级")
    empty_title = _("还没有班级")
    empty_text_long = _("导入名册后，这里会列出每个班级。")

    name = django_tables2.Column(verbose_name=_("班级"), order_by=("grade", "number", "entry_year"))
    entry_year = django_tables2.Column(verbose_name=_("入学年份"))
    pupils_on_roll = NumberColumn(_("在校学生"), unit=_("人"))
    without_signer = NumberColumn(_("没有可签字家长"), unit=_("人"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("name",)

    def render_name(self, record: SchoolClass) -> SafeString:
        address = f"{reverse('people:pupils')}?school_class={record.pk}"
        return format_html('<a href="{}">{}</a>', address, record.name)

    def render_entry_year(self, value: int) -> str:
        return str(value)

    def render_pupils_on_roll(self, value: int) -> str:
        return cells.whole(value)

    def render_without_signer(self, value: int) -> str:
        return cells.whole(value)


class PupilTable(Table):
    """Pupils with their adults. Rows need `live_ties` (queries.pupil_list)."""

    caption = _("学生")
    empty_title = _("没有符合条件的学生")
    empty_text_long = _("请放宽筛选条件，或导入名册。")

    name = django_tables2.Column(verbose_name=_("姓名"), order_by=("name", "number"))
    number = django_tables2.Column(verbose_name=_("学籍号"))
    school_class = django_tables2.Column(
        verbose_name=_("班级"), order_by=("school_class__grade", "school_class__number", "number")
    )
    adults = django_tables2.Column(
        verbose_name=_("家长"), accessor="live_ties", orderable=False, empty_values=()
    )
    left_date = django_tables2.Column(
        verbose_name=_("状态"), empty_values=(), order_by=("left_date", "number")
    )

    class Meta(Table.Meta):
        order_by: ClassVar = ("school_class",)

    def render_name(self, record: Pupil) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("people:pupil", args=[record.pk]), record.name)

    def render_adults(self, record: Pupil) -> SafeString:
        ties = record.live_ties  # type: ignore[attr-defined]  # a Prefetch of queries.pupil_list
        named = format_html_join("、", "{}", ((tie.guardian.name,) for tie in ties))
        return named or cells.badge("warn", str(_("没有家长")))

    def render_left_date(self, record: Pupil) -> SafeString:
        if record.left_date is None:
            return cells.badge("good", str(_("在校")))
        return cells.badge("quiet", str(_("%(day)s 离校") % {"day": record.left_date.isoformat()}))


class ImportTable(Table):
    """What has been imported before."""

    caption = _("导入记录")
    empty_title = _("还没有导入过名册")
    empty_text_long = _("选择名册文件，先看预览，再确认导入。")

    applied_at = django_tables2.DateTimeColumn(verbose_name=_("时间"), format="Y-m-d H:i")
    file_name = django_tables2.Column(verbose_name=_("文件"), orderable=False)
    by = django_tables2.Column(verbose_name=_("办理人"), orderable=False, default=_("系统"))
    rows = NumberColumn(_("行数"))
    created = NumberColumn(_("新增"))
    updated = NumberColumn(_("更新"))
    moved = NumberColumn(_("转班"))
    missing = NumberColumn(_("名册中没有"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("-applied_at",)

    def render_file_name(self, record: RosterImport) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("people:import", args=[record.pk]), record.file_name
        )
