"""Logins of adults: a guardian's user, by phone and code, with the one role that lets a parent in. Set-based."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final

from django.contrib.auth.hashers import make_password

from afterbell.accounts.actions import UNNAMED
from afterbell.accounts.models import Assignment, User
from afterbell.accounts.roles import Role
from afterbell.kernel import locks
from schools.people.models import Guardian

BATCH: Final = 1000


def give(guardians: Collection[Guardian], *, by: User | None, now: datetime) -> None:
    """Set `user` on each guardian without one (the caller saves it), and see that each holds the role.

    A teacher whose phone it is keeps the own user and becomes a guardian beside. Call it inside the action's
    transaction, which has locked the guardians or is making them. Nobody gives the own account a role (as
    accounts.actions has it): the action's author is left out.
    """
    lacking = sorted((row for row in guardians if row.user_id is None), key=lambda row: row.phone)
    phones = [guardian.phone for guardian in lacking]
    known = {user.phone: user for user in User.objects.filter(phone__in=phones, guardian__isnull=True)}
    taken = set(User.objects.filter(phone__in=phones, guardian__isnull=False).values_list("phone", flat=True))
    fresh = [
        _user(guardian, now)
        for guardian in lacking
        if guardian.phone not in known and guardian.phone not in taken
    ]
    User.objects.bulk_create(fresh, batch_size=BATCH, ignore_conflicts=True)  # in one order: by phone
    made = User.objects.filter(phone__in=[user.phone for user in fresh], guardian__isnull=True)
    users = known | {user.phone: user for user in made}
    for guardian in lacking:
        guardian.user = users.get(guardian.phone)
    _give_roles([user for user in users.values() if by is None or user.pk != by.pk], now)


def rename(guardians: Sequence[Guardian]) -> None:
    """A corrected name is shown at login too; staff who are parents keep theirs."""
    names = {guardian.user_id: guardian.name for guardian in guardians if guardian.user_id}
    staff = Assignment.objects.filter(user__in=names).exclude(role=Role.GUARDIAN).values("user")
    users = list(locks.lockable(User.objects.filter(pk__in=names).exclude(pk__in=staff)))
    for user in users:
        user.name = names[user.pk]
    User.objects.bulk_update(users, ["name"], batch_size=BATCH)


def _user(guardian: Guardian, now: datetime) -> User:
    user = User(name=guardian.name, phone=guardian.phone, password=make_password(None), created_at=now)
    user.login = f"{UNNAMED}{user.pk.hex}"
    return user


def _give_roles(users: Sequence[User], now: datetime) -> None:
    rows = [
        Assignment(user=user, role=Role.GUARDIAN, created_at=now)
        for user in sorted(users, key=lambda user: user.pk)
    ]
    Assignment.objects.bulk_create(rows, batch_size=BATCH, ignore_conflicts=True)
