"""Forms of people: pupils, adults and their rights, the filters of the list, the roster's file."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.fields import PhoneField
from afterbell.kernel.dates import in_our_years
from schools.people.models import Relation
from schools.people.rights import Rights
from schools.people.roster import archive, cells
from schools.people.roster.cells import Wrong

Choices = Sequence[tuple[str, str]]


class NameField(forms.CharField):
    """A person's name as the roster import would clean it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("姓名"))
        kwargs.setdefault("max_length", 60)
        kwargs.setdefault("widget", forms.TextInput(attrs={"autocomplete": "off"}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        try:
            return cells.name(text, of="") if text else ""
        except Wrong as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class DayField(forms.DateField):
    """A day, with the browser's own calendar."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
        kwargs.setdefault("validators", [in_our_years])
        super().__init__(**kwargs)


class ClassForm(forms.Form):
    """To which class."""

    school_class = forms.ChoiceField(label=_("班级"))

    def __init__(self, *args: Any, classes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].choices = [("", _("请选择")), *classes]  # type: ignore[attr-defined]
        self.has_classes = bool(classes)


class PupilForm(ClassForm):
    """A pupil who joins."""

    number = forms.CharField(
        label=_("学籍号"), max_length=40, help_text=_("和学籍系统一致，前面的 0 也要写。")
    )
    name = NameField()
    joined_date = DayField(label=_("入学日期"))
    field_order = ("number", "name", "school_class", "joined_date")

    def clean_number(self) -> str:
        try:
            return cells.number(self.cleaned_data["number"])
        except Wrong as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


class LeaveForm(forms.Form):
    """The last day."""

    on = DayField(label=_("离校日期"), help_text=_("在校的最后一天。"))

    def __init__(self, *args: Any, first: date, last: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("on", last)
        self.first, self.last = first, last

    def clean_on(self) -> date:
        day: date = self.cleaned_data["on"]
        if not self.first <= day <= self.last:
            said = _("日期应在 %(first)s 和 %(last)s 之间。")
            raise forms.ValidationError(said, params={"first": self.first, "last": self.last})
        return day


class RightsForm(forms.Form):
    """What an adult is to the child, and may do."""

    relation = forms.ChoiceField(label=_("和孩子的关系"), choices=Relation.choices, widget=forms.RadioSelect)
    may_sign = forms.BooleanField(
        label=_("可以签字"), required=False, help_text=_("可以答复征询、提交申请、签协议，也可以指定接送人。")
    )
    may_collect = forms.BooleanField(label=_("可以接孩子"), required=False)

    def clean_relation(self) -> Relation:
        return Relation(self.cleaned_data["relation"])


class ChangedRightsForm(RightsForm):
    """Other rights: what they were when the office looked, and why."""

    before = forms.CharField(widget=forms.HiddenInput, max_length=60)
    reason = forms.CharField(
        label=_("修改的原因"),
        max_length=200,
        help_text=_("例如“监护人书面要求，以后由爷爷接送”。记入变更记录；要由监护人确认的，监护人会看到。"),
    )

    def clean_before(self) -> Rights:
        try:
            return Rights.unpacked(self.cleaned_data["before"])
        except ValueError as error:
            raise forms.ValidationError(_("页面不完整，请重新打开后再修改。")) from error


class AdultForm(RightsForm):
    """An adult more."""

    name = NameField(help_text=_("请填写身份证上的姓名。"))
    phone = PhoneField(help_text=_("用来登录和接收通知。"))
    field_order = ("name", "phone", "relation", "may_sign", "may_collect")


class CollectorForm(forms.Form):
    """Somebody more who may collect, named by the parent."""

    name = NameField(help_text=_("请填写身份证上的姓名。"))
    phone = PhoneField(help_text=_("接孩子时凭这个手机号的接送码。请填他（她）自己的手机号。"))
    relation = forms.ChoiceField(label=_("和孩子的关系"), choices=Relation.choices, widget=forms.RadioSelect)

    def clean_relation(self) -> Relation:
        return Relation(self.cleaned_data["relation"])


class StrangerForm(forms.Form):
    """Who is no adult of the child and must not come near it, and why."""

    name = NameField(required=False, help_text=_("不知道的可以留空，姓名和手机号至少填一项。"))
    phone = PhoneField(required=False, help_text=_("不知道的可以留空。登记禁止不会建立账号。"))
    relation = forms.ChoiceField(label=_("和孩子的关系"), choices=Relation.choices, widget=forms.RadioSelect)
    reason = forms.CharField(
        label=_("原因"),
        max_length=200,
        help_text=_("例如法院文书编号、监护人书面要求的日期。只有学校办公室和领导能看到。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean_relation(self) -> Relation:
        return Relation(self.cleaned_data["relation"])


class DenialForm(forms.Form):
    """Why an adult must not come near the child."""

    reason = forms.CharField(
        label=_("原因"),
        max_length=200,
        help_text=_("例如法院文书编号、监护人书面要求的日期。只有学校办公室和领导能看到。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class EndForm(forms.Form):
    """Why an adult is none of the child's any more."""

    reason = forms.CharField(
        label=_("解除的原因"),
        max_length=200,
        help_text=_("例如“家长书面要求，换人接送”。记入变更记录。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class LiftForm(forms.Form):
    """Why a denial is to end."""

    reason = forms.CharField(
        label=_("解除的原因"),
        max_length=200,
        help_text=_("例如法院撤销文书的编号、监护人书面要求的日期。由谁确认，谁就会看到；记入变更记录。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CorrectionForm(forms.Form):
    """Why something is put right, and what it was when the office looked."""

    before = forms.CharField(widget=forms.HiddenInput, max_length=60)
    reason = forms.CharField(
        label=_("更正的原因"),
        max_length=200,
        help_text=_("例如“登记时写错一个字”“家长换了号码，带身份证来办”。记入变更记录。"),
    )


class NameCorrectionForm(CorrectionForm):
    """How somebody is really called."""

    name = NameField(label=_("正确的姓名"))
    field_order = ("before", "name", "reason")


class PhoneCorrectionForm(CorrectionForm):
    """The number that is really the adult's."""

    before = forms.CharField(widget=forms.HiddenInput, max_length=60, required=False)
    """Empty of a contact whom the roster had without a number."""
    phone = PhoneField(
        label=_("正确的手机号"), help_text=_("以后用这个号码登录；旧号码马上退出，不能再登录。")
    )
    field_order = ("before", "phone", "reason")


class PupilFilter(forms.Form):
    """Filters of the list; nonsense in the address filters nothing."""

    search = forms.CharField(label=_("姓名或学籍号"), max_length=60, required=False)
    school_class = forms.ChoiceField(label=_("班级"), required=False)
    state = forms.ChoiceField(
        label=_("状态"), required=False, choices=[("", _("在校")), ("left", _("已离校")), ("all", _("全部"))]
    )

    def __init__(self, *args: Any, classes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].choices = [("", _("全部")), *classes]  # type: ignore[attr-defined]


class RosterForm(forms.Form):
    """The workbook."""

    file = forms.FileField(
        label=_("名册文件"),
        help_text=_("Excel 工作簿（.xlsx、.xls）或 CSV，不超过 10 MB。"),
        allow_empty_file=False,
        error_messages={"empty": _("这个文件是空的，请重新选择。")},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv,.txt"}),
    )

    def clean_file(self) -> UploadedFile:  # type: ignore[type-arg]  # generic in the stubs only
        """Size is looked at before anything is read into memory."""
        file: UploadedFile = self.cleaned_data["file"]  # type: ignore[type-arg]
        if (file.size or 0) > archive.MOST_BYTES:
            refusal = archive.TooLarge(most=archive.MOST_BYTES // archive.MEGABYTE)
            raise forms.ValidationError(str(refusal), code=refusal.code)
        return file


class ApplyForm(forms.Form):
    """Which of the missing pupils leave, and what the preview showed."""

    NONE, CHOSEN, ALL = "none", "chosen", "all"
    fingerprint = forms.CharField(widget=forms.HiddenInput)
    in_part = forms.BooleanField(widget=forms.HiddenInput, required=False)
    """The good rows alone; the others are given back."""
    leaving = forms.ChoiceField(
        label=_("名册里没有的在校生怎么办"),
        required=False,
        widget=forms.RadioSelect,
        choices=[
            (NONE, _("都不动，以后再办")),
            (CHOSEN, _("只把下面勾选的标记为离校")),
            (ALL, _("全部标记为离校")),
        ],
    )


class AnswerForm(forms.Form):
    """Yes or no; the school's decision says why."""

    answer = forms.ChoiceField(
        label=_("您同意吗"), widget=forms.RadioSelect, choices=[("yes", _("同意")), ("no", _("不同意"))]
    )
    reason = forms.CharField(
        label=_("理由"),
        max_length=200,
        help_text=_("例如“已核对户口簿，是孩子的母亲”。记入记录，以后的监护人会看到。"),
    )

    def __init__(self, *args: Any, with_reason: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not with_reason:
            del self.fields["reason"]
