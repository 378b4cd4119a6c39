"""Background work of care: alarms that nobody looks at, children who don't arrive, messages still on their way."""

import structlog
from celery import shared_task
from django.utils import timezone

from schools.care import alarm_actions
from schools.notices import dispatch_actions
from tenants import context
from tenants.exchange import queries as exchange

log = structlog.get_logger(__name__)


@shared_task
def watch() -> None:
    """Every school, twice a minute. One school's failure is one school's; what was done twice is done once."""
    for school in exchange.schools_in_service():
        try:
            with context.in_school(school):
                watch_here()
        except Exception:
            log.exception("care.watch_failed", school=school.code)


def watch_here() -> None:
    """In one school: three queries when nothing waits."""
    now = timezone.now()
    alarm_actions.notice_missing(now=now)
    alarm_actions.escalate(now=now)
    dispatch_actions.send_due(now=now)
