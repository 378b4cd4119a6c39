"""Forms of login and of one's own account: allauth's, with our labels, fields and words."""

from typing import Any

from allauth.account import forms as account_forms
from allauth.mfa.base import forms as mfa_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from django import forms
from django.contrib.auth import password_validation
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import fields, queries, second_factor_actions, senders
from afterbell.kernel.errors import Refused

NEW_PASSWORD_HINT = _("至少 10 个字符，不能全是数字，不要用姓名、登录名或常见密码。")


def _password(label: Any, *, autocomplete: str, hint: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=hint,
        error_messages={"required": _("请填写密码。")},
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
    )


class LoginForm(account_forms.LoginForm):  # type: ignore[misc]  # allauth has no types
    """Login name or phone, and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = fields.LoginField()
        self.fields["password"] = _password(_("密码"), autocomplete="current-password")
        self.order_fields(["login", "password"])


class RequestCodeForm(account_forms.RequestLoginCodeForm):  # type: ignore[misc]
    """The phone that a code goes to. Known and unknown phones get the same answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"] = fields.PhoneField(help_text=_("请填写在学校登记的手机号。"))

    def clean_phone(self) -> str:
        try:
            senders.current().check()
        except Refused as refusal:
            raise forms.ValidationError(str(refusal), code=refusal.code) from refusal
        phone = str(super().clean_phone())
        self._user = queries.user_for_code(phone)
        return phone


class ConfirmCodeForm(account_forms.ConfirmLoginCodeForm):  # type: ignore[misc]
    """The code from the phone."""

    code = fields.CodeField(label=_("短信验证码"), help_text=_("6 位数字，5 分钟内有效。"))


class ReauthenticateForm(account_forms.ReauthenticateForm):  # type: ignore[misc]
    """The password once more."""

    password = _password(_("密码"), autocomplete="current-password")


class NewPasswordMixin(forms.Form):
    """A new password, twice."""

    password1 = _password(_("新密码"), autocomplete="new-password", hint=NEW_PASSWORD_HINT)
    password2 = _password(_("再输一次新密码"), autocomplete="new-password")
    user: Any

    def clean_password1(self) -> str:
        password = str(self.cleaned_data["password1"])
        password_validation.validate_password(password, self.user)
        return password

    def clean(self) -> dict[str, Any]:
        cleaned = forms.Form.clean(self) or {}
        if cleaned.get("password1") and cleaned["password1"] != cleaned.get("password2"):
            self.add_error("password2", _("两次输入的密码不一样。"))
        return cleaned


class ChangePasswordForm(NewPasswordMixin, account_forms.ChangePasswordForm):  # type: ignore[misc]
    """The current password and a new one."""

    oldpassword = _password(_("当前密码"), autocomplete="current-password")
    password1 = _password(_("新密码"), autocomplete="new-password", hint=NEW_PASSWORD_HINT)
    password2 = _password(_("再输一次新密码"), autocomplete="new-password")
    field_order = ("oldpassword", "password1", "password2")


class SetPasswordForm(NewPasswordMixin, account_forms.SetPasswordForm):  # type: ignore[misc]
    """A first password for somebody who has logged in by code."""

    password1 = _password(_("新密码"), autocomplete="new-password", hint=NEW_PASSWORD_HINT)
    password2 = _password(_("再输一次新密码"), autocomplete="new-password")


class LinkPasswordForm(NewPasswordMixin):
    """A new password through a setting link."""

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)


class OwnNumberForm(forms.Form):
    """The name that the school has written down, by whoever opened the link on the own phone."""

    name = forms.CharField(
        label=_("您的姓名"), max_length=60, error_messages={"required": _("请填写您的姓名。")}
    )


class _CodesLeaveRows:
    """A recovery code is used up where it is read, not where the login ends: its audit row stands beside that."""

    def clean_code(self) -> str:
        """The code; raises ValidationError for a wrong one, which uses up nothing."""
        code: str = super().clean_code()  # type: ignore[misc]  # of allauth's form beside it
        factor: Authenticator = self.authenticator  # type: ignore[attr-defined]
        if factor.type == Authenticator.Type.RECOVERY_CODES:
            second_factor_actions.recovery_code_used(factor=factor, user=self.user, now=timezone.now())  # type: ignore[attr-defined]
        return code


class SecondFactorForm(_CodesLeaveRows, mfa_forms.AuthenticateForm):  # type: ignore[misc]
    """The one-time password of the app, or a recovery code."""

    code = fields.CodeField(
        label=_("动态口令"), help_text=_("手机上动态口令应用里的 6 位数字；手机不在身边时，填一个备用码。")
    )


class SecondFactorAgainForm(_CodesLeaveRows, mfa_forms.ReauthenticateForm):  # type: ignore[misc]
    """The same, in the middle of a session."""

    code = fields.CodeField(
        label=_("动态口令"), help_text=_("手机上动态口令应用里的 6 位数字，或一个备用码。")
    )


class ActivateSecondFactorForm(totp_forms.ActivateTOTPForm):  # type: ignore[misc]
    """The first one-time password of a new app."""

    code = fields.CodeField(label=_("应用里显示的 6 位数字"))
