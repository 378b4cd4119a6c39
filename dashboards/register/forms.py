"""Filters of the register."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.models import District, Kind, Stage
from tenants.states import SchoolState

ALL = ("", _("全部"))


class RegisterFilter(forms.Form):
    """All optional; an unknown choice is an error in words, and filters nothing."""

    search = forms.CharField(label=_("学校名称或标识码"), max_length=80, required=False)
    district = forms.ChoiceField(label=_("区县"), required=False)
    stage = forms.ChoiceField(label=_("学段"), choices=[ALL, *Stage.choices], required=False)
    kind = forms.ChoiceField(label=_("城乡"), choices=[ALL, *Kind.choices], required=False)
    state = forms.ChoiceField(label=_("状态"), choices=[ALL, *SchoolState.choices], required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        districts = District.objects.order_by("position", "code").values_list("code", "name")
        self.fields["district"].choices = [ALL, *districts]  # type: ignore[attr-defined]
