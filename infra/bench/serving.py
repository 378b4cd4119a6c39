"""The product's own processes for a benchmark, on a free port of the loopback and in the benchmark's database."""

import os
import socket
import subprocess
import sys
import time as clock
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from django.conf import settings

from infra.bench import stage

PROCESSES, THREADS = 2, 6
PATIENCE_SECONDS = 60.0
COLLECT = (
    "import django; django.setup(); from afterbell.services.up import collect_static_files as now; now()"
)
"""With the product's settings, whatever ours are: its pages name static files by their content."""


@contextmanager
def web_server(*, processes: int = PROCESSES) -> Iterator[tuple[int, psutil.Process]]:
    """The web server alone, as `afterbell up` starts it."""
    port = free_port()
    command = [
        "gunicorn", "afterbell.wsgi:application", f"--bind=127.0.0.1:{port}", f"--workers={processes}",
        "--worker-class=gthread", f"--threads={THREADS}", "--preload", "--log-level=warning", "--keep-alive=20",
        "--no-control-socket",
    ]  # fmt: skip
    with stage.empty_redis() as address:
        subprocess.run([sys.executable, "-c", COLLECT], env=_environment(address), check=True)
        with _running(command, port, address) as process:
            yield port, process


@contextmanager
def whole_product() -> Iterator[tuple[int, psutil.Process]]:
    """Web, worker and beat under `afterbell up`, with a queue and a cache of their own."""
    port = free_port()
    with (
        stage.empty_redis() as address,
        _running(["afterbell", "up", f"--port={port}"], port, address) as process,
    ):
        yield port, process


@contextmanager
def _running(command: list[str], port: int, redis_url: str) -> Iterator[psutil.Process]:
    environment = _environment(redis_url)
    path = str(Path(sys.executable).parent / command[0])
    process = subprocess.Popen([path, *command[1:]], env=environment, start_new_session=True)
    try:
        _wait(process, port)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=40)


def _environment(redis_url: str) -> dict[str, str]:
    """What the product is told: the benchmark's database, plain HTTP, no second factor."""
    return {
        **os.environ,
        "DATABASE_URL": stage.address(),
        "REDIS_URL": redis_url,
        "SECRET_KEY": settings.SECRET_KEY,
        "DOMAIN": settings.DOMAIN,
        "PUBLIC_URL_SCHEME": "http",
        "SECOND_FACTOR": "optional",
        "LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "afterbell.settings",
        "WEB_PROCESSES": str(PROCESSES),
        "WEB_THREADS": str(THREADS),
    }


def free_port() -> int:
    """Of the loopback; somebody else may take it before we do."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def cpu_seconds(process: psutil.Process) -> float:
    """What the web processes have used: on a busy machine it says more than the clock."""
    times = [each.cpu_times() for each in (process, *process.children(recursive=True))]
    return float(sum(each.user + each.system for each in times))


def _wait(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = clock.monotonic() + PATIENCE_SECONDS
    while clock.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError("the web server ended by itself")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            clock.sleep(0.1)
        else:
            return
    raise RuntimeError("the web server does not answer")
