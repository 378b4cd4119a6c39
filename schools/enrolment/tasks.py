"""Background work of enrolment: children who have left hold no places."""

from celery import shared_task
from django.utils import timezone

from schools.enrolment import actions
from tenants.tasks import SchoolTask


@shared_task(base=SchoolTask)
def end_leavers() -> None:
    """Once a night."""
    actions.end_leavers(now=timezone.now())
