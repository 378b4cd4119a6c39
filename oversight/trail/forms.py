"""Forms of the audit administrator's desk: filters of the chains and of the entries."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import in_our_years
from oversight.filters import ALL, SchoolsFilter
from oversight.trail.queries import Standing

STANDINGS = [
    (Standing.BROKEN.value, _("有问题")),
    (Standing.UNREAD.value, _("没能读取")),
    (Standing.LATE.value, _("锚定停了")),
    (Standing.NEW.value, _("尚未核验")),
    (Standing.HOLDS.value, _("完好")),
    (Standing.AWAY.value, _("不在服务中")),
]


class DayField(forms.DateField):
    """A day that has a day before and after it, from a calendar."""

    def __init__(self, **options: Any) -> None:
        calendar = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        super().__init__(required=False, widget=calendar, validators=[in_our_years], **options)


class ChainFilter(SchoolsFilter):
    """Of chains: by school and standing."""

    standing = forms.ChoiceField(label=_("状态"), choices=[ALL, *STANDINGS], required=False)


class EntryFilter(forms.Form):
    """All optional; what can't be read is an error in words, and filters nothing."""

    who = forms.CharField(
        label=_("操作人"), max_length=80, required=False, help_text=_("姓名、登录名或编号；“-”为系统。")
    )
    verb = forms.RegexField(
        label=_("动作"),
        regex=r"^[a-z][a-z0-9_.]*$",
        max_length=80,
        required=False,
        error_messages={"invalid": _("请填动作的开头，例如 accounts.user。")},
    )
    target = forms.RegexField(
        label=_("对象"),
        regex=r"^[A-Za-z0-9_.:-]+$",
        max_length=120,
        required=False,
        error_messages={"invalid": _("请填对象的类别或编号，例如 tenants.school。")},
    )
    school = forms.RegexField(
        label=_("学校标识码"),
        regex=r"^[0-9]{10}$",
        max_length=10,
        required=False,
        error_messages={"invalid": _("学校标识码是 10 位数字。")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        days = {name: DayField(label=label) for name, label in (("from", _("从")), ("to", _("到")))}
        self.fields = {**days, **self.fields}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("from") and given.get("to") and given["from"] > given["to"]:
            self.add_error("to", _("结束日期不能早于开始日期。"))
        return given

    def chosen(self) -> dict[str, Any]:
        """What can be used."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
