"""`bench rollup`: all day facts of N schools anew, beside the same GROUP BY on shared tables and a Django ORM loop."""

import os
from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from statistics import median
from uuid import UUID

from django.utils import timezone

from infra.bench import shared, stage
from infra.bench.city import build, shape
from infra.bench.shared import COUNTED, Numbers
from infra.bench.stage import Clock, Outcome
from oversight.facts import full
from oversight.facts.models import DayFact
from schools.care.models import RollEntry
from schools.care.states import CAME, RollState, SessionState
from tenants.context import in_school
from tenants.models import School

DEFAULT = 60
PUPILS, DAYS = 600, 20
TURNS = 3
SAMPLE = 3


def run(*, schools: int | None, seed: int) -> Outcome:
    """N schools × 600 children × 20 days. 500 schools are 6 million attendance rows."""
    count = schools or DEFAULT
    with stage.own_database("rollup") as machine:
        shapes = shape.equal(count, participants=PUPILS, seed=seed)
        outcome = measured(build.build(shapes, days=shape.window(DAYS), seed=seed), seed=seed)
        outcome.machine = machine
        return outcome


def measured(schools: Sequence[School], *, seed: int) -> Outcome:
    """Our passes, the peer's and the loop's, on schools without facts."""
    rows = shared.make(schools)
    first, written = _pass(schools)
    passes, theirs, cpu = [], [], [stage.server_cpu_seconds()]
    for _turn in range(TURNS):  # in turn, so that what else the machine does falls on both
        passes.append(_pass(schools))
        cpu.append(stage.server_cpu_seconds())
        theirs.append(shared.counted())
        cpu.append(stage.server_cpu_seconds())
    steps = [after - before for before, after in pairwise(cpu)]
    sample = schools[:SAMPLE]
    with Clock() as orm:
        by_orm = _orm_loop(sample)
    ours_s, shared_s = median(seconds for seconds, _ in passes), median(seconds for seconds, _ in theirs)
    kept = _kept()
    right = kept == theirs[-1][1] and all(kept.get(key) == numbers for key, numbers in by_orm.items())
    drift = sum(done.changed for _, done in passes)
    return Outcome(
        name="rollup",
        schools=len(schools),
        seed=seed,
        checked=right and drift == 0 and written.changed == written.rows == len(kept) > 0,
        results={
            "rows": rows,
            "seconds": ours_s,
            "rows_per_second": rows / ours_s,
            "ratio_to_shared_table": ours_s / shared_s,
            "ratio_vs_orm": orm.seconds / len(sample) * len(schools) / ours_s,
            "peak_mb": _peak_mb(),
            "connections": full.CONNECTIONS,
            "facts": len(kept),
            "drift": drift,
            "first_seconds": first,
            "server_cpu_seconds": median(steps[::2]),
            "shared_server_cpu_seconds": median(steps[1::2]),
            "shared_seconds": shared_s,
            "orm_seconds_a_school": orm.seconds / len(sample),
            "load_average": os.getloadavg()[0],
        },
    )


def _pass(schools: Sequence[School]) -> tuple[float, full.Pass]:
    """One full pass on fresh connections, as the nightly task finds them."""
    build.forget_connection()
    with Clock() as clock:
        done = full.all_days(schools=schools, now=timezone.now())
    return clock.seconds, done


def _kept() -> Numbers:
    rows = DayFact.objects.values_list("school_id", "date", *COUNTED)
    return {(school, day): tuple(numbers) for school, day, *numbers in rows}


def _orm_loop(schools: Sequence[School]) -> Numbers:
    """What one writes first: every entry as an object, counted in Python."""
    found: dict[tuple[UUID, date], list[int]] = defaultdict(lambda: [0] * len(COUNTED))
    for school in schools:
        with in_school(school):
            entries = RollEntry.objects.filter(session__state=SessionState.CLOSED)
            for entry in entries.select_related("session").prefetch_related("handovers"):
                numbers = found[school.pk, entry.session.date]
                numbers[0] += entry.state != RollState.EXCUSED
                numbers[1] += entry.state in CAME
                numbers[2] += entry.state == RollState.EXCUSED
                numbers[3] += any(handover.undone_at is None for handover in entry.handovers.all())
                numbers[4] += _minutes(entry)
    return {key: tuple(numbers) for key, numbers in found.items()}


def _minutes(entry: RollEntry) -> int:
    if entry.state not in CAME:
        return 0
    session = entry.session
    left_at = min(entry.left_at or session.ends_at, session.ends_at)
    return max(0, int((left_at - session.starts_at).total_seconds()) // 60)


def _peak_mb() -> float:
    """The most memory that this process has held; children built the schools, PostgreSQL counts for itself."""
    lines = Path("/proc/self/status").read_text().splitlines()
    kilobytes = next(line.split()[1] for line in lines if line.startswith("VmHWM"))
    return int(kilobytes) / 1024
