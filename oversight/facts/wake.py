"""Wakes the roll-up of one school after a commit, at most once a second. Redis only wakes: the outbox is the truth."""

import structlog
from django.core.cache import cache
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from afterbell.kernel.strings import dotted

ROLL_UP = "oversight.facts.tasks.roll_up"
log = structlog.get_logger(__name__)


def wake(school_id: str) -> None:
    """Debounced: marks of the same second are taken by one run. A lost wake-up is found by the sweep."""
    try:
        if cache.add(f"facts.wake:{school_id}", 1, timeout=1):
            dotted("afterbell.celery.app").send_task(
                ROLL_UP, kwargs={"school_id": school_id}, countdown=1, retry=False, ignore_result=True
            )
    except (RedisError, OperationalError) as error:
        log.warning("facts.not_woken", school_id=school_id, reason=type(error).__name__)
