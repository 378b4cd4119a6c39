"""Sample forms of the style guide: every kind of field, a parent's step, filters of a list."""

from typing import Any

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

GRADES = [(str(n), format_lazy(_("{n} 年级"), n=n)) for n in range(1, 7)]
DAYS = [("1", _("周一")), ("2", _("周二")), ("3", _("周三")), ("4", _("周四")), ("5", _("周五"))]
DISTRICTS = [("", _("全部区县")), ("330102", _("湖滨区")), ("330106", _("山南县"))]
STATES = [("", _("全部状态")), ("good", _("已完成")), ("now", _("进行中")), ("bad", _("已逾期"))]


class EveryField(forms.Form):
    """One field of each kind."""

    name = forms.CharField(
        label=_("活动名称"),
        help_text=_("家长会看到这个名称，请写清楚内容，例如“四年级篮球”。"),
        max_length=30,
    )
    about = forms.CharField(label=_("活动说明"), widget=forms.Textarea(attrs={"rows": 3}), required=False)
    places = forms.IntegerField(label=_("名额（人）"), min_value=1, max_value=60)
    starts = forms.DateField(label=_("开始日期"), widget=forms.DateInput(attrs={"type": "date"}))
    grade = forms.ChoiceField(label=_("年级"), choices=[("", _("请选择")), *GRADES])
    room = forms.ChoiceField(
        label=_("地点"),
        widget=forms.RadioSelect,
        choices=[("gym", _("风雨操场")), ("lib", _("图书馆")), ("none", _("暂未确定"))],
    )
    days = forms.MultipleChoiceField(
        label=_("每周哪几天"), widget=forms.CheckboxSelectMultiple, choices=DAYS, help_text=_("可以选多天。")
    )
    scan = forms.FileField(
        label=_("家长委员会决议扫描件"), help_text=_("PDF 或照片，不超过 2 MB。"), required=False
    )
    secret = forms.CharField(
        label=_("登录密码"), widget=forms.PasswordInput(attrs={"autocomplete": "off"}), required=False
    )
    agreed = forms.BooleanField(label=_("已由家长委员会审议通过"))


class PickUp(forms.Form):
    """A parent's step: who collects the child."""

    who = forms.CharField(
        label=_("接孩子的人的姓名"),
        help_text=_("请填写身份证上的姓名。"),
        max_length=20,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.RegexField(
        label=_("手机号"),
        regex=r"^1[0-9]{10}$",
        help_text=_("孩子没有按时被接走时，老师会打这个电话。"),
        error_messages={"invalid": _("手机号应为 11 位数字，以 1 开头，例如 13800138000")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    relation = forms.ChoiceField(
        label=_("和孩子的关系"),
        widget=forms.RadioSelect,
        choices=[("parent", _("父母")), ("grand", _("祖父母、外祖父母")), ("other", _("其他亲属"))],
    )


class Filters(forms.Form):
    """Filters of the sample list."""

    q = forms.CharField(label=_("学校名称"), required=False, max_length=40)
    district = forms.ChoiceField(label=_("区县"), choices=DISTRICTS, required=False)
    state = forms.ChoiceField(label=_("状态"), choices=STATES, required=False)

    def rows(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """The sample rows that these filters let through."""
        if not self.is_valid():
            return []
        wanted = self.cleaned_data
        return [
            row
            for row in rows
            if wanted["q"] in row["school"]
            and wanted["district"] in ("", row["district_code"])
            and wanted["state"] in ("", row["state"])
        ]
