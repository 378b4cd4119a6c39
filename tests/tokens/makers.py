"""Makes tokens for tests: asked for by an administrator, agreed to by the holder."""

from datetime import datetime

from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from afterbell.tokens import actions
from afterbell.tokens.models import READABLE, Token
from tests.accounts.makers import a_user


def an_asked(user: User, name: str = "共享平台", *, by=None, days=365, now=None, allowed=READABLE) -> Token:
    """It waits for its holder."""
    by = (
        by
        or User.objects.filter(assignments__role=Role.SYSTEM_ADMIN).first()
        or a_user(role=Role.SYSTEM_ADMIN)
    )
    now = now or timezone.now()
    return actions.ask_for(user=user, name=name, days=days, allowed=allowed, by=by, now=now)


def a_token(user: User, name: str = "共享平台", *, now: datetime | None = None, **more) -> tuple[Token, str]:
    """With its text."""
    now = now or timezone.now()
    asked = an_asked(user, name, now=now, **more)
    text = actions.agree(token=asked, by=user, now=now)
    return Token.objects.get(pk=asked.pk), text
