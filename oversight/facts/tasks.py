"""Background work of the facts: one school when it is woken, a sweep for what no wake-up reached, the nightly pass."""

import structlog
from celery import shared_task
from django.utils import timezone

from oversight.facts import actions, full, rollups, wake
from tenants import context, queries
from tenants.models import School
from tenants.states import SchoolState
from tenants.tasks import NoSuchSchool

log = structlog.get_logger(__name__)


@shared_task
def roll_up(*, school_id: str) -> None:
    """One school's marks. No SchoolTask: a roll-up stands in the school and in the city, in turn."""
    try:
        school = queries.school_by_id(school_id)
    except School.DoesNotExist as error:
        raise NoSuchSchool(school_id) from error
    with context.in_school(school):  # where the key was set: the cache's keys carry the school
        wake.awake(school_id)
    actions.drain(school=school, now=timezone.now())
    rollups.roll_areas(now=timezone.now())


@shared_task
def sweep() -> None:
    """Every school's marks. One school's failure is one school's, and its figures are as old as its last success."""
    began_at = timezone.now()
    for school in queries.schools().filter(state=SchoolState.ACTIVE):
        try:
            actions.drain(school=school, now=timezone.now())
        except Exception:
            log.exception("facts.roll_up_failed", school=school.code)
            actions.note_failure(school=school, now=timezone.now())
    rollups.roll_areas(now=timezone.now())
    actions.note_sweep(began_at=began_at)


@shared_task
def nightly() -> None:
    """Recompute everything and say what had drifted: it must be nothing."""
    schools = list(queries.schools().filter(state=SchoolState.ACTIVE))
    for school in schools:
        try:
            actions.mark_what_time_changes(school=school, now=timezone.now())
            actions.drain(school=school, now=timezone.now())
            drift = actions.recompute_months_and_terms(school=school, now=timezone.now()).changed
        except Exception:
            log.exception("facts.nightly_failed", school=school.code)
        else:
            log.log(40 if drift else 20, "facts.drift", school=school.code, rows=drift)
    drift = full.all_days(schools=schools, now=timezone.now()).changed
    log.log(40 if drift else 20, "facts.drift_of_days", rows=drift)
    rollups.roll_all_areas(now=timezone.now())
    actions.after_full_pass(now=timezone.now())
