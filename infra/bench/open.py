"""`bench open`: N schools by replay, beside migrate_schemas and django-tenants' clone on the same template."""

import random
from statistics import mean, median

from django.conf import settings
from django.db import connection

from infra.bench import peers, stage
from infra.bench.stage import Clock, Outcome
from tenants import context
from tenants.fleet import blueprint, fingerprint
from tenants.models import School
from tenants.states import SchoolState

DEFAULT = 200
SAMPLE = 6
DOOR_TURNS = 2000


def run(*, schools: int | None, seed: int) -> Outcome:
    """Seconds a school, ratios, whether all came out the same, and what the door into a school costs a request."""
    count = max(2, schools or DEFAULT)
    with stage.own_database("open") as machine:
        template = fingerprint.of(settings.TEMPLATE_SCHEMA)
        structure = blueprint.of_template()  # read once a process
        ours = [_timed(number) for number in range(1, count + 1)]
        by_migrations = [peers.open_by_migrations(f"peer_{number}") for number in range(SAMPLE)]
        peers.open_by_clone("clone_first")  # makes the clone's own function
        by_clone = [peers.open_by_clone(f"clone_{number}") for number in range(SAMPLE)]
        equal = _all_equal(count, template, seed) and _is_like_template("peer_0")
        ours_s = mean(ours)
        return Outcome(
            name="open",
            schools=count,
            seed=seed,
            machine=machine,
            checked=equal and _all_there(count),
            results={
                "seconds_per_school": ours_s,
                "ratio_vs_migrate": mean(by_migrations) / ours_s,
                "ratio_vs_clone": mean(by_clone) / ours_s,
                "fingerprint_equal": equal,
                "seconds_median": median(ours),
                "seconds_first_tenth": mean(ours[: max(1, count // 10)]),
                "seconds_last_tenth": mean(ours[-max(1, count // 10) :]),
                "migrate_seconds_per_school": mean(by_migrations),
                "clone_seconds_per_school": mean(by_clone),
                "clone_fingerprint_equal": _is_like_template("clone_0"),
                "peers_sample": SAMPLE,
                "tables": len(structure.tables),
                "indexes": structure.structure.count(" INDEX "),
                "door_ms": _door_ms(),
            },
        )


def _timed(number: int) -> float:
    with Clock() as clock:
        stage.open_school(number)
    return clock.seconds


def _is_like_template(schema: str) -> bool:
    """But for rights, which are ours."""
    return fingerprint.structure(schema) == fingerprint.structure(settings.TEMPLATE_SCHEMA)


def _all_equal(count: int, template: str, seed: int) -> bool:
    """First, last and some between."""
    chosen = {1, count, *random.Random(seed).sample(range(1, count + 1), min(6, count))}
    return all(fingerprint.of(f"s_330199{number:04d}") == template for number in chosen)


def _all_there(count: int) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(r"SELECT count(*) FROM pg_namespace WHERE nspname LIKE 's\_330199%'")
        (schemas,) = cursor.fetchone()
    return bool(schemas == School.objects.filter(state=SchoolState.ACTIVE).count() == count)


def _door_ms() -> float:
    """Role and search path of a request: two schools in turn, less the same query without moving."""
    north, south = School.objects.order_by("code")[:2]
    with context.in_school(north):
        _select()
        with Clock() as plain:
            for _ in range(DOOR_TURNS):
                _select()
    with Clock() as moving:
        for turn in range(DOOR_TURNS):
            with context.in_school(south if turn % 2 else north):
                _select()
    return (moving.seconds - plain.seconds) / DOOR_TURNS * 1000


def _select() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()
