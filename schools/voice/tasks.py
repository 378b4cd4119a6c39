"""Background work of surveys and complaints: deadlines that pass by themselves."""

from celery import shared_task
from django.utils import timezone

from schools.voice import complaint_actions, survey_actions
from tenants.exchange import queries as exchange
from tenants.tasks import SchoolTask


@shared_task(base=SchoolTask)
def deadlines() -> None:
    """Once an hour: surveys close, unanswered complaints go to the bureau."""
    now = timezone.now()
    survey_actions.close_due(now=now)
    complaint_actions.escalate_overdue(school=exchange.school_here(), now=now)
