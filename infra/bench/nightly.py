"""`bench nightly`: the nightly pass over N schools by its own tasks, stopped half way, gone on with, and once more whole."""

import os
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, Final
from unittest import mock

from django.utils import timezone

from afterbell.kernel.dates import local_date
from infra.bench import stage
from infra.bench.city import build, shape
from infra.bench.stage import Clock, Outcome
from oversight.facts import nights, tasks
from oversight.facts.models import DayFact, Night
from tenants.models import School

DEFAULT = 60
MEAN: Final = 60
"""Children in the service of a school: what a night costs by the school, not by the child, is measured."""


class Beat:
    """Runs a chain of tasks as the worker does: one after the other, each on a connection of its own."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self._next: list[dict[str, str]] = []

    def run(self, night: date, *, most: int | None = None) -> None:
        """One run of the timetable's; with `most`, it is stopped after so many tasks."""
        self._next.append({"night": night.isoformat(), "began_at": timezone.now().isoformat()})
        with mock.patch.object(tasks.nightly, "apply_async", self._send):
            while self._next and len(self.seconds) != most:
                build.forget_connection()
                with Clock() as clock:
                    tasks.nightly(**self._next.pop())
                self.seconds.append(clock.seconds)
        self._next.clear()

    def _send(self, *, kwargs: dict[str, str], **_more: Any) -> None:
        self._next.append(kwargs)


def run(*, schools: int | None, seed: int, database: str = "") -> Outcome:
    """N small schools with 20 days of rows; a fact that was changed by hand must be the only drift."""
    count = schools or DEFAULT
    with stage.own_database("nightly", kept=database) as machine:
        shapes = shape.city(count, seed=seed, mean=MEAN)
        outcome = measured(build.build(shapes, days=shape.window(), seed=seed, roll_up=True), seed=seed)
        outcome.machine = machine
        return outcome


def measured(schools: Sequence[School], *, seed: int) -> Outcome:
    """Three nights: one that is stopped and gone on with, one that finds a planted drift, and the quiet one that counts."""
    Night.objects.all().delete()
    first = local_date(timezone.now())
    stopped, resumed, finding, quiet = Beat(), Beat(), Beat(), Beat()
    tasks_of_half = max(1, len(schools) // nights.AT_A_TIME // 2)
    stopped.run(first, most=tasks_of_half)
    before = _done(first)
    resumed.run(first)
    after = _done(first)
    planted = DayFact.objects.filter(school__in=schools).order_by("school__code", "date").first()
    if planted is not None:
        DayFact.objects.filter(pk=planted.pk).update(present=planted.present + 1)
    finding.run(first + timedelta(days=1))
    load = os.getloadavg()[0]
    with Clock() as clock:
        quiet.run(first + timedelta(days=2))
    every = {school.pk for school in schools}
    drifts = [_drift(first + timedelta(days=number)) for number in range(3)]
    gone_on = set(after) == every and all(after[school] == at for school, at in before.items())
    return Outcome(
        name="nightly",
        schools=len(schools),
        seed=seed,
        checked=gone_on and planted is not None and drifts[1:] == [{planted.school_id: 1}, {}],
        results={
            "seconds": clock.seconds,
            "seconds_per_school": clock.seconds / len(schools),
            "drift": sum(drifts[2].values()),
            "tasks": len(quiet.seconds),
            "longest_task_seconds": max(quiet.seconds),
            "city_seconds": quiet.seconds[-1],
            "schools_before_the_stop": len(before),
            "first_drift": sum(drifts[0].values()),
            "planted_drift_found": sum(drifts[1].values()),
            "failed": Night.objects.exclude(failure="").count(),
            "load_average": load,
        },
    )


def _done(night: date) -> dict[Any, Any]:
    rows = Night.objects.filter(night_date=night, school__isnull=False, done_at__isnull=False)
    return dict(rows.values_list("school_id", "done_at"))


def _drift(night: date) -> dict[Any, int]:
    rows = Night.objects.filter(night_date=night, school__isnull=False).exclude(drift=0)
    return {
        school: -1 if drift is None else drift for school, drift in rows.values_list("school_id", "drift")
    }
