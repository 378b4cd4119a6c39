"""Wakes a verification. Redis only wakes: the row is the truth, and each hour's pass wakes one that stands still."""

from uuid import UUID

import structlog
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from afterbell.kernel.strings import dotted

VERIFY = "tenants.anchors.tasks.verify"
log = structlog.get_logger(__name__)


def verification(verification_id: UUID) -> None:
    """After the commit. Wired by name: an action imports no task."""
    kwargs = {"verification_id": str(verification_id)}
    try:
        dotted("afterbell.celery.app").send_task(VERIFY, kwargs=kwargs, retry=False, ignore_result=True)
    except (RedisError, OperationalError) as error:
        log.warning("anchors.not_woken", reason=type(error).__name__)
