"""Forms of user administration: a new user, a role, the filters of the list."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import fields, queries
from afterbell.accounts.models import LOGIN, User
from afterbell.accounts.roles import ROLES, Role, ScopeKind, roles_of_side, side_here


class NewUserForm(forms.Form):
    """Login name or phone: one of the two is needed to get in."""

    name = forms.CharField(label=_("姓名"), max_length=60, error_messages={"required": _("请填写姓名。")})
    login = forms.RegexField(
        LOGIN,
        label=_("登录名"),
        max_length=40,
        required=False,
        help_text=_("小写字母和数字，例如 wangfang。只用手机验证码登录的家长不用填。"),
        error_messages={"invalid": _("登录名只能用小写字母、数字、点、横线和下划线，2 至 40 个字符。")},
    )
    phone = fields.PhoneField(required=False, help_text=_("家长凭手机号和验证码登录。"))

    def clean_login(self) -> str:
        login = str(self.cleaned_data["login"])
        if login and not any(letter.isalpha() for letter in login):
            raise forms.ValidationError(_("登录名至少要有一个字母，以免与手机号混淆。"))
        return login

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("login") and not cleaned.get("phone"):
            self.add_error("login", _("请填写登录名或手机号，至少一项。"))
        return cleaned


class NumberForm(forms.Form):
    """Another number, or the first."""

    phone = fields.PhoneField(help_text=_("本人自己的手机号。设置密码的链接会发到这里。"))
    reason = forms.CharField(label=_("原因"), max_length=200, help_text=_("例如“原手机遗失，已换号”。"))


class RoleForm(forms.Form):
    """A role that the giver may give, and the district or class it is for: all of them only where somebody says so."""

    ALL = "all"
    role = forms.ChoiceField(label=_("角色"), error_messages={"required": _("请选择角色。")})
    scope = forms.ChoiceField(label=_("范围"), required=False)

    def __init__(self, *args: Any, by: User, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = queries.may_give(by)
        kinds = {ROLES[role].scope for role in roles} - {ScopeKind.WHOLE}
        self.fields["role"].choices = [("", _("请选择")), *((role.value, role.label) for role in roles)]  # type: ignore[attr-defined]
        if not kinds:
            del self.fields["scope"]
            return
        scopes = [choice for kind in sorted(kinds) for choice in queries.scope_choices(kind, today=today)]
        self.fields["scope"].choices = [("", _("请选择")), *scopes, (self.ALL, _("全部"))]  # type: ignore[attr-defined]
        named = "、".join(str(role.label) for role in roles if ROLES[role].scope is not ScopeKind.WHOLE)
        self.fields["scope"].help_text = _("只对这些角色有用：%(roles)s。") % {"roles": named}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        role, scope = cleaned.get("role"), cleaned.get("scope")
        if role and "scope" in cleaned:
            is_whole = ROLES[Role(role)].scope is ScopeKind.WHOLE
            if is_whole and scope not in ("", self.ALL):
                self.add_error("scope", _("这个角色不分范围，请选“全部”。"))
            elif not is_whole and not scope:
                self.add_error("scope", _("请选择班级或区县；确实要管全部的，请选“全部”。"))
        if scope == self.ALL:
            cleaned["scope"] = ""
        return cleaned


class EndAccountForm(forms.Form):
    """Why a parent's account is ended."""

    reason = forms.CharField(
        label=_("停用的原因"),
        max_length=200,
        help_text=_("例如“本人书面要求”。记入变更记录。"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class UserFilter(forms.Form):
    """Filters of the list of users; nonsense in the address filters nothing."""

    search = forms.CharField(label=_("姓名、登录名或手机号"), max_length=60, required=False)
    role = forms.ChoiceField(label=_("角色"), required=False)
    state = forms.ChoiceField(
        label=_("状态"),
        required=False,
        choices=[("", _("全部")), ("active", _("启用")), ("ended", _("停用"))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = [(role.value, role.label) for role in roles_of_side(side_here())]
        self.fields["role"].choices = [("", _("全部")), *roles]  # type: ignore[attr-defined]
