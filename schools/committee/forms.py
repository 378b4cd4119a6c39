"""Forms of the parents' committee: a seat, a resolution."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import in_our_years
from schools.committee.models import Choice, Level, Office
from schools.people.models import SchoolClass

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
SCHOOL = "school"


class SearchForm(forms.Form):
    """Which parent."""

    q = forms.CharField(label=_("家长姓名或手机号"), max_length=40, required=False)


class SeatForm(forms.Form):
    """A parent, an office, a term of office."""

    guardian = forms.ChoiceField(label=_("家长"), widget=forms.RadioSelect)
    where = forms.ChoiceField(label=_("哪一级家委会"))
    office = forms.ChoiceField(label=_("职务"), choices=Office.choices, widget=forms.RadioSelect)
    from_date = forms.DateField(label=_("任期自"), widget=DAY, validators=[in_our_years])
    until_date = forms.DateField(label=_("任期至"), widget=DAY, validators=[in_our_years])

    def __init__(
        self,
        *args: Any,
        guardians: list[tuple[str, str]],
        classes: list[tuple[str, str]],
        grades: list[int],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["guardian"].choices = guardians  # type: ignore[attr-defined]  # a ChoiceField
        self.fields["where"].choices = [  # type: ignore[attr-defined]
            (SCHOOL, Level.SCHOOL.label),
            *((f"grade:{grade}", _("%(n)s 年级") % {"n": grade}) for grade in grades),
            *((f"class:{key}", name) for key, name in classes),
        ]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        first, last = given.get("from_date"), given.get("until_date")
        if isinstance(first, date) and isinstance(last, date) and last <= first:
            self.add_error("until_date", _("任期的结束日期应晚于开始日期。"))
        return given

    @property
    def level(self) -> dict[str, Any]:
        """What actions.found_committee takes."""
        level, _colon, which = self.cleaned_data["where"].partition(":")
        if level == "class":
            return {"level": Level.CLASS, "school_class": SchoolClass.objects.get(pk=which)}
        return {"level": Level.GRADE, "grade": int(which)} if level == "grade" else {"level": Level.SCHOOL}


class ResolutionForm(forms.Form):
    """A text that the chair puts to the vote; plan, hire and settlement come from their own pages."""

    title = forms.CharField(
        label=_("标题"), max_length=120, help_text=_("例如“安全管理制度（2026年修订）”。")
    )
    text = forms.CharField(
        label=_("决议内容"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("委员表决的就是这段文字，提出后不能修改。"),
    )


class VoteForm(forms.Form):
    """One of three."""

    choice = forms.ChoiceField(label=_("您的表决"), choices=Choice.choices, widget=forms.RadioSelect)
