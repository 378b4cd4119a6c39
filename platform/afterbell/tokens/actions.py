"""Writes of tokens: made, used, revoked."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from afterbell.accounts.models import User
from afterbell.accounts.queries import may_give
from afterbell.audit import actions as audit
from afterbell.kernel import locks
from afterbell.kernel.errors import Refused
from afterbell.tokens import queries
from afterbell.tokens.models import MOST_DAYS, Token


class NoHolder(Refused):
    """An administrator, somebody without a role or an ended account."""

    code = "token_needs_a_supervisor"
    message = _("不能为 %(name)s 建立凭证：凭证只能以在用的监管或物价账号的身份读取数据。")


class NotYours(Refused):
    """Who makes a token could read as its user, so it takes the right to give that user's roles."""

    code = "token_of_a_stranger"
    message = _("您不能为 %(name)s 建立凭证，请由有权授予其角色的人办理。")
    status = 403


class BadTerm(Refused):
    """Shorter than a day or longer than two years."""

    code = "token_term"
    message = _("有效期须在 1 至 %(most)s 天之间。")
    status = 400


class AlreadyRevoked(Refused):
    """Twice."""

    code = "token_already_revoked"
    message = _("这个凭证已经撤销。")


def create_token(*, user: User, name: str, days: int, by: User | None, now: datetime) -> tuple[Token, str]:
    """A new token and its text, which is nowhere kept: it can be shown this once."""
    if not 1 <= days <= MOST_DAYS:
        raise BadTerm(most=MOST_DAYS)
    digest, text = get_digest_token()
    with transaction.atomic():
        holder = locks.locked(user)
        if not queries.may_hold(holder):
            raise NoHolder(name=holder.name)
        if by is not None and not holder.rights.scopes.keys() <= set(may_give(by)):
            raise NotYours(name=holder.name)
        token = Token(
            name=name,
            user=holder,
            token_key=text[: CONSTANTS.TOKEN_KEY_LENGTH],
            digest=digest,
            created_at=now,
            created_by=by,
            expires_at=now + timedelta(days=days),
        )
        token.save(force_insert=True)
        audit.record(
            verb="tokens.token.create", target=token, by=by, at=now, details={"user": holder.pk, "days": days}
        )
    return token, text


def revoke_token(*, token: Token, by: User | None, now: datetime) -> None:
    """It ends with the next request."""
    with transaction.atomic():
        if not Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            raise AlreadyRevoked
        token.revoked_at = now
        audit.record(verb="tokens.token.revoke", target=token, by=by, at=now, details={"user": token.user_id})


def note_use(*, token: Token, today: date) -> None:
    """The day of the last use, written once a day; no deed of a person, so nothing for the audit log."""
    if token.last_used_date == today:
        return
    unused = Q(last_used_date=None) | Q(last_used_date__lt=today)
    Token.objects.filter(unused, pk=token.pk).update(last_used_date=today)
