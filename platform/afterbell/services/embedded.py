"""Embedded PostgreSQL and Redis: starts them for one checkout, shares them, stops them with their last user.

Everybody who uses the servers holds a shared lock on one file; who can take it alone is the last and stops them.
The kernel drops the lock of a killed process, so nothing is left behind that a later start can't see.
"""

import contextlib
import fcntl
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from afterbell.services import addresses, ground, programs

LEAST_FREE_BYTES = 300 * 1024 * 1024
PATIENCE_SECONDS = 60.0
ORPHANS_SECONDS = 0.5


class ServiceError(Exception):
    """A server can't be started; the text says why and what to do."""


@dataclass(frozen=True)
class Running:
    """Addresses of the started servers."""

    database_url: str
    redis_url: str


@contextlib.contextmanager
def servers(folder: Path, *, durable: bool = True) -> Iterator[Running]:
    """PostgreSQL and Redis of this folder, started if need be, stopped when their last user leaves.

    `durable=False` trades safety for speed: for tests only. Raises ServiceError.
    """
    _refuse_full_disk(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "starting.lock").open("w") as door, (folder / "users.lock").open("w") as users:
        fcntl.flock(door, fcntl.LOCK_EX)
        try:
            running = _start(folder, durable=durable)
            fcntl.flock(users, fcntl.LOCK_SH)
        finally:
            fcntl.flock(door, fcntl.LOCK_UN)
        try:
            yield running
        finally:
            fcntl.flock(door, fcntl.LOCK_EX)
            try:
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                pass  # somebody else still works with them
            else:
                _stop(folder)


@contextlib.contextmanager
def embedded_unless_named(root: Path) -> Iterator[Path | None]:
    """The embedded servers run inside this block, unless DATABASE_URL and REDIS_URL both name real ones. Gives the folder
    of the servers that are ours to keep (services.guards)."""
    if os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL"):
        yield None
        return
    folder = addresses.home(root)
    with servers(folder) as running:
        os.environ.setdefault("DATABASE_URL", running.database_url)
        os.environ.setdefault("REDIS_URL", running.redis_url)
        yield folder


def _start(folder: Path, *, durable: bool) -> Running:
    known = addresses.read(folder)
    if not _postgres_answers(known, known["database_port"]):
        try:
            _refuse_full_disk(ground.take(folder))
        except ground.NoGround as trouble:
            raise ServiceError(str(trouble)) from trouble
    known["database_port"] = _start_postgres(folder, known, durable=durable)
    addresses.write(folder, known)
    known["redis_port"] = _start_redis(folder, known, durable=durable)
    addresses.write(folder, known)
    return Running(
        database_url=f"postgresql://afterbell:{known['database_password']}@127.0.0.1:{known['database_port']}/afterbell",
        redis_url=redis_url(folder),
    )


def keep_postgres(folder: Path, known: addresses.Addresses) -> psutil.Process:
    """Its process, started unless it answers; at the address that its users know. Raises ServiceError."""
    _same_port("PostgreSQL", known["database_port"], _start_postgres(folder, known, durable=True))
    return postgres_process(folder)


def keep_redis(folder: Path, known: addresses.Addresses) -> psutil.Process:
    """Its process, started unless it answers; at the address that its users know. Raises ServiceError."""
    port = _start_redis(folder, known, durable=True)
    _same_port("Redis", known["redis_port"], port)
    return redis_process(folder)


def postgres_process(folder: Path) -> psutil.Process:
    """The one that all others of this server begin from. Raises FileNotFoundError, NoSuchProcess."""
    return psutil.Process(int((ground.of(folder) / "postgres" / "postmaster.pid").read_text().split()[0]))


def redis_process(folder: Path) -> psutil.Process:
    """Raises RedisError when it doesn't answer."""
    known = addresses.read(folder)
    return psutil.Process(int(_redis_client(known, known["redis_port"]).info("server")["process_id"]))


def redis_url(folder: Path) -> str:
    """Of this folder's Redis, as its users know it."""
    known = addresses.read(folder)
    return f"redis://:{known['redis_password']}@127.0.0.1:{known['redis_port']}/0"


def _same_port(name: str, wanted: int, found: int) -> None:
    if found != wanted:
        raise ServiceError(
            f"{name}'s port {wanted} was taken while it was away. Stop what uses it and start again."
        )


def _stop(folder: Path) -> None:
    _stop_redis(folder)
    place = ground.of(folder)
    data = place / "postgres"
    if (data / "postmaster.pid").exists():
        programs.run_plain([*programs.postgres("pg_ctl", place), "-D", str(data), "-m", "fast", "-w", "stop"])
    ground.give_back(folder)


# --- PostgreSQL ------------------------------------------------------------------------------------------------


def _start_postgres(folder: Path, known: addresses.Addresses, *, durable: bool) -> int:
    place = ground.of(folder)
    data = place / "postgres"
    if not (data / "PG_VERSION").exists():
        _make_cluster(place, data, known["database_password"])
    if _postgres_answers(known, known["database_port"]):
        return known["database_port"]  # left by a killed run, or in use by another process of this checkout
    _forget_dead_server(data)
    _end_orphans(data)
    port = _free_port(known["database_port"])
    options = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": "",
        "max_connections": 120,
        "max_locks_per_transaction": 1024,  # one transaction opens or migrates many schools
        "shared_buffers": "256MB",
        "timezone": "UTC",
        "log_timezone": "UTC",
        "password_encryption": "scram-sha-256",
        "wal_level": "minimal",
        "max_wal_senders": 0,
        "recovery_init_sync_method": "syncfs",  # after a kill: one call, not one for each of a city's 400 files a school
        **({} if durable else {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}),
    }
    words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
    log = folder / "postgres.log"
    process = programs.start_plain([*programs.postgres("postgres", place), "-D", str(data), *words], log)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _postgres_answers(known, port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServiceError(_why("PostgreSQL did not start", log))
        time.sleep(0.05)
    _make_database(known, port)
    return port


def _make_cluster(place: Path, data: Path, password: str) -> None:
    """initdb beside the goal, then one rename: a killed first start leaves no half cluster."""
    draft = place / "postgres.new"
    shutil.rmtree(draft, ignore_errors=True)
    shutil.rmtree(data, ignore_errors=True)
    draft.mkdir(mode=0o700)
    programs.give_to_plain_user(draft)
    secret = draft.parent / "first-password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    programs.give_to_plain_user(secret)
    try:
        programs.run_plain(
            [
                *programs.postgres("initdb", place),
                *("-D", str(draft), "--username=postgres", f"--pwfile={secret}", "--auth=scram-sha-256"),
                *("--encoding=UTF8", "--locale=C", "--data-checksums", "--no-instructions"),
            ]
        )
    except subprocess.CalledProcessError as error:
        shutil.rmtree(draft, ignore_errors=True)
        last = (error.stderr or error.stdout or "").strip().splitlines()[-1:]
        raise ServiceError(f"PostgreSQL could not make its folder {data}: {' '.join(last)}") from error
    finally:
        secret.unlink(missing_ok=True)
    draft.rename(data)


def _make_database(known: addresses.Addresses, port: int) -> None:
    """The application's own role, which is no superuser, and its database."""
    with psycopg.connect(_owner_address(known, port), autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'afterbell'").fetchone():
            password = psycopg.sql.Literal(known["database_password"])
            connection.execute(
                psycopg.sql.SQL("CREATE ROLE afterbell LOGIN CREATEROLE CREATEDB PASSWORD {}").format(
                    password
                )
            )
        if not connection.execute("SELECT 1 FROM pg_database WHERE datname = 'afterbell'").fetchone():
            connection.execute("CREATE DATABASE afterbell OWNER afterbell")


def _forget_dead_server(data: Path) -> None:
    """Remove the pid file of a killed server. PostgreSQL does so itself, unless the number still stands for a zombie
    (containers without an init process keep them) or for a stranger."""
    pid_file = data / "postmaster.pid"
    if not pid_file.exists():
        return
    try:
        process = psutil.Process(int(pid_file.read_text().split()[0]))
        alive = process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name()
    except (psutil.NoSuchProcess, ValueError, IndexError):
        alive = False
    if not alive:
        pid_file.unlink()


def _end_orphans(data: Path) -> None:
    """Sessions of a killed server hold its memory, and no other starts beside it. Idle ones see the death at once, those
    that compute don't; nothing that they do can be committed any more."""
    deadline = time.monotonic() + ORPHANS_SECONDS
    while left := [process for process in psutil.process_iter() if _works_in(process, data)]:
        for process in left if time.monotonic() > deadline else ():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        time.sleep(0.02)


def _works_in(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name() == "postgres" and process.cwd() == str(data)
    except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
        return False


def _postgres_answers(known: addresses.Addresses, port: int) -> bool:
    if not port:
        return False
    try:
        with psycopg.connect(_owner_address(known, port), connect_timeout=3):
            return True
    except psycopg.OperationalError:
        return False


def _owner_address(known: addresses.Addresses, port: int) -> str:
    return f"postgresql://postgres:{known['database_password']}@127.0.0.1:{port}/postgres"


# --- Redis -----------------------------------------------------------------------------------------------------


def _start_redis(folder: Path, known: addresses.Addresses, *, durable: bool) -> int:
    if _redis_answers(known, known["redis_port"]):
        return known["redis_port"]
    port = _free_port(known["redis_port"])
    place = ground.of(folder)
    data = place / "redis"
    data.mkdir(mode=0o700, exist_ok=True)
    programs.give_to_plain_user(data)
    conf = data / "redis.conf"
    conf.touch(mode=0o600)
    conf.write_text(
        "\n".join(
            [
                "bind 127.0.0.1",
                f"port {port}",
                f"requirepass {known['redis_password']}",
                f'dir "{data}"',
                "maxmemory-policy noeviction",
                f"appendonly {'yes' if durable else 'no'}",
                'save ""',
                "daemonize no",
                "",
            ]
        )
    )
    programs.give_to_plain_user(conf)
    log = folder / "redis.log"
    process = programs.start_plain([*programs.redis_server(place), str(conf)], log)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not _redis_answers(known, port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise ServiceError(_why("Redis did not start", log))
        time.sleep(0.03)
    return port


def _redis_client(known: addresses.Addresses, port: int) -> "redis.Redis":
    return redis.Redis(
        host="127.0.0.1",
        port=port,
        password=known["redis_password"],
        socket_connect_timeout=2,
        retry=Retry(NoBackoff(), retries=0),  # the loops here are the retries
    )


def _redis_answers(known: addresses.Addresses, port: int) -> bool:
    if not port:
        return False
    try:
        return bool(_redis_client(known, port).ping())
    except redis.RedisError:
        return False


def _stop_redis(folder: Path) -> None:
    known = addresses.read(folder)
    with contextlib.suppress(redis.RedisError):
        _redis_client(known, known["redis_port"]).shutdown(nosave=True)


# --- both ------------------------------------------------------------------------------------------------------


def _free_port(wish: int) -> int:
    """The port of the last time if it is still free, else any: two checkouts never meet."""
    for port in (wish, 0):
        with socket.socket() as probe:
            # Closed connections of our last run don't count as taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ServiceError("No free port on 127.0.0.1.")


def _refuse_full_disk(folder: Path) -> None:
    place = next(parent for parent in (folder, *folder.parents) if parent.exists())
    free = shutil.disk_usage(place).free
    if free < LEAST_FREE_BYTES:
        raise ServiceError(
            f"The disk of {place} is nearly full: {free // 1_048_576} MB free, {LEAST_FREE_BYTES // 1_048_576} MB needed."
            " Free some space and start again."
        )


def _why(trouble: str, log: Path) -> str:
    lines = log.read_text(errors="replace").strip().splitlines()[-3:] if log.exists() else []
    return f"{trouble}. Its log {log} ends:\n" + "\n".join(lines)
