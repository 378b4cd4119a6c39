"""Every change of a second factor or its recovery codes, and each code used up, leaves its audit row, whoever did it."""

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


def recovery_code_used(*, factor: Authenticator, user: User, now: datetime) -> None:
    """One of the user's recovery codes is used up, whatever it opens: the row says how many are left. Who knows one needs no
    phone, so its owner and the audit administrator find here that somebody came in by it."""
    factor.refresh_from_db(fields=["data"])  # allauth writes to a row that it has read again, and locked
    left = len(factor.wrap().get_unused_codes())
    audited("accounts.second_factor.use_code", user, user, now, kind=factor.type, left=left)


def _held(user: User) -> dict[str, int]:
    """Kind ("totp", "recovery_codes") to the key of its row."""
    return dict(Authenticator.objects.filter(user_id=user.pk).values_list("type", "pk"))


def _verb(kind: str, before: dict[str, int], after: dict[str, int]) -> str:
    if kind not in after:
        return "remove"
    return "replace" if kind in before else "set_up"
