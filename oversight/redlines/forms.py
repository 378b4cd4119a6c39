"""Forms of the alerts: filters, an officer's note, the reason of closing."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oversight.filters import ALL, SchoolsFilter
from oversight.redlines.states import AlertState, Level, RuleCode
from tenants.models import Kind, Stage

NOTE_MOST = 500


class AlertFilter(SchoolsFilter):
    """Of alerts; without a state, those that are not over."""

    term = forms.ChoiceField(label=_("学期"), required=False)
    stage = forms.ChoiceField(label=_("学段"), choices=[ALL, *Stage.choices], required=False)
    kind = forms.ChoiceField(label=_("城乡"), choices=[ALL, *Kind.choices], required=False)
    rule = forms.ChoiceField(label=_("规则"), choices=[ALL, *RuleCode.choices], required=False)
    level = forms.ChoiceField(label=_("级别"), choices=[ALL, *Level.choices], required=False)
    state = forms.ChoiceField(
        label=_("状态"), choices=[("", _("未了结")), *AlertState.choices, ("all", _("全部"))], required=False
    )

    field_order = ("term", "district", "stage", "kind", "rule", "level", "state", "school")

    def __init__(self, *args: Any, terms: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["term"].choices = [ALL, *terms]  # type: ignore[attr-defined]  # a ChoiceField


class NoteForm(forms.Form):
    """What an officer found or did."""

    note = forms.CharField(
        label=_("备注"),
        max_length=NOTE_MOST,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("写明了解到的情况和处理；不要写学生和家长的姓名。"),
    )


class CloseForm(forms.Form):
    """Why it is over."""

    reason = forms.CharField(
        label=_("了结原因"),
        max_length=NOTE_MOST,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("写明为什么不再处理，例如已整改、核实无误；不要写学生和家长的姓名。"),
    )
