"""Forms of the audit chains: filters, and whose chain to verify."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from oversight.trail.queries import Standing

ALL = ("", _("全部"))
STANDINGS = [
    (Standing.BROKEN.value, _("有问题")),
    (Standing.UNREAD.value, _("没能读取")),
    (Standing.LATE.value, _("锚定停了")),
    (Standing.NEW.value, _("尚未核验")),
    (Standing.HOLDS.value, _("完好")),
    (Standing.AWAY.value, _("不在服务中")),
]


class ChainFilter(forms.Form):
    """All optional; an unknown choice is an error in words, and filters nothing."""

    school = forms.CharField(label=_("学校名称或标识码"), max_length=80, required=False)
    district = forms.ChoiceField(label=_("区县"), required=False)
    standing = forms.ChoiceField(label=_("状态"), choices=[ALL, *STANDINGS], required=False)

    def __init__(self, *args: Any, districts: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["district"].choices = [ALL, *districts]  # type: ignore[attr-defined]  # a ChoiceField

    def chosen(self) -> dict[str, str]:
        """What can be used."""
        self.is_valid()
        return {name: str(value) for name, value in self.cleaned_data.items() if value}
