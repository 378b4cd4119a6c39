"""Sessions that began with a code alone: what they open, and what is said about the rest.

A parent logs in by a code. One who got a seat that signs for money keeps that way to the own child's pages; the seat
itself asks for the password and the second factor. Nor does such a session make either: a password or a second factor
that a code could set would be worth no more than the code.
"""

from typing import Final

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import get_user
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from afterbell.accounts.models import User

SHUT: Final = ("account_set_password", "mfa_activate_totp")


def whoever_asks(request: HttpRequest) -> None:
    """Whoever is read from the session of this request knows how it began, before any right is asked. Nobody is read who is
    not asked for: a page for all costs no session."""
    request.user = SimpleLazyObject(  # type: ignore[assignment]  # as Django's own middleware has it
        lambda: _marked(request, get_user(request))
    )


def at_login(request: HttpRequest, user: User) -> User | None:
    """The same, before the request has a user; None for a session that began otherwise."""
    _marked(request, user)
    return user if user.by_code else None


def _marked(request: HttpRequest, user: AbstractBaseUser | AnonymousUser) -> AbstractBaseUser | AnonymousUser:
    if isinstance(user, User) and _is_by_code(request):
        user.by_code = True
        user.forget_rights()
    return user


def in_words(user: User) -> str:
    """What stays shut and how to open it; empty where nothing does."""
    if not user.rights.withheld:
        return ""
    roles = "、".join(sorted(str(role.label) for role in user.rights.withheld))
    return _(
        "您是用验证码登录的，可以办理自己孩子的事。要办理“%(roles)s”的事，请退出后用手机号、密码和动态口令登录；"
        "还没有密码的，请校长在“账号和角色”中重设密码，链接会发到您的手机。"
    ) % {"roles": roles}


def _is_by_code(request: HttpRequest) -> bool:
    steps = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    methods = {step.get("method") for step in steps}
    return "code" in methods and "password" not in methods
