"""Reads failed logins of this host, and which doors they have locked (django-axes keeps them): who, from where, until when.

What was typed into the login field is shown only where it is somebody's login or phone: else it may be a password.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from axes.models import AccessAttempt
from django.conf import settings
from django.db.models import Max, Q, QuerySet, Sum

from afterbell.accounts.models import User

SHOWN_FOR: Final = timedelta(hours=24)
"""How far back failures are listed; a success forgets them at once."""


@dataclass(frozen=True)
class Door:
    """Failed logins of one name from one address: axes locks the two together."""

    pk: int
    """Of the latest row, by which the door is named in an address."""
    name: str
    address: str
    user: User | None
    failures: int
    last: datetime
    until: datetime | None
    """Until when it is locked; None: it is open."""

    @property
    def is_locked(self) -> bool:
        return self.until is not None


def doors(now: datetime) -> list[Door]:
    """Locked ones first, then by the last failure. Two queries."""
    found = _counted(AccessAttempt.objects.filter(attempt_time__gte=now - SHOWN_FOR), now)
    return sorted(found, key=lambda door: (door.is_locked, door.last), reverse=True)


def door(attempt: int, now: datetime) -> Door:
    """Raises AccessAttempt.DoesNotExist."""
    row = AccessAttempt.objects.get(pk=attempt)
    for found in _counted(attempts(row.username, row.ip_address), now):
        return found
    raise AccessAttempt.DoesNotExist  # lifted between the two


def attempts(name: str | None, address: str | None) -> QuerySet[AccessAttempt]:
    """All rows of a door: one for each browser."""
    found: QuerySet[AccessAttempt] = AccessAttempt.objects.filter(username=name, ip_address=address)
    return found


def _counted(rows: QuerySet[AccessAttempt], now: datetime) -> Iterable[Door]:
    """As axes counts: the failures whose last one lies within the cool-off."""
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    within = Q(attempt_time__gte=now - cool_off)
    found = list(
        rows.order_by()
        .values("username", "ip_address")
        .annotate(
            key=Max("pk"),
            failures=Sum("failures_since_start"),
            lately=Sum("failures_since_start", filter=within, default=0),
            last=Max("attempt_time"),
        )
    )
    names = [row["username"] for row in found if row["username"]]
    users = User.objects.filter(Q(login__in=names) | Q(phone__in=names))
    of_name = {name: user for user in users for name in (user.login, user.phone) if name}
    for row in found:
        is_locked = row["lately"] >= settings.AXES_FAILURE_LIMIT
        yield Door(
            pk=row["key"],
            name=row["username"] or "",
            address=row["ip_address"] or "",
            user=of_name.get(row["username"]),
            failures=row["failures"],
            last=row["last"],
            until=row["last"] + cool_off if is_locked else None,
        )
