"""Forms of the tokens' pages: one that is asked for, the filters of the list."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.tokens import queries
from afterbell.tokens.models import MOST_DAYS, NAME_LENGTH, READABLE, USUAL_DAYS, in_words


class NewTokenForm(forms.Form):
    """What for, as whom, what it may read, how long."""

    name = forms.CharField(
        label=_("用途"),
        max_length=NAME_LENGTH,
        help_text=_("写明哪个单位的哪个系统、读什么，例如“市数据局共享平台，每日费用汇总”。"),
        error_messages={"required": _("请填写用途。")},
    )
    user = forms.ChoiceField(
        label=_("使用身份"),
        help_text=_("须由这位持有人本人同意，凭证只显示给他本人。只列出在用的监管和物价账号。"),
        error_messages={"required": _("请选择账号。"), "invalid_choice": _("请选择列出的账号。")},
    )
    allowed = forms.MultipleChoiceField(
        label=_("可以读取"),
        choices=lambda: [(one.value, in_words(one)) for one in READABLE],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只勾选用途需要的。持有人自己看不到的，凭证也读不到。"),
        error_messages={"required": _("请至少选一项可以读取的内容。")},
    )
    days = forms.IntegerField(
        label=_("有效天数"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=USUAL_DAYS,
        help_text=_("从本人同意之日起算。一般一年，最长两年（730 天）。"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["user"].choices = [("", _("请选择")), *queries.holders()]  # type: ignore[attr-defined]

    def clean_user(self) -> User:
        return queries.holder(UUID(self.cleaned_data["user"]))

    def clean_allowed(self) -> list[Permission]:
        return [Permission(code) for code in self.cleaned_data["allowed"]]


class TokenFilter(forms.Form):
    """Filters of the list; nonsense in the address filters nothing."""

    search = forms.CharField(label=_("用途、姓名或登录名"), max_length=60, required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[
            ("", _("全部")),
            (queries.WAITING, _("等待本人同意")),
            (queries.GOOD, _("有效")),
            (queries.EXPIRED, _("已过期")),
            (queries.REVOKED, _("已撤销")),
        ],
    )
