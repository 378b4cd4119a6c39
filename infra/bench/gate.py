"""`bench gate`: rolls and handovers of many teachers at once, over HTTP, and not one lost or doubled."""

import os
import random
import statistics
import time as clock
from dataclasses import dataclass

from django.db.models import Count
from django.utils import timezone

from infra.bench import stage
from infra.bench.load import CLIENTS, Score, send
from infra.bench.serving import PROCESSES, cpu_seconds, web_server
from infra.bench.stage import Outcome
from infra.bench.teachers import BATCH, CHILDREN, stage_teachers
from schools.care.models import Handover, Operation, Session
from schools.care.roll import day_of
from schools.care.states import UNACCOUNTED, SessionState
from tenants.context import in_school
from tenants.models import School

SCHOOLS = 4
TEACHERS = 16


def run(*, schools: int | None, seed: int) -> Outcome:
    """N schools with 16 teachers of 40 children each; every child arrives and is handed over."""
    count = schools or SCHOOLS
    chance = random.Random(seed)
    with stage.own_database("gate"):
        day = day_of(timezone.now())  # also after midnight
        opened = [stage.open_school(number) for number in range(1, count + 1)]
        warm = [stage_teachers(school, day, chance, teachers=1) for school in opened]
        teachers = [
            teacher for school in opened for teacher in stage_teachers(school, day, chance, teachers=TEACHERS)
        ]
        before = [counts_of(school) for school in opened]
        with web_server() as (port, process):
            send([teacher for group in warm for teacher in group], port, chance)
            warmed = [counts_of(school) for school in opened]
            began, cpu = clock.perf_counter(), cpu_seconds(process)
            score = send(teachers, port, chance)
            seconds, cpu = clock.perf_counter() - began, cpu_seconds(process) - cpu
        after = [counts_of(school) for school in opened]
        outcome = _outcome(count, seed, score, seconds, before=before, warmed=warmed, after=after)
        outcome.results["web_cpu_ms_per_operation"] = cpu * 1000 / max(1, len(score.answers))
        outcome.results["load_average"] = os.getloadavg()[0]
        return outcome


def _outcome(
    schools: int, seed: int, score: Score, seconds: float, *, before: list["Counts"], warmed: list["Counts"],
    after: list["Counts"],
) -> Outcome:  # fmt: skip
    sent = len(score.answers)
    kept = sum(each.applied for each in after) - sum(each.applied for each in warmed)
    children = schools * TEACHERS * CHILDREN
    given = sum(each.handovers for each in after) - sum(each.handovers for each in warmed)
    twice = sum(1 for answers in score.answers.values() if answers.count("applied") > 1)
    refused = sum(answers.count("refused") for answers in score.answers.values())
    lost = max(0, sent - kept) + max(0, children - given) + sum(each.left_behind for each in after)
    doubled = twice + max(0, kept - sent) + max(0, given - children) + sum(each.doubled for each in after)
    errors = score.errors + refused
    in_order = sorted(score.milliseconds)
    cuts = statistics.quantiles(in_order, n=100, method="inclusive") if len(in_order) > 1 else [0.0] * 99
    return Outcome(
        name="gate",
        schools=schools,
        seed=seed,
        checked=errors == lost == doubled == 0 and sum(each.handovers for each in before) == 0,
        results={
            "operations_per_second": sent / seconds,
            "p50_ms": cuts[49],
            "p95_ms": cuts[94],
            "p99_ms": cuts[98],
            "errors": errors,
            "lost": lost,
            "doubled": doubled,
            "operations": sent,
            "requests": len(in_order),
            "operations_a_request": BATCH,
            "seconds": seconds,
            "teachers": schools * TEACHERS,
            "clients": CLIENTS,
            "web_processes": PROCESSES,
        },
    )


@dataclass(frozen=True)
class Counts:
    """What the database says afterwards."""

    applied: int
    handovers: int
    doubled: int
    left_behind: int


def counts_of(school: School) -> Counts:
    """`left_behind`: children of closed sessions who stand as unaccounted for; sessions that lie about their count."""
    with in_school(school):
        twice = (
            Handover.objects.filter(undone_at=None).values("entry").annotate(n=Count("pk")).filter(n__gt=1)
        )
        closed = Session.objects.filter(state=SessionState.CLOSED)
        return Counts(
            applied=Operation.objects.filter(result="applied").count(),
            handovers=Handover.objects.filter(undone_at=None).count(),
            doubled=twice.count(),
            left_behind=closed.filter(roll__state__in=UNACCOUNTED).count()
            + closed.exclude(unaccounted=0).count(),
        )
