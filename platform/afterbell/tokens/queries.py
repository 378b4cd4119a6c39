"""Reads of tokens: the list, whose they may be."""

from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import Q, QuerySet

from afterbell.accounts.models import Assignment, User
from afterbell.accounts.roles import ADMINISTRATORS
from afterbell.tokens.models import Token

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
    states = {
        GOOD: Q(revoked_at=None, expires_at__gt=now),
        EXPIRED: Q(revoked_at=None, expires_at__lte=now),
        REVOKED: Q(revoked_at__isnull=False),
    }
    return found.filter(states[state]) if state else found


def token(token_id: UUID) -> Token:
    """Raises Token.DoesNotExist."""
    return Token.objects.select_related("user").get(pk=token_id)
