"""Wakes the roll-up of one school after a commit, one task at a time. Redis only wakes: the outbox is the truth."""

import structlog
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from afterbell.kernel.strings import dotted

ROLL_UP = "oversight.facts.tasks.roll_up"
log = structlog.get_logger(__name__)


PATIENCE_SECONDS = 60
"""After this a waiting task counts as lost; the sweep has found its marks by then."""


def wake(school_id: str) -> None:
    """Debounced: while a task of the school waits, no other is sent, so that a busy evening can't fill the queue."""
    try:
        if cache.add(_key(school_id), 1, timeout=PATIENCE_SECONDS):
            dotted("afterbell.celery.app").send_task(
                ROLL_UP, kwargs={"school_id": school_id}, countdown=1, retry=False, ignore_result=True
            )
    except (RedisError, OperationalError) as error:
        log.warning("facts.not_woken", school_id=school_id, reason=type(error).__name__)


def awake(school_id: str) -> None:
    """The task begins: what commits from now on wakes the next one. Call it before the marks are taken."""
    try:
        cache.delete(_key(school_id))
    except RedisError as error:
        log.warning("facts.wake_not_forgotten", school_id=school_id, reason=type(error).__name__)


def _key(school_id: str) -> str:
    return f"facts.wake:{school_id}"
