"""Forms of surveys and complaints."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import in_our_years
from schools.staffing.models import Contract
from schools.voice.complaint_actions import MOST_SIGNS
from schools.voice.models import Addressee
from schools.voice.states import ComplaintState
from tenants.letterbox.family_actions import Wanted
from tenants.letterbox.models import Accused, ComplaintKind


class SurveyForm(forms.Form):
    """Whom to ask about, until when."""

    contract = forms.ChoiceField(label=_("评价哪位服务人员"), widget=forms.RadioSelect)
    closes_date = forms.DateField(
        label=_("截止日期"),
        validators=[in_our_years],
        help_text=_("到当天晚上为止。截止后才能看到结果。"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, contracts: Sequence[Contract], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contract"].choices = [(str(row.pk), row.candidate.name) for row in contracts]  # type: ignore[attr-defined]

    @property
    def contract_id(self) -> UUID:
        return UUID(self.cleaned_data["contract"])

    @property
    def closes_at(self) -> datetime:
        """The end of the day at the school."""
        day = self.cleaned_data["closes_date"] + timedelta(days=1)
        return timezone.make_aware(datetime(day.year, day.month, day.day))  # noqa: DTZ001  (made aware here)


class RatingForm(forms.Form):
    """One to five, and a word if one likes."""

    score = forms.TypedChoiceField(
        label=_("您的评分"),
        coerce=int,
        choices=[
            (5, _("5 分，很满意")),
            (4, _("4 分，满意")),
            (3, _("3 分，一般")),
            (2, _("2 分，不满意")),
            (1, _("1 分，很不满意")),
        ],
        widget=forms.RadioSelect,
    )
    comment = forms.CharField(
        label=_("意见"),
        required=False,
        max_length=500,
        help_text=_("请不要写孩子或自己的姓名。"),
        widget=forms.Textarea(attrs={"rows": 3}),
    )


class ComplaintForm(forms.Form):
    """What it is about, to whom, whose conduct, in one's own words."""

    kind = forms.ChoiceField(label=_("投诉什么"), choices=ComplaintKind.choices, widget=forms.RadioSelect)
    addressee = forms.ChoiceField(
        label=_("提交给谁"),
        choices=Addressee.choices,
        widget=forms.RadioSelect,
        initial=Addressee.SCHOOL,
        help_text=_("提交给教育局的，学校看不到；教育局认为需要时才会转给学校核实。"),
    )
    may_name = forms.ChoiceField(
        label=_("教育局向学校核实时，能不能说出您的姓名"),
        choices=[("no", _("不能，请为我保密")), ("yes", _("可以"))],
        widget=forms.RadioSelect,
        initial="no",
        required=False,
        help_text=_("只用于提交给教育局的投诉。"),
    )
    accused = forms.ChoiceField(
        label=_("涉及谁"),
        choices=Accused.choices,
        widget=forms.RadioSelect,
        initial=Accused.NOBODY,
        required=False,
        help_text=_(
            "在学校，您选的人看不到这件投诉，也不能办理。投诉教育局工作人员的，由市教育局办理，请写明姓名："
            "姓名相同或相近的人看不到；没有写姓名的，教育局没法让他回避。也可以拨打政务服务便民热线 12345。"
        ),
    )
    accused_name = forms.CharField(
        label=_("涉及人的姓名"), max_length=60, required=False, help_text=_("知道就写，不知道可以不写。")
    )
    text = forms.CharField(
        label=_("请写明情况"), max_length=MOST_SIGNS, widget=forms.Textarea(attrs={"rows": 6})
    )
    key = forms.CharField(widget=forms.HiddenInput, required=False)

    def wanted(self) -> Wanted:
        given = self.cleaned_data
        return Wanted(
            kind=ComplaintKind(given["kind"]),
            text=given["text"],
            may_name=given["may_name"] == "yes",
            accused=Accused(given["accused"]),
            accused_name=given["accused_name"],
        )


class WordsForm(forms.Form):
    """More words to the bureau, or why one is not content."""

    text = forms.CharField(
        label=_("请写明情况"), max_length=MOST_SIGNS, widget=forms.Textarea(attrs={"rows": 5})
    )


class AnswerForm(forms.Form):
    """The school's answer, to the family or to the bureau."""

    text = forms.CharField(
        label=_("答复"),
        max_length=MOST_SIGNS,
        help_text=_("家长会看到这段话，提交后不能修改。"),
        widget=forms.Textarea(attrs={"rows": 5}),
    )

    def __init__(self, *args: Any, to_bureau: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if to_bureau:
            self.fields["text"].help_text = _("教育局会看到这段话，提交后不能修改。不要写学生姓名。")


class ComplaintFilter(forms.Form):
    """Filters of the list; nonsense in the address filters nothing."""

    search = forms.CharField(label=_("编号"), max_length=20, required=False)
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[("", _("全部")), *ComplaintState.choices]
    )
    kind = forms.ChoiceField(
        label=_("类别"), required=False, choices=[("", _("全部")), *ComplaintKind.choices]
    )
