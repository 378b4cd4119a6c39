"""The nightly pass: school by school, each in a transaction with its row, so that it goes on wherever it was stopped.

A try is noted before it begins. A school that fails, or takes its worker with it, comes after all others the next
time, and keeps nobody from having a night.
"""

from datetime import date, datetime, timedelta
from typing import Final, TypedDict

import structlog
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q, Sum

from afterbell.kernel import locks
from oversight.facts import actions, full, rollups
from oversight.facts.models import Night
from tenants import context, queries
from tenants.models import School
from tenants.states import SchoolState

log = structlog.get_logger(__name__)
AT_A_TIME: Final = 25
"""Schools of one task: seconds, far from its time limit, and what one connection should touch (architecture §3)."""
KEPT: Final = timedelta(days=60)


class NightSoFar(TypedDict):
    """For `afterbell status`: the last night that began."""

    night: str
    schools: int
    done: int
    failed: list[str]
    """Codes of the schools whose last try failed, at most FIRST."""
    drift: int
    city_done: bool


FIRST: Final = 20


def left(*, night: date, began_at: datetime) -> list[School]:
    """Schools that are not done and that this run has not tried yet; those that nobody tried tonight first."""
    with context.in_city():
        tonight = Night.objects.filter(night_date=night, school=OuterRef("pk"))
        settled = tonight.filter(Q(done_at__isnull=False) | Q(tried_at__gte=began_at))
        waiting = queries.schools().filter(~Exists(settled), state=SchoolState.ACTIVE)
        return list(waiting.order_by(Exists(tonight), "code")[:AT_A_TIME])


def pass_over(*, school: School, night: date, now: datetime) -> bool:
    """One school's night; False when it failed, which the row and the school's pulse say."""
    _note_try(school, night, now)
    try:
        _pass(school, night, now)
    except Exception as error:
        log.exception("facts.night_failed", school=school.code)
        _note_failure(school, night, error)
        actions.note_failure(school=school, now=now)
        return False
    return True


def is_city_due(*, night: date) -> bool:
    """Whether a school has had its night since the city's own last step, or that has not been done tonight."""
    with context.in_city():
        rows = Night.objects.filter(night_date=night)
        last = rows.aggregate(city=Max("done_at", filter=Q(school=None)), schools=Max("done_at"))
    return last["city"] is None or last["schools"] > last["city"]


def finish(*, night: date, now: datetime) -> None:
    """The city's own step, after the schools': the areas' sums, and rules that days or others' rates break."""
    _note_try(None, night, now)
    rollups.roll_all_areas(now=now)
    actions.after_full_pass(now=now)
    with transaction.atomic(), context.in_city():
        last = Night.objects.filter(night_date=night).aggregate(at=Max("done_at"))["at"]
        Night.objects.filter(night_date=night, school=None).update(done_at=max(now, last or now), failure="")
        Night.objects.filter(night_date__lt=night - KEPT).delete()


def so_far() -> NightSoFar | None:
    """How the last night went; None before the first. As whoever is reading. Three statements."""
    last = Night.objects.aggregate(night=Max("night_date"))["night"]
    if last is None:
        return None
    rows = Night.objects.filter(night_date=last, school__isnull=False)
    failed = rows.exclude(failure="").order_by("school__code")
    sums = Night.objects.filter(night_date=last).aggregate(
        drift=Sum("drift"), city=Max("done_at", filter=Q(school=None))
    )
    return NightSoFar(
        night=last.isoformat(),
        schools=School.objects.filter(state=SchoolState.ACTIVE).count(),
        done=rows.filter(done_at__isnull=False).count(),
        failed=list(failed.values_list("school__code", flat=True)[:FIRST]),
        drift=sums["drift"] or 0,
        city_done=sums["city"] is not None,
    )


def _note_try(school: School | None, night: date, now: datetime) -> None:
    with transaction.atomic(), context.in_city():
        Night.objects.update_or_create(school=school, night_date=night, defaults={"tried_at": now})


def _pass(school: School, night: date, now: datetime) -> None:
    """Its row is the lock: of two runs that meet at a school, the second finds it done."""
    with transaction.atomic():
        with context.in_city():
            row = locks.lockable(Night.objects.filter(school=school, night_date=night)).get()
        if row.done_at is not None:
            return
        drift = actions.take_stock(school=school, now=now).changed
        drift += full.days_of(school, now=now).changed
        with context.in_city():
            Night.objects.filter(pk=row.pk).update(done_at=now, drift=drift, failure="")
    log.log(40 if drift else 20, "facts.drift", school=school.code, rows=drift)


def _note_failure(school: School, night: date, error: Exception) -> None:
    with transaction.atomic(), context.in_city():
        undone = Night.objects.filter(school=school, night_date=night, done_at__isnull=True)
        undone.update(failure=type(error).__name__[:80])
