"""Background work of the parents' committee: ended terms of office take their rights with them."""

from celery import shared_task
from django.utils import timezone

from schools.committee import actions
from tenants.tasks import SchoolTask


@shared_task(base=SchoolTask)
def end_expired_seats() -> None:
    """Once a night."""
    actions.end_expired(now=timezone.now())
