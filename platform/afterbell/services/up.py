"""`afterbell up`: the web server, the worker and the timetable, on real or embedded servers."""

import argparse
import errno
import hashlib
import socket
import sys
from pathlib import Path

import django
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.utils import timezone

from afterbell.kernel.strings import dotted
from afterbell.services import addresses
from afterbell.services.embedded import ServiceError, embedded_unless_named
from afterbell.services.guards import guards
from afterbell.services.processes import Kept, Process, Roof

BIN = Path(sys.executable).parent
ROOT = Path(__file__).resolve().parents[3]
UNUSED_STATIC = ["rest_framework", "django_tables2"]  # pages of these libraries that we don't show
QUIET_AS_ROOT = "ignore:You're running the worker with superuser privileges"
"""Celery's warning; the demo may run as root, in a container for instance."""
WITHOUT_CHECKS = {"CELERY_SKIP_CHECKS": "1"}
"""Django's system checks load every page, which a worker never shows: half of the time until it is back; check.sh does."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=None, help="port of the web server (PORT)")
    parser.add_argument("--no-worker", action="store_true", help="web only: no worker, no beat")


def run(args: argparse.Namespace) -> int:
    """Bring the schemas to this code, then serve until Ctrl-C."""
    with embedded_unless_named(ROOT) as folder:
        django.setup()
        port = args.port or settings.PORT
        refuse_taken_port(settings.BIND, port)
        report = dotted("tenants.fleet.migrating.migrate")(now=timezone.now())
        for failure in report.failures:  # the others work; these answer 503 until they are mended
            print(
                f"afterbell: {failure.school.code} could not be migrated: {failure.reason}", file=sys.stderr
            )
        return serve(folder, port=port, with_worker=not args.no_worker)


def serve(embedded_in: Path | None, *, port: int, with_worker: bool) -> int:
    """Serve in the foreground, and keep the embedded servers with it; returns the exit code."""
    addresses.note_served(addresses.home(ROOT), scheme=settings.PUBLIC_URL_SCHEME, port=port)
    collect_static_files()
    quiet = {"PYTHONWARNINGS": QUIET_AS_ROOT} if settings.DEMO else {}
    commands = {"web": _web(port)}
    if with_worker:
        commands |= {"worker": _celery("worker", "--pool=prefork"), "beat": _beat()}
    own = {"PORT": str(port), **WITHOUT_CHECKS, **quiet}
    programs = [Process(name, command, own) for name, command in commands.items()]
    servers: list[Kept] = [*guards(embedded_in)] if embedded_in else []
    return Roof([*servers, *programs]).run()


def collect_static_files() -> None:
    """Copy, name by content and compress the static files, unless none has changed since the last time."""
    files = [(path, storage.path(path)) for finder in get_finders() for path, storage in finder.list([])]
    lines = [
        f"{path} {Path(source).stat().st_mtime_ns} {Path(source).stat().st_size}"
        for path, source in sorted(files)
    ]
    digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    stamp = settings.STATIC_ROOT / ".stamp"
    if stamp.exists() and stamp.read_text() == digest:
        return
    call_command("collectstatic", interactive=False, verbosity=0, ignore_patterns=UNUSED_STATIC)
    stamp.write_text(digest)


def refuse_taken_port(address: str, port: int) -> None:
    """Raises ServiceError with a clear line when somebody else serves there."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise ServiceError(
                    f"Port {port} is taken. Stop what uses it, or choose another: PORT={port + 1}."
                ) from None
            raise ServiceError(f"Can't listen on {address}:{port}: {error.strerror}.") from None


def _web(port: int) -> list[str]:
    return [
        str(BIN / "gunicorn"),
        "afterbell.wsgi:application",
        f"--bind={settings.BIND}:{port}",
        f"--workers={settings.WEB_PROCESSES}",
        "--worker-class=gthread",
        f"--threads={settings.WEB_THREADS}",
        "--preload",
        "--log-level=warning",
        "--graceful-timeout=15",
        "--no-control-socket",  # it lies in the home folder, where two checkouts would meet
    ]


def _celery(*words: str) -> list[str]:
    return [str(BIN / "celery"), "--app=afterbell.celery", "--quiet", *words, "--loglevel=WARNING"]


def _beat() -> list[str]:
    schedule = settings.STATIC_ROOT.parent / "beat-schedule"
    return _celery("beat", f"--schedule={schedule}", "--pidfile=")
