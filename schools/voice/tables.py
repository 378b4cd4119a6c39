"""Lists of complaints and of surveys."""

from typing import Any, ClassVar

import django_tables2
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import NumberColumn, Table
from schools.voice.models import Complaint, Survey
from schools.voice.states import ComplaintState, SurveyState

BADGES = {
    ComplaintState.OPEN: "now",
    ComplaintState.ANSWERED: "info",
    ComplaintState.ESCALATED: "bad",
    ComplaintState.CLOSED: "good",
}


class ComplaintTable(Table):
    """What waits for an answer first, by deadline."""

    caption = _("投诉")
    empty_title = _("没有投诉")
    empty_text_long = _("家长提交的投诉会列在这里，到期没有答复的自动上报教育局。")

    number = django_tables2.Column(verbose_name=_("编号"))
    kind = django_tables2.Column(
        verbose_name=_("类别"), accessor="get_kind_display", order_by=("kind", "due_at")
    )
    addressee = django_tables2.Column(
        verbose_name=_("提交给"), accessor="get_addressee_display", order_by=("addressee", "due_at")
    )
    submitted_at = django_tables2.DateTimeColumn(verbose_name=_("提交时间"), format="Y-m-d H:i")
    due_at = django_tables2.DateTimeColumn(
        verbose_name=_("答复期限"), format="Y-m-d H:i", order_by=("urgency", "due_at")
    )
    state = django_tables2.Column(verbose_name=_("状态"), order_by=("state", "due_at"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("due_at",)

    def render_number(self, record: Complaint) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse("voice:complaint", args=[record.pk]), record.number)

    def render_state(self, record: Complaint) -> SafeString:
        if record.state == ComplaintState.OPEN and record.due_at < timezone.now():
            return cells.badge("bad", str(_("已超期")))
        return cells.badge(BADGES[ComplaintState(record.state)], record.get_state_display())


class SurveyTable(Table):
    """Surveys with how many answered; what was answered stands on the survey's page."""

    caption = _("满意度评价")
    empty_title = _("还没有开展评价")
    empty_text_long = _("每学期为每位服务人员开展一次评价，结果供续聘时参考。")

    person = django_tables2.Column(
        verbose_name=_("服务人员"),
        accessor="contract__candidate__name",
        order_by=("contract__candidate__name", "opened_at"),
    )
    term_code = django_tables2.Column(verbose_name=_("学期"))
    closes_at = django_tables2.DateTimeColumn(verbose_name=_("截止"), format="Y-m-d H:i")
    invited = NumberColumn(_("邀请"), unit=_("户"))
    answers = NumberColumn(_("已评价"), unit=_("户"))
    state = django_tables2.Column(verbose_name=_("状态"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("-closes_at",)

    def render_person(self, record: Survey) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>', reverse("voice:survey", args=[record.pk]), record.contract.candidate.name
        )

    def render_invited(self, value: int) -> str:
        return cells.whole(value)

    def render_answers(self, value: int) -> str:
        return cells.whole(value)

    def render_state(self, record: Any) -> SafeString:
        colour = "now" if record.state == SurveyState.OPEN else "quiet"
        return cells.badge(colour, record.get_state_display())
