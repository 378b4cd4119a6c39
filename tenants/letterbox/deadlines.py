"""By when a complaint is to be answered: the same days for a school and for the bureau."""

from datetime import datetime, timedelta

from afterbell.kernel.dates import local_date
from tenants.models import School
from tenants.policies import queries as policies


def due_after(school: School, now: datetime) -> datetime:
    """By the profile in force on the day (`complaint_answer_days`: calendar days). Raises NoPolicyInForce."""
    days = policies.for_school(school, local_date(now)).policy.deadlines.complaint_answer_days
    return now + timedelta(days=days)
