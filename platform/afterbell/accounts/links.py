"""The one-time link with which a person sets a new password: good for a day, for one school, until it was used."""

from typing import Any, Final
from uuid import UUID

from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.db import connections

from afterbell.accounts.models import User
from afterbell.kernel.records import schema_of


class _Tokens(PasswordResetTokenGenerator):
    """Django's own tokens: void after the password or the last login has changed, and after PASSWORD_RESET_TIMEOUT."""

    key_salt = "afterbell.accounts.links"

    def _make_hash_value(self, user: Any, timestamp: int) -> str:
        return f"{schema_of(connections['default'])}:{super()._make_hash_value(user, timestamp)}"


HOURS: Final = 24
"""PASSWORD_RESET_TIMEOUT, for people."""
_TOKENS: Final = _Tokens()


def token_for(user: User) -> str:
    """The secret half of the link; the other half is the user's id."""
    return _TOKENS.make_token(user)


def user_for(user_id: UUID, token: str) -> User | None:
    """The active user whose link it is; None for a foreign, changed, used or old one."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    return user if user is not None and _TOKENS.check_token(user, token) else None
