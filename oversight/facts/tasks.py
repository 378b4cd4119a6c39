"""Background work of the facts: one school when it is woken, a sweep for what no wake-up reached, the nightly pass."""

from datetime import date, datetime

import structlog
from celery import shared_task
from django.utils import timezone

from afterbell.kernel.dates import local_date
from oversight.facts import actions, nights, rollups, terms, wake
from tenants import context, queries
from tenants.states import SchoolState
from tenants.tasks import SchoolTask, school_of

log = structlog.get_logger(__name__)


@shared_task(throws=SchoolTask.throws)
def roll_up(*, school_id: str) -> None:
    """One school's marks. No SchoolTask: a roll-up stands in the school and in the city, in turn."""
    school = school_of(school_id)
    with context.in_school(school):  # where the key was set: the cache's keys carry the school
        wake.awake(school_id)
    actions.drain(school=school, now=timezone.now())
    rollups.roll_areas(now=timezone.now())


@shared_task
def sweep() -> None:
    """Every school's marks. One school's failure is one school's, and its figures are as old as its last success."""
    began_at = timezone.now()
    terms.hand_on(now=began_at)
    for school in queries.schools().filter(state=SchoolState.ACTIVE):
        try:
            actions.drain(school=school, now=timezone.now())
        except Exception:
            log.exception("facts.roll_up_failed", school=school.code)
            actions.note_failure(school=school, now=timezone.now())
    rollups.roll_areas(now=timezone.now())
    actions.note_sweep(began_at=began_at)


@shared_task
def nightly(*, night: str = "", began_at: str = "") -> None:
    """Some schools of tonight's full pass, then another task for the next ones; the city's own step comes last.

    The timetable begins it three times a night: a later run takes what an earlier one left or failed at.
    """
    now = timezone.now()
    tonight = date.fromisoformat(night) if night else local_date(now)
    began = datetime.fromisoformat(began_at) if began_at else now
    schools = nights.left(night=tonight, began_at=began)
    for school in schools:
        nights.pass_over(school=school, night=tonight, now=timezone.now())
    if schools:
        more = {"night": tonight.isoformat(), "began_at": began.isoformat()}
        nightly.apply_async(kwargs=more, ignore_result=True)
    elif nights.is_city_due(night=tonight):
        nights.finish(night=tonight, now=timezone.now())
