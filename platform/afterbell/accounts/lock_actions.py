"""Lifting a lock-out: it gives nobody a password, and leaves its row."""

from datetime import datetime

from axes.models import AccessAttempt
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import actions, locked_doors
from afterbell.accounts.models import User
from afterbell.accounts.roles import Side, side_here
from afterbell.kernel.errors import Refused


class NotLocked(Refused):
    """Somebody was faster, the time is over, or the password was right at last."""

    code = "door_not_locked"
    message = _("这个登录现在没有锁定，不用解除。")


class NobodysDoor(Refused):
    """A name that nobody has is locked, too: who guesses names is not helped."""

    code = "nobodys_door"
    message = _("没有人用这个登录名，不能解除。锁定到时会自己结束。")


def lift(*, attempt: int, by: User, now: datetime) -> User:
    """The failures of one name from one address are forgotten; returns whose account it is.

    Nobody lifts the own one. In a school only for accounts that one may manage (refuse_unmanaged). Raises NotLocked,
    NobodysDoor, NotYourself, NotYours.
    """
    with transaction.atomic():
        try:
            found = locked_doors.door(attempt, now)
        except AccessAttempt.DoesNotExist:
            raise NotLocked from None
        if not found.is_locked:
            raise NotLocked
        refuse(found, by)
        user = found.user
        if user is None:
            raise NobodysDoor
        gone, _rows = locked_doors.attempts(found.name, found.address).delete()
        if not gone:
            raise NotLocked
        actions.audited("accounts.lock.lift", user, by, now, failures=found.failures)
    return user


def refuse(door: locked_doors.Door, by: User) -> None:
    """Whether this person may lift it. Raises NobodysDoor, NotYourself, NotYours."""
    if door.user is None:
        raise NobodysDoor
    if door.user.pk == by.pk:
        raise actions.NotYourself
    if side_here() is Side.SCHOOL:
        actions.refuse_unmanaged(door.user, by)
