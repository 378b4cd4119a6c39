"""Background work of the exchange: one school's relay when it is woken, and a sweep over all of them."""

import structlog
from celery import shared_task
from django.utils import timezone

from tenants.exchange import queries, relay
from tenants.tasks import SchoolTask

log = structlog.get_logger(__name__)


@shared_task(base=SchoolTask)
def carry() -> None:
    """This school's envelopes, both ways."""
    relay.relay_school(queries.school_here(), timezone.now())


@shared_task
def sweep() -> None:
    """Every school, for what no wake-up reached. One school's failure is one school's."""
    for school in queries.schools_in_service():
        try:
            relay.relay_school(school, timezone.now())
        except Exception:
            log.exception("exchange.relay_failed", school=school.code)
