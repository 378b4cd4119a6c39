"""Wakes the relay of one school. Redis only wakes: what must be carried stands in the tables, and a sweep finds it."""

from uuid import UUID

from afterbell.kernel.strings import dotted

CELERY = "afterbell.celery.app"
CARRY = "tenants.exchange.tasks.carry"


def relay(school_id: UUID) -> None:
    """After the commit. Wired by name: an action imports no task."""
    dotted(CELERY).send_task(CARRY, kwargs={"school_id": str(school_id)}, retry=False, ignore_result=True)
