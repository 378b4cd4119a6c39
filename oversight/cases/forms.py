"""Forms of the filing desk: filters, and the reason for which a plan goes back."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oversight.cases import queries
from oversight.filters import ALL, SchoolsFilter
from tenants.models import Term

STATES = [ALL, (queries.WAITING, _("待答复")), (queries.LATE, _("已逾期")), (queries.ANSWERED, _("已答复"))]


class FilingFilter(SchoolsFilter):
    """Of filings: by term and state."""

    term = forms.ChoiceField(label=_("学期"), required=False)
    state = forms.ChoiceField(label=_("状态"), choices=STATES, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        terms = Term.objects.order_by("-first_date", "pk").values_list("code", "name")
        self.fields["term"].choices = [ALL, *terms]  # type: ignore[attr-defined]  # a ChoiceField


class ReturnForm(forms.Form):
    """Why a plan goes back."""

    note = forms.CharField(
        label=_("退回原因"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("学校会看到。请写明哪里不符合规定、怎样修改；不要写学生姓名。"),
    )
