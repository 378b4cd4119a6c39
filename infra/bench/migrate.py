"""`bench migrate`: the whole command with nothing to do and with an AddField, beside stock migrate_schemas."""

import os
import random
import resource
import subprocess
import sys
from pathlib import Path
from statistics import mean, median

from django.conf import settings
from django.db import connection
from django.test import override_settings

from infra.bench import later, peers, stage
from infra.bench.stage import Clock, Outcome
from tenants.fleet import fingerprint
from tenants.models import School

DEFAULT = 500
SAMPLE = 6
ROOT = Path(__file__).resolve().parents[2]


class CommandFailed(ValueError):
    """The measured command ended with an error: there is nothing to measure."""


def run(*, schools: int | None, seed: int) -> Outcome:
    """Seconds of `afterbell migrate`, start of the process included; stock on a sample, times the number of schools."""
    count = schools or DEFAULT
    chosen = random.Random(seed).sample(range(1, count + 1), min(SAMPLE, count))
    schemas = [f"s_330199{number:04d}" for number in chosen]
    with stage.own_database("migrate") as machine:
        for number in range(1, count + 1):
            stage.open_school(number)
        start = _command("--help")
        before = _cpu_of_commands()
        noop = median(_command() for _ in range(3))
        noop_cpu = (_cpu_of_commands() - before) / 3
        stock_noop = mean(peers.migrate_schemas(schema) for schema in schemas) * count
        with later.release("bench_one"):
            before = _cpu_of_commands()
            add_field = _command(later_release=True)
            add_field_cpu = _cpu_of_commands() - before
        done = _columns("bench_one") == count + 1  # and the template
        equal = all(fingerprint.of(schema) == fingerprint.of(settings.TEMPLATE_SCHEMA) for schema in schemas)
        stamps = School.objects.values("schema_stamp").distinct().count() == 1
        with (
            later.release("bench_one", "bench_two"),
            override_settings(MIGRATION_MODULES={"people": later.PACKAGE}),
        ):
            stock_add_field = mean(peers.migrate_schemas(schema) for schema in schemas) * count
        stock_done = _columns("bench_two") == len(schemas)
    return Outcome(
        name="migrate",
        schools=count,
        seed=seed,
        machine=machine,
        checked=done and equal and stamps and stock_done,
        results={
            "noop_seconds": noop,
            "noop_ratio_vs_stock": stock_noop / noop,
            "addfield_seconds": add_field,
            "addfield_ratio_vs_stock": stock_add_field / add_field,
            "process_start_seconds": start,
            "noop_cpu_seconds": noop_cpu,
            "addfield_cpu_seconds": add_field_cpu,
            "stock_noop_seconds": stock_noop,
            "stock_addfield_seconds": stock_add_field,
            "stock_sample": len(schemas),
            "fingerprint_equal": equal,
        },
    )


def _command(*words: str, later_release: bool = False) -> float:
    """Seconds of the command as a person runs it, its process's start included."""
    path = [str(ROOT / "platform"), str(ROOT), *(sys.path[:1] if later_release else [])]
    environment = {
        **os.environ,
        "DATABASE_URL": stage.address(),
        "REDIS_URL": settings.REDIS_URL,
        "PYTHONPATH": os.pathsep.join(path),
        "DJANGO_SETTINGS_MODULE": "infra.bench.later_settings" if later_release else "afterbell.settings",
    }
    with Clock() as clock:
        done = subprocess.run(
            [sys.executable, "-m", "afterbell.cli", "migrate", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        raise CommandFailed(f"afterbell migrate failed: {done.stderr.strip() or done.stdout.strip()}")
    return clock.seconds


def _cpu_of_commands() -> float:
    """Processor seconds of the commands so far: says more than the clock on a machine that is busy with others."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _columns(name: str) -> int:
    """How many schemas have this column of the pupils."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid"
            " WHERE c.relname = 'people_pupil' AND a.attname = %s AND NOT a.attisdropped",
            [name],
        )
        return int(cursor.fetchone()[0])
