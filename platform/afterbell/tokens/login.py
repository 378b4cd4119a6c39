"""How a program logs in to the city's API: `Authorization: Token afb_…`. It may read, and that is all.

The work is knox's: it reads the header, finds the row and compares the hashes. Ours are the refusals, which say the
same for a wrong, an expired and a revoked token, the limit on failures, and the table, in which expired tokens stay.
"""

import re
from typing import Any, Final

from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from knox.auth import TokenAuthentication
from rest_framework.authentication import get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from afterbell.accounts import lockout
from afterbell.accounts.models import User
from afterbell.accounts.roles import Side, side_here
from afterbell.kernel.errors import Refused
from afterbell.tokens import actions, queries
from afterbell.tokens.models import Token

KEYWORD: Final = "Token"
READING: Final = ("GET", "HEAD")
SHAPE: Final = re.compile(rb"[a-z_]{0,10}[0-9a-f]{64}")
WRONG: Final = _("凭证不对，或者已经过期、撤销、停用。请向系统管理员申请新的凭证。")
NOT_HERE: Final = _("数据接口凭证只能用于市级平台，学校的接口请登录后使用。")
TOO_OFTEN: Final = _("凭证多次不对，请稍后再试。")


class ReadsOnly(Refused):
    """A program asked to change something."""

    code = "token_reads_only"
    message = _("凭证只能读取数据。要办理业务，请本人登录网页。")
    status = 403


class Failures(SimpleRateThrottle):
    """Wrong tokens from one address. Right ones are never stopped: several systems may stand behind it."""

    rate = "30/min"

    def get_cache_key(self, request: Request, view: Any) -> str:  # noqa: ARG002  (REST framework's signature)
        return f"tokens.failures.{lockout.address_of(request._request)}"


class TokenLogin(TokenAuthentication):  # type: ignore[misc]  # knox ships no types
    """One of REST framework's DEFAULT_AUTHENTICATION_CLASSES, before the browser's session."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        """None without a token: the session may know who it is."""
        words = get_authorization_header(request).split()
        if not words or words[0].lower() != KEYWORD.lower().encode():
            return None
        if side_here() is Side.SCHOOL:
            raise AuthenticationFailed(NOT_HERE)
        try:
            user, token = super().authenticate(request)
        except AuthenticationFailed:
            _count_failure(request)
            raise AuthenticationFailed(WRONG) from None
        if request.method not in READING:
            raise ReadsOnly
        actions.note_use(token=token, today=timezone.localdate())
        return user, token

    def authenticate_credentials(self, token: bytes) -> tuple[User, Token]:
        """Knox would ask the database for anything, and decode what is no text."""
        if not SHAPE.fullmatch(token):
            raise AuthenticationFailed(WRONG)
        found: tuple[User, Token] = super().authenticate_credentials(token)
        return found

    def validate_user(self, auth_token: Token) -> tuple[User, Token]:
        """Its user may have been ended, or made an administrator, since; of the rights the token has its part only."""
        auth_token.user.narrowed = auth_token.may
        if not queries.may_hold(auth_token.user):
            raise AuthenticationFailed(WRONG)
        return auth_token.user, auth_token

    def authenticate_header(self, request: Request) -> str:  # noqa: ARG002  (REST framework's signature)
        """What a 401 asks for; knox compares the header with it."""
        return KEYWORD if side_here() is Side.CITY else "Session"

    def _cleanup_token(self, auth_token: Token) -> bool:
        """Knox deletes what has expired; here it is passed over and stays in the list."""
        return not auth_token.is_good(timezone.now())


def _count_failure(request: Request) -> None:
    failures = Failures()
    if not failures.allow_request(request, None):  # type: ignore[arg-type]  # it is asked outside a view
        raise Throttled(failures.wait(), str(TOO_OFTEN))
