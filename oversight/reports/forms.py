"""Forms of the reports: filters, and a word to the school."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oversight.reports.queries import NOTED, UNREAD
from tenants.exchange.models import Envelope

ALL = ("", _("全部"))
STATES = [(UNREAD, _("未读")), (NOTED, _("已记下"))]
MOST_NOTE = Envelope._meta.get_field("answer_note").max_length


class ReportFilter(forms.Form):
    """All optional; an unknown choice is an error in words, and filters nothing."""

    school = forms.CharField(label=_("学校名称或标识码"), max_length=80, required=False)
    district = forms.ChoiceField(label=_("区县"), required=False)
    state = forms.ChoiceField(label=_("状态"), choices=[ALL, *STATES], required=False)

    def __init__(self, *args: Any, districts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = [ALL, *districts]  # type: ignore[attr-defined]  # a ChoiceField

    def chosen(self) -> dict[str, str]:
        """What can be used."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}


class NoteForm(forms.Form):
    """What the bureau says to it; nothing is enough."""

    note = forms.CharField(
        label=_("答复学校"),
        max_length=MOST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("学校会看到，记下后不能修改。不要写学生姓名。"),
    )
