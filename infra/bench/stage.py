"""What all benchmarks share: a database of their own, the machine's description, a clock, a table and a JSON file."""

import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
from django.conf import settings
from django.db import connection, connections
from psycopg import connect, sql
from rich.console import Console
from rich.table import Table

from tenants import provisioning
from tenants.models import District, Kind, School, SizeClass, Stage

NOW = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
Value = float | int | bool | str


@dataclass
class Outcome:
    """One benchmark's result: the keys of the contract, and more."""

    name: str
    schools: int
    seed: int
    checked: bool
    results: dict[str, Value]
    machine: dict[str, Value] = field(default_factory=lambda: machine())

    def say(self) -> None:
        """A table for people."""
        table = Table(title=f"bench {self.name}: {self.schools} schools", title_justify="left")
        table.add_column("what")
        table.add_column("measured", justify="right")
        for name, value in self.results.items():
            table.add_row(name, f"{value:.4g}" if isinstance(value, float) else str(value))
        table.add_row("checked", "yes" if self.checked else "NO: the times are worth nothing")
        console = Console(soft_wrap=True)
        console.print(table)
        console.print("machine: " + ", ".join(f"{name} {value}" for name, value in self.machine.items()))

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n")


class Clock:
    """`with Clock() as clock: …; clock.seconds`."""

    seconds = 0.0

    def __enter__(self) -> "Clock":
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._started


@contextmanager
def own_database(name: str) -> Iterator[dict[str, Value]]:
    """A database beside the city's on the same server, migrated, dropped at the end with its roles.

    Gives the machine's description, its load before we began included.
    """
    described = machine()
    database, before = f"bench_{name}_{os.getpid()}", connection.settings_dict["NAME"]
    _server(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))
    _go_to(database)
    try:
        provisioning.install()
        District.objects.create(code="330199", name="试验区")
        yield described
    finally:
        _go_to(before)
        _server(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(database)))
        _drop_roles(database)


def open_school(number: int) -> School:
    """School `number` by our own way."""
    return provisioning.open_school(
        code=f"330199{number:04d}",
        name=f"试验小学{number}",
        district=District.objects.get(code="330199"),
        stage=Stage.PRIMARY,
        kind=Kind.URBAN,
        size_class=SizeClass.MEDIUM,
        now=NOW,
    )


def address() -> str:
    """DATABASE_URL of the database at hand, for processes of their own."""
    head, _, _ = settings.DATABASE_URL.rpartition("/")
    return f"{head}/{connection.settings_dict['NAME']}"


def machine() -> dict[str, Value]:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version")
        (version,) = cursor.fetchone()
        cursor.execute("SHOW synchronous_commit")
        (commit,) = cursor.fetchone()
    return {
        "cores": psutil.cpu_count() or 0,
        "memory_gb": round(psutil.virtual_memory().total / 2**30),
        "cpu": _cpu(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "postgresql": version,
        "synchronous_commit": commit,
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _go_to(name: str) -> None:
    wrapper = connections["default"]
    wrapper.close()
    wrapper.close_pool()  # type: ignore[attr-defined]
    settings.DATABASES["default"]["NAME"] = name
    wrapper.settings_dict["NAME"] = name


def _server(statement: sql.Composed) -> None:
    with connect(settings.DATABASE_URL, autocommit=True) as server:
        server.execute(statement)


def _drop_roles(database: str) -> None:
    with connect(settings.DATABASE_URL, autocommit=True) as server:
        like = database.replace("_", r"\_") + r"\_%"
        for (role,) in server.execute(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE %s", [like]
        ).fetchall():
            server.execute(sql.SQL("DROP ROLE {}").format(sql.Identifier(role)))
