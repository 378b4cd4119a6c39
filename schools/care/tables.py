"""Lists of the desk: rooms, sessions, incidents."""

import datetime as dt
from typing import ClassVar

import django_tables2
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import NumberColumn, Table
from schools.care.models import Condition, DutyRole, Incident, Room, Session
from schools.care.templatetags.gate import incident_badge, session_badge

CONDITIONS = {Condition.GOOD: "good", Condition.REPAIR: "warn", Condition.CLOSED: "quiet"}


class RoomTable(Table):
    """S2, S34."""

    caption = _("场地")
    empty_title = _("还没有登记场地")
    empty_text_long = _("课后服务只能在学校登记的场地进行，请先登记教室和活动场地。")

    name = django_tables2.Column(verbose_name=_("名称"), order_by=("name", "pk"))
    places = NumberColumn(_("容纳人数"), unit=_("人"), order_by=("places", "pk"))
    condition = django_tables2.Column(verbose_name=_("状况"), order_by=("condition", "pk"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("name",)

    def render_name(self, record: Room) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("care:room", args=[record.pk]), record.name)

    def render_condition(self, record: Room) -> SafeString:
        return cells.badge(CONDITIONS[Condition(record.condition)], str(record.get_condition_display()))


class SessionTable(Table):
    """Every session with its people and counts."""

    caption = _("服务场次")
    empty_title = _("没有符合条件的场次")
    empty_text_long = _("方案公示后，学校办公室在这里生成全学期的场次；用了筛选的，请放宽条件。")

    date = django_tables2.Column(verbose_name=_("日期"), order_by=("date", "starts_at", "pk"))
    starts_at = django_tables2.Column(verbose_name=_("时间"), orderable=False)
    title = django_tables2.Column(
        verbose_name=_("活动"), accessor="activity__title", order_by=("activity__title", "pk")
    )
    room = django_tables2.Column(verbose_name=_("场地"), orderable=False)
    teacher = django_tables2.Column(verbose_name=_("服务教师"), accessor="pk", orderable=False)
    state = django_tables2.Column(verbose_name=_("状态"), order_by=("state", "pk"))
    due = NumberColumn(_("应到"), unit=_("人"), orderable=False)
    came = NumberColumn(_("实到"), unit=_("人"), orderable=False)

    class Meta(Table.Meta):
        order_by: ClassVar = ("date",)

    def render_date(self, value: dt.date) -> str:
        return value.isoformat()

    def render_starts_at(self, record: Session) -> str:
        start, end = timezone.localtime(record.starts_at), timezone.localtime(record.ends_at)
        return f"{start:%H:%M}—{end:%H:%M}"

    def render_title(self, value: str, record: Session) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("care:desk_session", args=[record.pk]), value)

    def render_teacher(self, record: Session) -> SafeString | str:
        name = next(
            (
                duty.clearance.contract.candidate.name
                for duty in record.duties.all()
                if duty.role == DutyRole.RESPONSIBLE
            ),
            None,
        )
        return name or cells.badge("warn", str(_("待排班")))

    def render_state(self, record: Session) -> SafeString:
        return session_badge(record.state)


class IncidentTable(Table):
    """S23."""

    caption = _("突发情况")
    empty_title = _("没有突发情况")
    empty_text_long = _("老师在手机上报告的突发情况会列在这里。")

    happened_at = django_tables2.Column(verbose_name=_("发生时间"), order_by=("happened_at", "pk"))
    session = django_tables2.Column(
        verbose_name=_("活动"), accessor="session__activity__title", orderable=False
    )
    by = django_tables2.Column(verbose_name=_("报告人"), accessor="by__name", orderable=False)
    state = django_tables2.Column(verbose_name=_("状态"), order_by=("state", "pk"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("-happened_at",)

    def render_happened_at(self, value: dt.datetime, record: Incident) -> SafeString:
        shown = f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
        return format_html('<a href="{}">{}</a>', reverse("care:incident", args=[record.pk]), shown)

    def render_state(self, record: Incident) -> SafeString:
        return incident_badge(record.state)
