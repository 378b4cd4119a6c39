"""`bench city`: how long a whole city takes to build, rows of a 20-day window and facts of three terms, all checked."""

import random

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from afterbell.kernel.strings import dotted
from infra.bench import stage
from infra.bench.city import build, facts, shape
from infra.bench.stage import Clock, Outcome
from oversight.facts.models import DayFact
from tenants.context import in_school
from tenants.models import School

DEFAULT = 40
SAMPLE = 5
ROWS = ("people_pupil", "enrolment_agreement", "care_session", "care_rollentry", "care_handover")
COUNTS = ", ".join(f"(SELECT count(*) FROM {table})" for table in ROWS)  # noqa: S608  (names of ours)
PROMISES = ("afterbell.audit.queries.broken_promises", *settings.PROMISES)


def run(*, schools: int | None, seed: int, database: str = "") -> Outcome:
    """Build the city, or go on building; with `database` it stays for `rollup`, `fresh` and `pages`."""
    count = schools or DEFAULT
    shapes = shape.city(count, seed=seed)
    with stage.own_database("city", kept=database) as machine:
        with Clock() as built:
            opened = build.build(shapes, days=shape.window(), seed=seed, roll_up=True)
        rows = {school.code: _rows(school) for school in opened}
        wrong = [
            each.code
            for each in shapes
            if rows.get(each.code, {}).get("enrolment_agreement") != each.participants
        ]
        of_window = DayFact.objects.filter(date__in=shape.window())
        handed_over = of_window.aggregate(sum=Sum("handed_over"))["sum"]
        total = {table: sum(each[table] for each in rows.values()) for table in ROWS}
        broken = [] if _has_made_up_facts() else _broken_promises(opened, seed)
        with Clock() as summed:
            kept = facts.fill(opened, shapes, seed=seed)
        return Outcome(
            name="city",
            schools=count,
            seed=seed,
            machine=machine,
            checked=not wrong and not broken and handed_over == total["care_handover"] > 0,
            results={
                "seconds": built.seconds + summed.seconds,
                "schools_seconds": built.seconds,
                "facts_seconds": summed.seconds,
                "participants": sum(each.participants for each in shapes),
                **total,
                **kept,
                "handed_over_by_facts": handed_over,
                "schools_wrong": len(wrong),
                "promises_broken": "; ".join(broken) or "none",
                "database_gb": _gigabytes(),
            },
        )


def _rows(school: School) -> dict[str, int]:
    with in_school(school), connection.cursor() as cursor:
        cursor.execute(f"SELECT {COUNTS}")
        return dict(zip(ROWS, cursor.fetchone(), strict=True))


def _has_made_up_facts() -> bool:
    """A run that goes on finds facts that no school's rows stand behind: they would count as drift."""
    return DayFact.objects.exclude(date__in=shape.window()).exists()


def _broken_promises(schools: list[School], seed: int) -> list[str]:
    """What `afterbell verify` finds in a few schools: audit chain, books, and facts against recomputation."""
    broken = []
    for school in random.Random(seed).sample(schools, min(SAMPLE, len(schools))):
        with in_school(school):
            found = [promise for path in PROMISES for promise in dotted(path)()]
        broken += [f"{school.code}: {each}" for each in found]
    return broken


def _gigabytes() -> float:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_database_size(current_database())")
        (size,) = cursor.fetchone()
    return float(size) / 2**30
