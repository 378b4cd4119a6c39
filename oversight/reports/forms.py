"""Forms of the reports: filters, and a word to the school."""

from django import forms
from django.utils.translation import gettext_lazy as _

from oversight.filters import ALL, SchoolsFilter
from oversight.reports.queries import NOTED, UNREAD
from tenants.exchange.models import Envelope

STATES = [(UNREAD, _("未读")), (NOTED, _("已记下"))]
MOST_NOTE = Envelope._meta.get_field("answer_note").max_length


class ReportFilter(SchoolsFilter):
    """Of reports: read or not."""

    state = forms.ChoiceField(label=_("状态"), choices=[ALL, *STATES], required=False)


class NoteForm(forms.Form):
    """What the bureau says to it; nothing is enough."""

    note = forms.CharField(
        label=_("答复学校"),
        max_length=MOST_NOTE,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("学校会看到，记下后不能修改。不要写学生姓名。"),
    )
