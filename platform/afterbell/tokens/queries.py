"""Reads of tokens: the list, whose they may be."""

from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import ngettext

from afterbell.accounts.models import Assignment, User
from afterbell.accounts.roles import ADMINISTRATORS, Side, side_here
from afterbell.tokens.models import OPEN_DAYS, Token

WAITING: Final = "waiting"
GOOD: Final = "good"
EXPIRED: Final = "expired"
REVOKED: Final = "revoked"


def may_hold(user: User) -> bool:
    """Somebody active with a role; never an administrator, whose rights no program needs."""
    held = user.rights.scopes.keys()
    return user.is_active and bool(held) and held.isdisjoint(ADMINISTRATORS)


def holders() -> list[tuple[str, str]]:
    """(id, name and login) of those whom may_hold lets through, by name."""
    with_a_role = Assignment.objects.values("user")
    administrators = Assignment.objects.filter(role__in=ADMINISTRATORS).values("user")
    found = User.objects.filter(is_active=True, pk__in=with_a_role).exclude(pk__in=administrators)
    return [(str(user.pk), f"{user.name}（{user.login}）") for user in found.order_by("name", "pk")]


def holder(user_id: UUID) -> User:
    """Raises User.DoesNotExist."""
    found: User = User.objects.get(pk=user_id)
    return found


def tokens(*, now: datetime, search: str = "", state: str = "") -> QuerySet[Token]:
    """For the list, with their users; not ordered."""
    found = Token.objects.select_related("user", "created_by")
    if search:
        found = found.filter(
            Q(name__icontains=search) | Q(user__name__icontains=search) | Q(user__login__icontains=search)
        )
    waiting = _waiting(now)
    good = Q(revoked_at=None, agreed_at__isnull=False, expires_at__gt=now)
    states = {
        WAITING: waiting,
        GOOD: good,
        EXPIRED: Q(revoked_at=None) & ~waiting & ~good,
        REVOKED: Q(revoked_at__isnull=False),
    }
    return found.filter(states[state]) if state else found


def own(user: User) -> QuerySet[Token]:
    """The holder's, those that wait for the holder's word first, then the newest."""
    found = Token.objects.filter(user=user).select_related("created_by")
    return found.order_by(F("agreed_at").desc(nulls_first=True), "-created_at", "-pk")


def own_token(user: User, token_id: UUID) -> Token:
    """Raises Token.DoesNotExist for somebody else's too."""
    return own(user).get(pk=token_id)


def waiting_for(user: User) -> str:
    """A sentence for who has just logged in (ACCOUNT_WAITING); empty where nothing waits."""
    if side_here() is Side.SCHOOL:
        return ""
    count = Token.objects.filter(_waiting(timezone.now()), user=user).count()
    said = ngettext(
        "有 %(n)s 个数据接口凭证等您同意，请看“我的凭证”。",
        "有 %(n)s 个数据接口凭证等您同意，请看“我的凭证”。",
        count,
    )
    return said % {"n": count} if count else ""


def _waiting(now: datetime) -> Q:
    return Q(revoked_at=None, agreed_at=None, digest=None, created_at__gt=now - timedelta(days=OPEN_DAYS))


def token(token_id: UUID) -> Token:
    """Raises Token.DoesNotExist."""
    return Token.objects.select_related("user").get(pk=token_id)
