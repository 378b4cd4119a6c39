"""Lists of applications: for review, and the queue."""

from typing import Any, ClassVar

import django_tables2
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from afterbell.pages import cells
from afterbell.pages.tables import Table
from schools.enrolment.models import Application, Supplement
from schools.enrolment.states import ApplicationState, SupplementState
from schools.enrolment.supplement_queries import InLine

BADGES = {
    ApplicationState.SUBMITTED: "now",
    ApplicationState.WAITING: "warn",
    ApplicationState.APPROVED: "good",
    ApplicationState.REFUSED: "bad",
    ApplicationState.WITHDRAWN: "quiet",
}


SUPPLEMENT_BADGES = {
    SupplementState.SUBMITTED: "now",
    SupplementState.WAITING: "warn",
    SupplementState.PLACED: "good",
    SupplementState.REFUSED: "bad",
    SupplementState.WITHDRAWN: "quiet",
    SupplementState.ENDED: "quiet",
}


class ApplicationTable(Table):
    """Rows need `school_said`, `committee_said` and `is_own` (queries.for_staff)."""

    caption = _("申请")
    empty_title = _("没有符合条件的申请")
    empty_text_long = _("方案公示后，家长在手机上提交的申请会列在这里。学校不能代家长申请。")

    ticked = django_tables2.Column(verbose_name=_("选择"), empty_values=(), orderable=False, accessor="pk")
    number = django_tables2.Column(verbose_name=_("申请编号"))
    pupil = django_tables2.Column(
        verbose_name=_("学生"), accessor="pupil__name", order_by=("pupil__name", "number")
    )
    school_class = django_tables2.Column(
        verbose_name=_("班级"),
        accessor="pupil__school_class__name",
        order_by=("pupil__school_class__grade", "pupil__school_class__number", "number"),
    )
    choices = django_tables2.Column(verbose_name=_("活动"), empty_values=(), orderable=False)
    submitted_at = django_tables2.DateTimeColumn(verbose_name=_("提交时间"), format="Y-m-d H:i")
    school_said = django_tables2.Column(verbose_name=_("学校"), empty_values=())
    committee_said = django_tables2.Column(verbose_name=_("家委会"), empty_values=())
    state = django_tables2.Column(verbose_name=_("状态"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("submitted_at",)

    def __init__(self, data: Any, *, side: str, page: str, may_tick: bool, **options: Any) -> None:
        hidden = () if may_tick else ("ticked",)
        super().__init__(data, exclude=hidden, **options)
        self.side, self.row_page = side, page

    def render_ticked(self, record: Application) -> SafeString | str:
        if record.state != ApplicationState.SUBMITTED or getattr(record, f"{self.side}_said") is not None:
            return ""
        if getattr(record, "is_own", False):
            return str(_("自己的孩子"))
        return format_html(
            '<input type="checkbox" class="form-check-input" name="ticked" form="bulk" value="{}" aria-label="{}">',
            record.pk,
            _("选择 %(number)s") % {"number": record.number},
        )

    def render_number(self, record: Application) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse(self.row_page, args=[record.pk]), record.number)

    def render_choices(self, record: Application) -> str:
        return "、".join(row.activity.title for row in record.choices.all())

    def render_school_said(self, record: Any) -> SafeString:
        return _said(record.school_said)

    def render_committee_said(self, record: Any) -> SafeString:
        return _said(record.committee_said)

    def render_state(self, record: Application) -> SafeString:
        return cells.badge(BADGES[ApplicationState(record.state)], record.get_state_display())


class SupplementTable(Table):
    """Rows need `school_said` and `committee_said` (supplement_queries.for_staff)."""

    caption = _("补充申请")
    empty_title = _("没有符合条件的补充申请")
    empty_text_long = _("协议生效中的家庭要求增加一项活动，提交的补充申请会列在这里。学校不能代家长申请。")

    number = django_tables2.Column(verbose_name=_("补充申请编号"))
    pupil = django_tables2.Column(
        verbose_name=_("学生"),
        accessor="application__pupil__name",
        order_by=("application__pupil__name", "number"),
    )
    school_class = django_tables2.Column(
        verbose_name=_("班级"),
        accessor="application__pupil__school_class__name",
        order_by=(
            "application__pupil__school_class__grade",
            "application__pupil__school_class__number",
            "number",
        ),
    )
    choices = django_tables2.Column(verbose_name=_("增加的活动"), empty_values=(), orderable=False)
    submitted_at = django_tables2.DateTimeColumn(verbose_name=_("提交时间"), format="Y-m-d H:i")
    school_said = django_tables2.Column(verbose_name=_("学校"), empty_values=())
    committee_said = django_tables2.Column(verbose_name=_("家委会"), empty_values=())
    state = django_tables2.Column(verbose_name=_("状态"))

    class Meta(Table.Meta):
        order_by: ClassVar = ("submitted_at",)

    def __init__(self, data: Any, *, page: str, **options: Any) -> None:
        super().__init__(data, **options)
        self.row_page = page

    def render_number(self, record: Supplement) -> SafeString:
        return format_html('<a href="{}">{}</a>', reverse(self.row_page, args=[record.pk]), record.number)

    def render_choices(self, record: Supplement) -> str:
        return "、".join(row.activity.title for row in record.choices.all())

    def render_school_said(self, record: Any) -> SafeString:
        return _said(record.school_said)

    def render_committee_said(self, record: Any) -> SafeString:
        return _said(record.committee_said)

    def render_state(self, record: Supplement) -> SafeString:
        return cells.badge(SUPPLEMENT_BADGES[SupplementState(record.state)], record.get_state_display())


class QueueTable(Table):
    """In the order of the queue, which nobody can change: no column sorts. Rows are supplement_queries.line's."""

    caption = _("候补名单")
    empty_title = _("没有人候补")
    empty_text_long = _(
        "名额满了以后，审核通过的申请按提交申请的时间列在这里，与审核先后无关。有人退出时自动递补。已有部分名额的，"
        "只列出还在候补的活动。"
    )

    place = django_tables2.Column(verbose_name=_("顺序"), empty_values=(), orderable=False, accessor="form")
    number = django_tables2.Column(verbose_name=_("申请编号"), orderable=False)
    pupil = django_tables2.Column(verbose_name=_("学生"), orderable=False)
    school_class = django_tables2.Column(verbose_name=_("班级"), orderable=False)
    titles = django_tables2.Column(verbose_name=_("候补的活动"), orderable=False)
    submitted_at = django_tables2.DateTimeColumn(
        verbose_name=_("提交时间"), format="Y-m-d H:i", orderable=False
    )

    class Meta(Table.Meta):
        order_by: ClassVar = ()

    def render_place(self, bound_row: Any) -> str:
        before = (self.page.number - 1) * self.paginator.per_page if hasattr(self, "page") else 0
        return str(before + bound_row.row_counter + 1)

    def render_number(self, record: InLine) -> SafeString:
        page = "enrolment:desk_supplement" if record.is_supplement else "enrolment:desk_application"
        return format_html('<a href="{}">{}</a>', reverse(page, args=[record.form]), record.number)

    def render_titles(self, record: InLine) -> str:
        return "、".join(record.titles)


def _said(value: bool | None) -> SafeString:  # noqa: FBT001  (what a column gives)
    if value is None:
        return cells.badge("quiet", str(_("待审核")))
    return cells.badge("good", str(_("同意"))) if value else cells.badge("bad", str(_("不同意")))
