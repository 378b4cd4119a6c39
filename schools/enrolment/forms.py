"""Forms of enrolment: one question a page for the guardian, one decision for the reviewer."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any, ClassVar
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused
from schools.enrolment import rules, signing, wording
from schools.enrolment.models import Placing, Side
from schools.enrolment.queries import Choosable, Offer
from schools.enrolment.signing import Signature
from schools.enrolment.states import ApplicationState, SupplementState

Choices = Sequence[tuple[str, str]]


class ChildForm(forms.Form):
    """Which child, and for which term."""

    offer = forms.ChoiceField(label=_("为哪个孩子申请"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, offers: Sequence[Offer], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["offer"].choices = [  # type: ignore[attr-defined]  # a ChoiceField
            (row.key, f"{row.pupil.name}（{row.pupil.school_class.name}），{row.term_name}") for row in offers
        ]


class ActivitiesForm(forms.Form):
    """What the child takes part in. Full activities can be chosen too: then one waits."""

    activities = forms.MultipleChoiceField(
        label=_("参加哪些活动"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一项活动。"), "invalid_choice": _("请从列出的活动中选择。")},
    )

    def __init__(self, *args: Any, found: Sequence[Choosable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = {str(row.activity.pk): row for row in found}
        self.fields["activities"].choices = [(key, _line(row)) for key, row in self.found.items()]  # type: ignore[attr-defined]

    def clean_activities(self) -> tuple[str, ...]:
        chosen = [self.found[key].activity for key in self.cleaned_data["activities"]]
        for one, other in combinations(chosen, 2):
            if rules.is_same_time(one, other):
                said = _("“%(one)s”和“%(other)s”时间重叠，请只选一项。")
                raise forms.ValidationError(said, params={"one": one.title, "other": other.title})
        return tuple(sorted(self.cleaned_data["activities"]))


class FurtherForm(forms.Form):
    """One more activity under an agreement that runs."""

    activity = forms.ChoiceField(
        label=_("增加哪项活动"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选择一项活动。"), "invalid_choice": _("请从列出的活动中选择。")},
    )

    def __init__(self, *args: Any, found: Sequence[Choosable], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["activity"].choices = [(str(row.activity.pk), _line(row)) for row in found]  # type: ignore[attr-defined]


class PlacesForm(forms.Form):
    """What happens when only some of the activities have a place. Nothing is ticked beforehand."""

    placing = forms.ChoiceField(
        label=_("有的活动没有名额时"),
        widget=forms.RadioSelect,
        choices=[
            (Placing.EACH, _("有名额的先参加，其余候补")),
            (Placing.ALL, _("所选活动都有名额才参加，有一项没有就一起候补")),
        ],
        error_messages={"required": _("请选择一种。")},
    )


class HomeForm(forms.Form):
    """How the child gets home."""

    way = forms.ChoiceField(
        label=_("放学后孩子怎么回家"),
        widget=forms.RadioSelect,
        choices=[("adult", _("由登记的接送人来接")), ("alone", _("孩子自己回家，我知晓并同意"))],
    )


class SignatureForm(forms.Form):
    """Drawn (the script fills the path), or the full name typed and the box ticked."""

    path = forms.CharField(required=False, widget=forms.HiddenInput, max_length=signing.MOST_SIGNS)
    name = forms.CharField(
        label=_("您的姓名"),
        required=False,
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    is_mine = forms.BooleanField(label=_("我以输入姓名代替手写签名，效力相同"), required=False)

    def __init__(self, *args: Any, guardian_name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.guardian_name = guardian_name

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        try:
            given["signature"] = self._signature(given)
        except Refused as refusal:
            self.add_error("name" if given.get("name") and not given.get("path") else None, str(refusal))
        return given

    def _signature(self, given: dict[str, Any]) -> Signature:
        if given.get("path") or not given.get("name"):
            return signing.drawn(given.get("path", ""))
        if not given.get("is_mine"):
            self.add_error("is_mine", _("请勾选“我以输入姓名代替手写签名”。"))
        return signing.typed(given["name"], of=self.guardian_name)


class ExitForm(forms.Form):
    """Why; nobody has to say."""

    reason = forms.CharField(
        label=_("退出原因"), required=False, max_length=200, widget=forms.Textarea(attrs={"rows": 2})
    )


class ReviewForm(forms.Form):
    """One side's word."""

    decision = forms.ChoiceField(
        label=_("审核意见"), choices=[("yes", _("同意")), ("no", _("不同意"))], widget=forms.RadioSelect
    )
    reason = forms.CharField(
        label=_("不同意的理由"),
        required=False,
        max_length=200,
        help_text=_("不同意时必填，家长会看到这段话。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("decision") == "no" and not given.get("reason", "").strip():
            self.add_error("reason", _("请写明理由，家长会看到。"))
        return given


class ApplicationFilter(forms.Form):
    """Filters of the list; nonsense in the address filters nothing."""

    states: ClassVar = ApplicationState.choices
    search = forms.CharField(label=_("学生姓名或申请编号"), max_length=60, required=False)
    state = forms.ChoiceField(label=_("状态"), required=False)
    todo = forms.ChoiceField(label=_("待审核"), required=False, choices=[("", _("不限")), *Side.choices])
    school_class = forms.ChoiceField(label=_("班级"), required=False)

    def __init__(self, *args: Any, classes: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = [("", _("全部")), *self.states]  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["school_class"].choices = [("", _("全部")), *classes]  # type: ignore[attr-defined]

    @property
    def chosen(self) -> dict[str, str]:
        """What application_list takes."""
        if not self.is_valid():
            return {}
        given = dict(self.cleaned_data)
        given["class_id"] = given.pop("school_class")
        return given


class SupplementFilter(ApplicationFilter):
    """The same over supplements."""

    states: ClassVar = SupplementState.choices


def ticked(given: QueryDict) -> list[UUID]:
    """Ids of the rows that were ticked in a list; nonsense ticks nothing."""
    return [UUID(text) for text in given.getlist("ticked") if _is_id(text)]


def _line(row: Choosable) -> str:
    """One line a choice: when, what, how many places."""
    activity = row.activity
    said = f"{wording.when(activity)} {activity.title}（{activity.get_kind_display()}）"
    if row.free < 1 and row.waiting:
        return _("%(what)s，已满，%(n)s 份申请在先") % {"what": said, "n": row.waiting}
    if row.free < 1:
        return _("%(what)s，已满，可候补") % {"what": said}
    return _("%(what)s，剩 %(n)s 个名额") % {"what": said, "n": row.free}


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
