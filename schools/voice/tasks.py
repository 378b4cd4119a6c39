"""Background work of surveys and complaints: deadlines that pass by themselves."""

from celery import shared_task
from django.utils import timezone

from schools.voice import carrying, complaint_actions, survey_actions
from tenants.exchange import queries as exchange
from tenants.tasks import SchoolTask


@shared_task(base=SchoolTask)
def deadlines() -> None:
    """Once an hour: surveys close, unanswered complaints go to the bureau, what lies in the wrong place goes there too."""
    now, school = timezone.now(), exchange.school_here()
    survey_actions.close_due(now=now)
    complaint_actions.escalate_overdue(school=school, now=now)
    carrying.mend(school=school, now=now)
