"""What all benchmarks share: a database of their own, the machine's description, a clock, a table and a JSON file."""

import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import redis
from django.conf import settings
from django.core.cache import caches
from django.db import connection, connections
from psycopg import connect, errors, sql
from rich.console import Console
from rich.table import Table

from afterbell.celery import app as celery
from afterbell.env import database_from_url
from tenants import provisioning
from tenants.models import District, Kind, School, SizeClass, Stage

NOW = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
DISTRICT = "330199"
DROP_TURNS = 6
TAKEN = "afterbell:bench"
TAKEN_SECONDS = 6 * 60 * 60
"""A key that says that somebody is about to fill this database of Redis; a killed run's is gone by itself."""
Value = float | int | bool | str | list["Line"]
Line = dict[str, float | int | str]
"""One row of a result that is a list, such as a page."""


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
            if not isinstance(value, list):
                table.add_row(name, _shown(value))
        table.add_row("checked", "yes" if self.checked else "NO: the times are worth nothing")
        console = Console(soft_wrap=True)
        console.print(table)
        for name, value in self.results.items():
            if isinstance(value, list) and value:
                console.print(_list(name, value))
        console.print("machine: " + ", ".join(f"{name} {value}" for name, value in self.machine.items()))

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self), ensure_ascii=False, indent=2) + "\n")


def _list(name: str, lines: list[Line]) -> Table:
    table = Table(title=name, title_justify="left")
    for place, column in enumerate(lines[0]):
        table.add_column(column, justify="right" if place else "left")
    for line in lines:
        table.add_row(*(_shown(value) for value in line.values()))
    return table


def _shown(value: Value) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


class Clock:
    """`with Clock() as clock: …; clock.seconds`."""

    seconds = 0.0

    def __enter__(self) -> "Clock":
        self._started = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._started


class Effort(Clock):
    """A clock that also says what our process and PostgreSQL worked: on a busy machine that tells more than the time."""

    own = server = 0.0

    def __enter__(self) -> "Effort":
        self._before = (server_cpu_seconds(), time.process_time())
        super().__enter__()
        return self

    def __exit__(self, *_: object) -> None:
        super().__exit__()
        self.own = time.process_time() - self._before[1]
        self.server = server_cpu_seconds() - self._before[0]


@contextmanager
def own_database(name: str, *, kept: str = "") -> Iterator[dict[str, Value]]:
    """A database beside the city's on the same server, migrated, dropped at the end with its roles.

    `kept` names one that stays and is used again: for cities that take minutes to build. Gives the machine's
    description, its load before we began included.
    """
    described = machine()
    with own_redis(), _own_database(name, kept):
        yield described


@contextmanager
def own_redis() -> Iterator[None]:
    """Tasks and caches of this process go to an empty database of Redis: nobody else's worker reads them."""
    with empty_redis() as address:
        before = settings.REDIS_URL
        _keep_in(address)
        try:
            yield
        finally:
            _keep_in(before)


@contextmanager
def empty_redis() -> Iterator[str]:
    """A database of the same Redis in which there is nothing; emptied again at the end. Raises ConnectionError."""
    for number in range(1, 16):
        address = urlsplit(settings.REDIS_URL)._replace(path=f"/{number}").geturl()
        server = redis.Redis.from_url(address)
        if server.dbsize() == 0 and server.set(TAKEN, os.getpid(), nx=True, ex=TAKEN_SECONDS):
            break
    else:
        raise ConnectionError("Redis has no empty database among 1 to 15")
    try:
        yield address
    finally:
        server.flushdb()
        server.close()


def _keep_in(address: str) -> None:
    settings.REDIS_URL = settings.CACHES["default"]["LOCATION"] = address
    celery.conf.update(broker_url=address)
    celery._after_fork()  # type: ignore[attr-defined]  # forgets its connections; nothing public does
    with suppress(AttributeError):  # of a thread that had none
        del caches["default"]  # the next one is made by what the settings say now


@contextmanager
def on_server(url: str) -> Iterator[None]:
    """This process works in the database of another server's address, and comes back afterwards."""
    known, wrapper = settings.DATABASES["default"], connections["default"]
    before = (settings.DATABASE_URL, known, wrapper.settings_dict)
    let_go()
    settings.DATABASE_URL, parts = url, database_from_url(url)
    settings.DATABASES["default"], wrapper.settings_dict = {**known, **parts}, {**before[2], **parts}
    try:
        yield
    finally:
        let_go()
        settings.DATABASE_URL, settings.DATABASES["default"], wrapper.settings_dict = before


@contextmanager
def _own_database(name: str, kept: str) -> Iterator[None]:
    database, before = kept or f"bench_{name}_{os.getpid()}", connection.settings_dict["NAME"]
    _create(database)
    _go_to(database)
    try:
        provisioning.install()
        yield
    finally:
        _go_to(before)
        if not kept:
            _drop(database)
            _drop_roles(database)


def open_school(number: int, *, district: str = DISTRICT) -> School:
    """School `number` by our own way, in the district of this code."""
    return provisioning.open_school(
        code=f"{district}{number:04d}",
        name=f"试验小学{number}",
        district=District.objects.get_or_create(code=district, defaults={"name": f"试验区{district}"})[0],
        stage=Stage.PRIMARY,
        kind=Kind.URBAN,
        size_class=SizeClass.MEDIUM,
        now=NOW,
    )


def address() -> str:
    """DATABASE_URL of the database at hand, for processes of their own."""
    head, _, _ = settings.DATABASE_URL.rpartition("/")
    return f"{head}/{connection.settings_dict['NAME']}"


def server_cpu_seconds() -> float:
    """What PostgreSQL has used so far, ended backends and parallel workers included; 0 when it runs elsewhere.

    On a busy machine the difference of two says more than the clock.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_backend_pid(), inet_server_addr() IS NULL OR inet_server_addr() = inet_client_addr()"
        )
        backend, is_here = cursor.fetchone()
    if not is_here or not psutil.pid_exists(backend):
        return 0.0
    server = psutil.Process(backend).parent()
    if server is None:
        return 0.0
    own = server.cpu_times()
    ended = own.user + own.system + own.children_user + own.children_system
    running = [child.cpu_times() for child in server.children()]
    return float(ended + sum(each.user + each.system for each in running))


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


def let_go() -> None:
    """Give all connections back and end them; the next statement makes a new one."""
    wrapper = connections["default"]
    wrapper.close()
    wrapper.close_pool()  # type: ignore[attr-defined]


def _go_to(name: str) -> None:
    let_go()
    settings.DATABASES["default"]["NAME"] = name
    connections["default"].settings_dict["NAME"] = name


def _create(database: str) -> None:
    with connect(settings.DATABASE_URL, autocommit=True) as server:
        found = server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [database]).fetchone()
    if found is None:
        _server(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(database)))


def _drop(database: str) -> None:
    """Without FORCE, PostgreSQL sends its own autovacuum away; with it, that worker is one we may not end."""
    for turn in range(DROP_TURNS):
        force = sql.SQL(" WITH (FORCE)") if turn % 2 else sql.SQL("")
        try:
            _server(sql.SQL("DROP DATABASE {}{}").format(sql.Identifier(database), force))
        except (errors.InsufficientPrivilege, errors.ObjectInUse):
            if turn == DROP_TURNS - 1:
                raise
        else:
            return


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
