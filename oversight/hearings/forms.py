"""Forms of the complaints' desk: filters, what a school is asked, the answer to the family."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import in_our_years
from oversight.filters import ALL, SchoolsFilter
from tenants.letterbox import queries
from tenants.letterbox.actions import MOST_ANSWER, MOST_PASSED, MOST_WHY
from tenants.letterbox.models import Accused, BureauComplaint, ComplaintKind, Origin
from tenants.letterbox.states import LetterState

STATES = [
    (queries.UNANSWERED, _("全部未答复")),
    (queries.LATE, _("已逾期")),
    *LetterState.choices,
]
AT_SCHOOL = [choice for choice in Accused.choices if choice[0] not in (Accused.LEADERS, Accused.BUREAU)]
"""Of whom somebody is left at school who may handle it."""


class ComplaintFilter(SchoolsFilter):
    """Of complaints: by number, kind, origin and state."""

    search = forms.CharField(label=_("编号"), max_length=20, required=False)
    kind = forms.ChoiceField(label=_("类别"), choices=[ALL, *ComplaintKind.choices], required=False)
    origin = forms.ChoiceField(label=_("来源"), choices=[ALL, *Origin.choices], required=False)
    state = forms.ChoiceField(label=_("状态"), choices=[ALL, *STATES], required=False)
    field_order = ("search", "school", "district", "kind", "origin", "state")


class PassingForm(forms.Form):
    """What the school is told, until when it replies, who there is not to see it."""

    named = forms.ChoiceField(
        label=_("要不要告诉学校是谁投诉的"),
        choices=[("no", _("不告诉")), ("yes", _("告诉学校投诉人的姓名"))],
        widget=forms.RadioSelect,
        initial="no",
    )
    accused = forms.ChoiceField(
        label=_("涉及谁"),
        choices=AT_SCHOOL,
        widget=forms.RadioSelect,
        required=False,
        help_text=_("您选的人在学校看不到这件投诉，也不能办理。"),
    )
    accused_name = forms.CharField(label=_("涉及人的姓名"), max_length=60, required=False)
    text = forms.CharField(
        label=_("转给学校的内容"),
        max_length=MOST_PASSED,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("学校只看到这段话。不具名转办的请用自己的话写，不要让学校认出家长和孩子。"),
    )
    due_date = forms.DateField(
        label=_("学校回复期限"),
        validators=[in_our_years],
        help_text=_("到当天晚上为止。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    why_fine = forms.CharField(
        label=_("核对说明"),
        max_length=MOST_WHY,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("提示可能让人认出被投诉的人或孩子时，核对后写明为什么可以转，每个问题一行；说明会留存。"),
    )

    def __init__(self, *args: Any, complaint: BureauComplaint, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        told = _("学校办理人会看到这里写的姓名。不写也可以：您选的那一类人都看不到。")
        if complaint.accused_name:
            wrote = _("家长写的是：%(name)s。") % {"name": complaint.accused_name}
            told = format_lazy("{}{}", wrote, told)
        self.fields["accused_name"].help_text = told
        if not complaint.may_name:
            field = self.fields["named"]
            field.choices = [("no", _("不告诉（投诉人要求保密）"))]  # type: ignore[attr-defined]

    @property
    def due_at(self) -> datetime:
        """The end of the day."""
        return timezone.make_aware(datetime.combine(self.cleaned_data["due_date"], time(23, 59, 59)))


class AnswerForm(forms.Form):
    """The bureau's answer."""

    text = forms.CharField(
        label=_("答复家长"),
        max_length=MOST_ANSWER,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("家长会看到这段话，提交后不能修改。"),
    )
