"""What the people of a school keep and tell when a parent's account is ended, or opened again (accounts.actions, by name).

Who is shut out can neither answer nor object: the adult and who signs for the same children hear of it on their phones.
"""

from datetime import datetime

from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from schools.people import telling
from schools.people.models import Change, ChangeKind, Guardian


def ended(*, user: User, reason: str, by: User | None, now: datetime) -> None:
    """settings.ACCOUNT_ENDED. Without a reason it was the house itself: a contract that is over."""
    _keep(ChangeKind.LOGIN_ENDED, user, reason or _("聘用结束，账号停用"), by, now)


def opened(*, user: User, by: User | None, now: datetime) -> None:
    """settings.ACCOUNT_OPENED."""
    _keep(ChangeKind.LOGIN_AGAIN, user, _("账号重新启用"), by, now)


def _keep(kind: ChangeKind, user: User, reason: str, by: User | None, now: datetime) -> None:
    guardian = Guardian.objects.filter(user=user).first()
    if guardian is None:
        return
    Change(kind=kind, guardian=guardian, reason=str(reason), by=by, at=now).save(force_insert=True)
    telling.login(guardian=guardian, is_ended=kind is ChangeKind.LOGIN_ENDED, by=by, now=now)
