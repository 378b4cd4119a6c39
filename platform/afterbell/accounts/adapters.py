"""What django-allauth asks of this house: no sign-up, phones, plain errors, lock-out first, sealed secrets."""

import time
from typing import Any, ClassVar

from allauth.account import app_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal import stagekit
from allauth.account.internal.flows.login import get_authentication_records
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from axes.handlers.proxy import AxesProxyHandler
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import is_valid_path
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import actions, by_code, fields, queries, sealing, senders
from afterbell.accounts.models import User
from afterbell.kernel.strings import dotted

WRONG = _("登录名（或手机号）与密码不符。请检查后再试。")
TOO_OFTEN = _("尝试次数太多，请稍后再试。")
WRONG_CODE = _("验证码不对。请核对后再填一次。")


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Login and passwords."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": _("这个账号已停用。"),
        "enter_current_password": _("当前密码不对。请再填一次。"),
        "incorrect_code": WRONG_CODE,
        "incorrect_password": _("密码不对。请再填一次。"),
        "invalid_login": WRONG,
        "phone_password_mismatch": WRONG,
        "username_password_mismatch": WRONG,
        "too_many_login_attempts": TOO_OFTEN,
        "rate_limited": TOO_OFTEN,
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002  (allauth's signature)
        """Users are made by actions alone."""
        return False

    def is_safe_url(self, url: str) -> bool:
        """After login people stay on the host they came to; a sister school's host is another site."""
        request = self.request
        hosts = {request.get_host()}
        return url_has_allowed_host_and_scheme(url, allowed_hosts=hosts, require_https=request.is_secure())

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """The host's first page where there is one, otherwise one's own account."""
        has_home = is_valid_path(settings.LOGIN_REDIRECT_URL, getattr(request, "urlconf", None))
        return str(settings.LOGIN_REDIRECT_URL if has_home else settings.ACCOUNT_HOME_URL)

    # --- phones
    def phone_form_field(self, **kwargs: Any) -> fields.PhoneField:
        return fields.PhoneField(**kwargs)

    def get_user_by_phone(self, phone: str) -> User | None:
        return queries.user_by_phone(phone)

    def get_phone(self, user: User) -> tuple[str, bool] | None:
        return (user.phone, user.phone_verified_at is not None) if user.phone else None

    def set_phone(self, user: User, phone: str, verified: bool) -> None:  # noqa: FBT001  (allauth's own signature)
        raise NotImplementedError("phones are changed by actions, not by their owners")

    def set_phone_verified(self, user: User, phone: str) -> None:
        actions.verify_phone(user=user, phone=phone, by=user, now=timezone.now())

    def send_verification_code_sms(self, user: User, phone: str, code: str, **_more: object) -> None:  # noqa: ARG002
        senders.current().send(phone=phone, code=code, now=timezone.now())

    # --- passwords
    def set_password(self, user: User, password: str) -> None:
        actions.set_password(user=user, password=password, by=user, now=timezone.now())

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:  # noqa: ARG002
        return str(settings.ACCOUNT_HOME_URL)

    def pre_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse | None:
        """A code that went to a number which is no longer the user's opens nothing."""
        last = (get_authentication_records(request, user) or [{}])[-1]
        if last.get("method") == "code" and last.get("phone") not in (None, user.phone):
            stagekit.clear_login(request)
            messages.error(request, _("这个手机号刚才已更正，验证码作废。请用新的手机号登录。"))
            return redirect(settings.LOGIN_URL)
        refused: HttpResponse | None = super().pre_login(request, user, **kwargs)
        return refused

    # --- lock-out
    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """A locked door answers before the password is looked at, and before allauth's own limits."""
        if not AxesProxyHandler.is_allowed(request, credentials):
            request.axes_locked_out = True  # type: ignore[attr-defined]  # AxesMiddleware answers with the locked page
            request.axes_credentials = credentials  # type: ignore[attr-defined]
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def login(self, request: HttpRequest, user: User) -> None:
        """Axes forgets the failures under the login name; here also those under the phone."""
        super().login(request, user)
        if user.phone:
            AxesProxyHandler.reset_attempts(username=user.phone, ip_address=self.get_client_ip(request))

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        if (came := by_code.at_login(request, user)) and (said := by_code.in_words(came)):
            messages.info(request, said)
        if (
            user.rights.lacks_second_factor and settings.SECOND_FACTOR != "required"
        ):  # else the next page is the set-up
            messages.warning(request, _("您的角色应使用动态口令。请在“我的账号”里设置。"))
        for name in settings.ACCOUNT_WAITING:
            if waiting := dotted(name)(user):
                messages.info(request, waiting)
        return response

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Who has just logged in need not prove it again."""
        records = get_authentication_records(self.request, self.request.user)
        is_fresh = bool(records) and time.time() - records[-1]["at"] < app_settings.REAUTHENTICATION_TIMEOUT
        return not is_fresh and bool(super().is_reauthentication_required(app=app, **kwargs))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """One-time passwords (TOTP) and recovery codes."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("动态口令不对。请看手机上现在显示的 6 位数字；手机的时间要准。"),
        "cannot_delete_authenticator": _("您的角色必须使用动态口令，不能停用。"),
        "cannot_generate_recovery_codes": _("请先设置动态口令，再生成备用码。"),
    }

    def get_totp_issuer(self) -> str:
        school = getattr(context.request, "school", None)
        return f"放学后 {school.name if school else settings.CITY_NAME}"

    def encrypt(self, text: str) -> str:
        return sealing.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return sealing.decrypt(encrypted_text)

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return settings.SECOND_FACTOR != "required" or not authenticator.user.rights.needs_second_factor
