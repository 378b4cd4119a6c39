"""Background work of the anchors."""

from celery import shared_task
from django.utils import timezone

from tenants.anchors import actions


@shared_task
def anchor() -> None:
    """Hourly, by the timetable."""
    actions.anchor_all(now=timezone.now())
