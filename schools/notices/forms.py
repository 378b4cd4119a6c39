"""The form that a notice is written in."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


class DraftForm(forms.Form):
    """What is said, and to whom. A letter home: notices of fees, accounts and the like come out of their own rooms."""

    title = forms.CharField(label=_("标题"), max_length=120)
    body = forms.CharField(
        label=_("内容"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 10}),
        help_text=_(
            "发布后不能修改。请不要写某个孩子的姓名和情况。收费公示、收支公示由方案和账目产生，不在这里写。"
        ),
    )
    school_class = forms.ChoiceField(label=_("发给"), required=False)
    is_open = forms.BooleanField(
        label=_("同时公开"), required=False, help_text=_("不用登录就能看到，只能用于发给全校的通知。")
    )

    def __init__(self, *args: Any, classes: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["school_class"].choices = [("", _("全校家长")), *classes]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("is_open") and cleaned.get("school_class"):
            self.add_error("is_open", _("公开的通知要发给全校家长。请把“发给”改成全校，或不公开。"))
        return cleaned


class ReleaseForm(forms.Form):
    """Why a letter that speaks of money goes out; asked when words warned."""

    reason = forms.CharField(
        label=_("发布理由"),
        max_length=200,
        help_text=_("例如“只说明按已公示的标准缴费的时间”。会留在记录里。"),
    )
