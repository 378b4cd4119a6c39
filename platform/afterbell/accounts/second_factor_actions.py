"""Every change of somebody's second factor or recovery codes leaves its audit row, whoever makes it and by whichever way."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from allauth.mfa.models import Authenticator
from django.db import transaction

from afterbell.accounts.actions import audited
from afterbell.accounts.models import User
from afterbell.kernel import locks


@contextmanager
def audited_changes(*, user: User, by: User | None, now: datetime) -> Iterator[None]:
    """What the block sets up, replaces or removes of the user's, one row each kind; nothing where it changes nothing.

    The user's row is locked first: of two devices that set one up at once, the second finds the first one's.
    """
    with transaction.atomic():
        locks.locked(user)
        before = _held(user)
        yield
        after = _held(user)
        user.forget_rights()
        for kind in sorted({*before, *after}):
            if before.get(kind) != after.get(kind):
                audited(f"accounts.second_factor.{_verb(kind, before, after)}", user, by, now, kind=kind)


def _held(user: User) -> dict[str, int]:
    """Kind ("totp", "recovery_codes") to the key of its row."""
    return dict(Authenticator.objects.filter(user_id=user.pk).values_list("type", "pk"))


def _verb(kind: str, before: dict[str, int], after: dict[str, int]) -> str:
    if kind not in after:
        return "remove"
    return "replace" if kind in before else "set_up"
