"""Writes of dispatches: urgent deliveries to phones, each with its outcome, which is never said before it is so.

A try is taken by moving its `due_at` ahead in a transaction of its own; then the sender is called outside of any, then
the outcome is written. Who dies in between leaves the row to be tried again after the lease: a gateway drops the second
one by its key.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

import structlog
from django.db import transaction
from django.db.models import F
from django.db.models.functions import Now
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from afterbell.audit import actions as audit
from afterbell.kernel.strings import dotted
from schools.notices import senders
from schools.notices.models import Delivery, Dispatch, DispatchState
from tenants.exchange.queries import school_here

SEND: Final = "schools.notices.tasks.send_due"
LEASE: Final = timedelta(minutes=2)
"""A sender that has not answered by then is taken for dead."""
PAUSE: Final = timedelta(minutes=1)
"""Before the second try; twice as long before each further one."""
MOST_TRIES: Final = 6
BATCH: Final = 200
log = structlog.get_logger(__name__)


def prepare(deliveries: Iterable[Delivery], *, now: datetime) -> None:
    """A way to the phone for each of these new deliveries, begun right after the commit. Inside their transaction."""
    rows = [Dispatch(delivery=delivery, due_at=now) for delivery in deliveries]
    if rows:
        Dispatch.objects.bulk_create(rows)
        transaction.on_commit(partial(_wake, str(school_here().pk)), robust=True)


def send_due(*, now: datetime) -> int:
    """Try everything that is due by the database's clock; gives how many were sent. Two at once try nothing twice."""
    sent = 0
    due = Dispatch.objects.filter(state=DispatchState.WAITING, due_at__lte=Now()).order_by("due_at", "pk")
    for row in due.select_related("delivery__notice", "delivery__guardian", "delivery__user")[:BATCH]:
        if _take(row):
            sent += _try(row, now=now)
    return sent


def _take(row: Dispatch) -> bool:
    with transaction.atomic():
        taken = Dispatch.objects.filter(pk=row.pk, state=DispatchState.WAITING, due_at=row.due_at).update(
            due_at=Now() + LEASE, tries=F("tries") + 1
        )
    return bool(taken)


def _try(row: Dispatch, *, now: datetime) -> bool:
    phone = _phone(row.delivery)
    tries = row.tries + 1
    try:
        if not phone:
            raise senders.NoWay("no phone number is known")
        notice = row.delivery.notice
        receipt = senders.current().send(phone=phone, text=notice.body, key=row.pk, now=now)
    except senders.NoWay as error:
        _note(row, DispatchState.NO_WAY, now, problem=str(error))
        return False
    except Exception as error:  # noqa: BLE001  (whatever a gateway's code raises is an outcome, and is tried again)
        log.warning("notices.dispatch_failed", dispatch=str(row.pk), reason=type(error).__name__)
        state = DispatchState.FAILED if tries >= MOST_TRIES else DispatchState.WAITING
        _note(row, state, now, problem=type(error).__name__, wait=PAUSE * 2 ** (tries - 1))
        return False
    _note(row, DispatchState.SENT, now, receipt=receipt)
    return True


def _note(
    row: Dispatch,
    state: DispatchState,
    now: datetime,
    *,
    receipt: str = "",
    problem: str = "",
    wait: timedelta = timedelta(0),
) -> None:
    with transaction.atomic():
        Dispatch.objects.filter(pk=row.pk, state=DispatchState.WAITING).update(
            state=state,
            receipt=receipt[:80],
            problem=problem[:80],
            due_at=Now() + wait,
            sent_at=now if state == DispatchState.SENT else None,
        )
        audit.record(
            verb="notices.dispatch",
            target=row,
            by=None,
            at=now,
            details={"state": state.value, "tries": row.tries + 1},
        )


def _phone(delivery: Delivery) -> str:
    """An adult's, or an account's; of staff without one at the account, what they gave when they were proposed."""
    if delivery.guardian is not None:
        return str(delivery.guardian.phone)
    user = delivery.user
    given = getattr(user, "candidate", None)  # of staffing, which stands above; no import
    return str((user and user.phone) or (given and given.phone) or "")


def _wake(school_id: str) -> None:
    """Redis only wakes: the rows are the truth, and the sweep finds what no wake-up reached."""
    try:
        dotted("afterbell.celery.app").send_task(
            SEND, kwargs={"school_id": school_id}, retry=False, ignore_result=True
        )
    except (RedisError, OperationalError) as error:
        log.warning("notices.not_woken", school_id=school_id, reason=type(error).__name__)
