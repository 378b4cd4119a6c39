"""Writes of tokens: asked for, agreed to, used, revoked."""

from collections.abc import Collection
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.queries import may_give
from afterbell.accounts.roles import Side, side_here
from afterbell.audit import actions as audit
from afterbell.kernel import locks
from afterbell.kernel.errors import Refused
from afterbell.tokens import queries
from afterbell.tokens.models import MOST_DAYS, OPEN_DAYS, READABLE, Token


class NoHolder(Refused):
    """An administrator, somebody without a role or an ended account."""

    code = "token_needs_a_supervisor"
    message = _("不能为 %(name)s 建立凭证：凭证只能以在用的监管或物价账号的身份读取数据。")


class NotYours(Refused):
    """Asked for by who may not give the holder's roles, or agreed to or revoked by a stranger."""

    code = "token_of_a_stranger"
    message = _("这个凭证属于 %(name)s，您不能办理。")
    status = 403


class BadTerm(Refused):
    """Shorter than a day or longer than two years."""

    code = "token_term"
    message = _("有效期须在 1 至 %(most)s 天之间。")
    status = 400


class NothingToRead(Refused):
    """Allowed nothing, or what no program may do."""

    code = "token_reads_nothing"
    message = _("请至少选一项可以读取的内容。")
    status = 400


class AlreadyAgreed(Refused):
    """Twice: the key was shown then, and is shown once."""

    code = "token_already_agreed"
    message = _("您已经同意过这个凭证，它只显示一次。丢了请撤销，再请管理员重新申请。")


class NotAskedAnyMore(Refused):
    """Nobody answered for too long."""

    code = "token_not_asked_any_more"
    message = _("这个申请已过 %(days)s 天，请管理员重新申请。")


class AlreadyRevoked(Refused):
    """Twice, or agreed to after it was taken back."""

    code = "token_already_revoked"
    message = _("这个凭证已经撤销。")


def ask_for(
    *, user: User, name: str, days: int, allowed: Collection[Permission], by: User, now: datetime
) -> Token:
    """A token that its holder is asked to agree to. It has no key yet: nobody can use it, who asked least of all."""
    if not 1 <= days <= MOST_DAYS:
        raise BadTerm(most=MOST_DAYS)
    wanted = [one.value for one in READABLE if one in allowed]
    if not wanted or len(wanted) != len(set(allowed)):
        raise NothingToRead
    with transaction.atomic():
        holder = locks.locked(user)
        if not queries.may_hold(holder):
            raise NoHolder(name=holder.name)
        if not by.has(Permission.CITY_API) or not holder.rights.scopes.keys() <= set(may_give(by)):
            raise NotYours(name=holder.name)
        token = Token(name=name, user=holder, allowed=wanted, days=days, created_at=now, created_by=by)
        token.save(force_insert=True)
        details = {"user": holder.pk, "days": days, "allowed": wanted}
        audit.record(verb="tokens.token.ask", target=token, by=by, at=now, details=details)
    return token


def agree(*, token: Token, by: User, now: datetime) -> str:
    """The holder's own word makes the key: its text, which is nowhere kept, so that it can be shown this once.

    The page asks for the holder's password or one-time code right before.
    """
    with transaction.atomic():
        holder = locks.locked(by)
        asked = locks.locked(token)
        if asked.user_id != holder.pk:
            raise NotYours(name=queries.holder(asked.user_id).name)
        if asked.revoked_at is not None:
            raise AlreadyRevoked
        if asked.agreed_at is not None:
            raise AlreadyAgreed
        if not asked.waits(now):
            raise NotAskedAnyMore(days=OPEN_DAYS)
        if not queries.may_hold(holder):
            raise NoHolder(name=holder.name)
        digest, text = _a_key()
        asked.token_key, asked.digest = text[: CONSTANTS.TOKEN_KEY_LENGTH], digest
        asked.agreed_at, asked.expires_at = now, now + timedelta(days=asked.days)
        asked.save(update_fields=["token_key", "digest", "agreed_at", "expires_at"])
        audit.record(verb="tokens.token.agree", target=asked, by=by, at=now, details={"user": holder.pk})
    return text


def revoke_token(*, token: Token, by: User, now: datetime) -> None:
    """By its holder or an administrator of the tokens: what was asked for is never made, what was made ends at once."""
    with transaction.atomic():
        if by.pk != token.user_id and not by.has(Permission.CITY_API):
            raise NotYours(name=queries.holder(token.user_id).name)
        if not Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            raise AlreadyRevoked
        token.revoked_at = now
        audit.record(verb="tokens.token.revoke", target=token, by=by, at=now, details={"user": token.user_id})


def end_all(*, user: User, by: User | None, now: datetime) -> None:
    """With the account that ends (ACCOUNT_ENDS_WITH): one that is opened again begins without tokens."""
    if side_here() is Side.SCHOOL:
        return
    for token in Token.objects.filter(user=user, revoked_at=None).order_by("pk"):
        if Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now):
            audit.record(verb="tokens.token.revoke", target=token, by=by, at=now, details={"user": user.pk})


def note_use(*, token: Token, today: date) -> None:
    """The day of the last use, written once a day; no deed of a person, so nothing for the audit log."""
    if token.last_used_date == today:
        return
    unused = Q(last_used_date=None) | Q(last_used_date__lt=today)
    Token.objects.filter(unused, pk=token.pk).update(last_used_date=today)


def _a_key() -> tuple[str, str]:
    """(its hash, its text), by knox."""
    digest, text = get_digest_token()
    return str(digest), str(text)
