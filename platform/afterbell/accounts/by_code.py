"""Sessions that began with a code alone: what they open, and what is said about the rest.

A parent logs in by a code. One who got a seat that signs for money keeps that way to the own child's pages; the seat
itself asks for the password and the second factor. Nor does such a session make either: a password or a second factor
that a code could set would be worth no more than the code.
"""

from typing import Final

from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _

from afterbell.accounts.models import User

SHUT: Final = ("account_set_password", "mfa_activate_totp")


def marked(request: HttpRequest, user: User | None = None) -> User | None:
    """The user of such a session, who knows from now on how it began, before any right is asked; None of another one.

    `user` at the moment of the login, before the request has one.
    """
    if not _is_by_code(request):
        return None
    found = user or request.user
    if not isinstance(found, User):
        return None
    found.by_code = True
    found.forget_rights()
    return found


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
    if settings.SESSION_COOKIE_NAME not in request.COOKIES and not request.session.session_key:
        return False  # nobody's page stays nobody's: it is not marked as read from a session
    steps = request.session.get(AUTHENTICATION_METHODS_SESSION_KEY) or []
    methods = {step.get("method") for step in steps}
    return "code" in methods and "password" not in methods
