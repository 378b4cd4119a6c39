"""Forms of consultation and plan; money is typed in yuan and comes out in fen."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import in_our_years
from afterbell.kernel.money import Fen
from afterbell.pages.fields import MoneyField
from schools.planning import fees
from schools.planning.actions import LEAST_REASON, MOST_REASON
from schools.planning.amending import Content, when
from schools.planning.drafting import MOST_PARTICIPANTS, MOST_PLACES, NewActivity, Terms
from schools.planning.models import Activity, ActivityKind, Consultation, CostKind, FeeUnit, Wish
from schools.planning.queries import Room
from schools.planning.rules import WEEKDAYS
from tenants.models import Term

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class ConsultationForm(forms.Form):
    """What families are asked, and until when."""

    term_code = forms.ChoiceField(label=_("学期"))
    title = forms.CharField(label=_("标题"), max_length=Consultation._meta.get_field("title").max_length)
    text = forms.CharField(
        label=_("说明"),
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("写清内容、时间、预计收费和“自愿参加”。家长会原样看到。"),
    )
    closes_at = forms.DateTimeField(
        label=_("截止时间"),
        validators=[in_our_years],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("家长最晚可以答复和修改到这个时间。所有学生都已答复的，可以提前结束，家长会收到通知。"),
    )

    def __init__(self, *args: Any, terms: list[Term], fixed_term: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["term_code"].choices = [(term.code, term.name) for term in terms]  # type: ignore[attr-defined]
        if fixed_term:
            del self.fields["term_code"]


class WishForm(forms.Form):
    """One of three buttons of the same size."""

    wish = forms.ChoiceField(label=_("意愿"), choices=Wish.choices)


class ClosingForm(forms.Form):
    """Another closing time of a consultation that runs."""

    closes_at = forms.DateTimeField(
        label=_("新的截止时间"),
        validators=[in_our_years],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_(
            "至少在 24 小时以后。改动会马上告知每一位可签字的家长。所有学生都已答复的，可以提前结束。"
        ),
    )


class SendBackForm(forms.Form):
    """What the school's review has found."""

    reason = forms.CharField(
        label=_("退回的理由"),
        min_length=LEAST_REASON,
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("写清要改什么。起草的人和家长委员会都会看到。"),
        error_messages={
            "required": _("请写明退回的理由。"),
            "min_length": _("请写得具体一些，至少 4 个字。"),
        },
    )


class ReasonForm(forms.Form):
    """Why a published plan is amended."""

    reason = forms.CharField(
        label=_("变更的理由"),
        min_length=LEAST_REASON,
        max_length=MOST_REASON,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("例如“报名人数多于预计，增加名额”。家长委员会、教育局和家长都会看到。"),
        error_messages={
            "required": _("请写明变更的理由。"),
            "min_length": _("请写得具体一些，至少 4 个字。"),
        },
    )


class AmendmentNumbersForm(forms.Form):
    """The expected number, and the places of each activity of the draft."""

    participants = forms.IntegerField(label=_("预计参加人数"), min_value=1, max_value=MOST_PARTICIPANTS)

    def __init__(self, *args: Any, content: Content, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["participants"].initial = content.participants
        self.keys = {f"places_{each.id}": UUID(each.id) for each in content.groups}
        for each in content.groups:
            self.fields[f"places_{each.id}"] = forms.IntegerField(
                label=_("名额：%(when)s %(title)s") % {"when": when(each), "title": each.title},
                initial=each.capacity,
                min_value=1,
                max_value=MOST_PLACES,
            )

    @property
    def places(self) -> dict[UUID, int]:
        """By activity."""
        return {key: self.cleaned_data[name] for name, key in self.keys.items()}


class PlanForm(forms.Form):
    """Name, days, fee, numbers. A school whose grades have several caps or stages gives each its own fee."""

    name = forms.CharField(label=_("方案名称"), max_length=80)
    first_date = forms.DateField(label=_("开始日期"), widget=DAY, validators=[in_our_years])
    last_date = forms.DateField(label=_("结束日期"), widget=DAY, validators=[in_our_years])
    fee_unit = forms.ChoiceField(label=_("计费方式"), choices=FeeUnit.choices, widget=forms.RadioSelect)
    fee = MoneyField(label=_("收费标准（元）"), help_text=_("不能超过现行政策的封顶。"))
    expected_participants = forms.IntegerField(
        label=_("预计参加人数"), min_value=1, max_value=MOST_PARTICIPANTS
    )

    def __init__(self, *args: Any, groups: Sequence[range], stage: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.groups = groups
        if len(groups) > 1:
            for grades in groups:
                self.fields[self.field_of(grades)] = _fee_field(fees.name_of(grades, stage))
            self.order_fields(
                ["name", "first_date", "last_date", "fee_unit", *(self.field_of(one) for one in groups)]
            )

    def field_of(self, grades: range) -> str:
        """`fee` is the lowest grade's."""
        return "fee" if grades == self.groups[0] else f"fee_{grades[0]}"

    @property
    def terms(self) -> Terms:
        """What the actions take."""
        given = self.cleaned_data
        later = {grades[0]: Fen(given[self.field_of(grades)]) for grades in self.groups[1:]}
        return Terms(
            name=given["name"],
            first_date=given["first_date"],
            last_date=given["last_date"],
            fee_unit=FeeUnit(given["fee_unit"]),
            fee=Fen(given["fee"]),
            expected_participants=given["expected_participants"],
            from_grade=later,
        )


class ActivityForm(forms.Form):
    """One group on one weekday in one room."""

    title = forms.CharField(label=_("名称"), max_length=Activity._meta.get_field("title").max_length)
    kind = forms.ChoiceField(label=_("类别"), choices=ActivityKind.choices)
    weekday = forms.TypedChoiceField(label=_("星期"), choices=list(WEEKDAYS.items()), coerce=int)
    starts = forms.TimeField(label=_("开始"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    ends = forms.TimeField(label=_("结束"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))
    room_id = forms.TypedChoiceField(label=_("场地"), coerce=UUID)
    grade_from = forms.IntegerField(label=_("年级自"), min_value=1, max_value=9)
    grade_to = forms.IntegerField(label=_("年级至"), min_value=1, max_value=9)
    capacity = forms.IntegerField(label=_("名额（人）"), min_value=1, max_value=MOST_PLACES)

    def __init__(self, *args: Any, rooms: list[Room], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["room_id"].choices = [  # type: ignore[attr-defined]
            (str(room.id), _("%(name)s（%(places)s 人）") % {"name": room.name, "places": room.places})
            for room in rooms
        ]

    @property
    def new(self) -> NewActivity:
        return NewActivity(**self.cleaned_data)


class CostLineForm(forms.Form):
    """One line of the planned cost of the whole plan."""

    kind = forms.ChoiceField(label=_("类别"), choices=CostKind.choices)
    title = forms.CharField(
        label=_("名称"),
        max_length=80,
        help_text=_(
            "例如“服务教师课时费”。场地、设备和水电由学校免费提供，不是成本：名称里有这类字样的会标出“请核对”，"
            "审核的人和教育局都会看到，可以退回。"
        ),
    )
    amount = MoneyField(label=_("整个方案的金额（元）"))


def _fee_field(name: str) -> MoneyField:
    label = _("收费标准（元）：%(grades)s") % {"grades": name}
    return MoneyField(label=label, help_text=_("不能超过这一学段的封顶。"))


def initial_of(consultation: Consultation) -> dict[str, str | datetime]:
    """The form of a draft that is there."""
    return {"title": consultation.title, "text": consultation.text, "closes_at": consultation.closes_at}
