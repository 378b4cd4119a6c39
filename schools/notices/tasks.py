"""Background work of notices: urgent ones on their way to phones."""

from celery import shared_task
from django.utils import timezone

from schools.notices import dispatch_actions
from tenants.tasks import SchoolTask


@shared_task(base=SchoolTask)
def send_due() -> None:
    """This school's dispatches that are due."""
    dispatch_actions.send_due(now=timezone.now())
