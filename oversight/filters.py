"""The filter that the bureau's lists share: which schools."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

ALL: Final = ("", _("全部"))


class SchoolsFilter(forms.Form):
    """All optional; an unknown choice is an error in words, and filters nothing. `districts` are the reader's, by code and
    name."""

    school = forms.CharField(label=_("学校名称或标识码"), max_length=80, required=False)
    district = forms.ChoiceField(label=_("区县"), required=False)

    def __init__(self, *args: Any, districts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = [ALL, *districts]  # type: ignore[attr-defined]  # a ChoiceField

    def chosen(self) -> dict[str, str]:
        """What can be used; a wrong choice is said at its field and left out."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}
