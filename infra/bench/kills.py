"""`bench kills`: whatever `afterbell up` runs is killed in turn, while phones hand over at the gate.

On servers of its own in a folder of its own: it kills PostgreSQL and Redis, and nobody else may feel it. A phone sends
each request until it is acknowledged, and never again; so what was acknowledged and is not there afterwards is lost.
"""

import contextlib
import json
import os
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import threading
import time as clock
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Final

import psutil
from celery import Celery
from django.conf import settings
from django.utils import timezone

from afterbell.outbox.models import Mark
from afterbell.services import embedded
from infra.bench import stage
from infra.bench.gate import counts_of
from infra.bench.load import Pace, Score, post
from infra.bench.serving import free_port
from infra.bench.stage import Outcome, Value
from infra.bench.teachers import Teacher, stage_teachers
from oversight.facts import actions as facts
from schools.care.models import Operation
from schools.care.roll import day_of
from tenants import provisioning
from tenants.context import in_school
from tenants.models import School

KILLS: Final = 200
PHONES: Final = 4
REQUESTS_PER_SECOND: Final = 20
CHILDREN: Final = 20
BATCH: Final = 5
APART_SECONDS: Final = 17.0
"""Between two kills of the same thing: five in a minute would end everything, as it should."""
PATIENCE_SECONDS: Final = 60.0
SWEEP_SECONDS: Final = 60.0
"""A wake-up that died with Redis is made good by beat's next sweep."""
LOOK_EVERY_SECONDS: Final = 0.05


def run(*, schools: int | None, seed: int, kills: int = KILLS) -> Outcome:
    """Each of TURNS in turn, `kills` times in all; then what was acknowledged is counted."""
    chance, day = random.Random(seed), day_of(timezone.now())
    with _own_servers() as folder:
        machine = stage.machine()
        school = stage.open_school(1)
        crowd = stage_teachers(
            school, day, chance, teachers=_teachers_for(kills), children=CHILDREN, batch=BATCH
        )
        facts.recompute(school=school, now=timezone.now())  # the stage was set behind the product's back
        stage.let_go()  # our own connections would die with PostgreSQL
        with Product(folder) as product:
            phones = _Phones(crowd, product.port)
            phones.start()
            try:
                waits = _kill_in_turn(product, kills)
            finally:
                phones.stop()
            _until(partial(_is_rolled_up, school), "every mark was taken", patience=2 * SWEEP_SECONDS)
        verified = product.command("verify")
        with in_school(school):
            kept = {str(pk) for pk in Operation.objects.filter(result="applied").values_list("pk", flat=True)}
        acknowledged = {
            pk for pk, answers in phones.score.answers.items() if {"applied", "duplicate"} & {*answers}
        }
        refused = sum(answers.count("refused") for answers in phones.score.answers.values())
        counts = counts_of(school)
    lost = len(acknowledged - kept)
    results: dict[str, Value] = {
        "kills": sum(len(each) for each in waits.values()),
        "acknowledged": len(acknowledged),
        "lost": lost,
        "doubled": counts.doubled,
        "refused": refused,
        "unanswered_requests": phones.score.errors,
        "verify": "OK" if verified.returncode == 0 else verified.stdout[-300:],
        "what": [_line(name, seconds) for name, seconds in waits.items()],
    }
    checked = (
        not lost and not counts.doubled and not refused and bool(acknowledged) and not verified.returncode
    )
    return Outcome(
        name="kills", schools=schools or 1, seed=seed, checked=checked, results=results, machine=machine
    )


def _is_rolled_up(school: School) -> bool:
    """Verify compares facts with the school only where none is marked."""
    with in_school(school):
        return not Mark.objects.exists()


def _teachers_for(kills: int) -> int:
    """Enough to send for as long as it can take, at the pace of REQUESTS_PER_SECOND."""
    seconds = kills * (APART_SECONDS / 5 + 3) + PATIENCE_SECONDS
    requests = (2 * CHILDREN + 2) / BATCH
    return int(seconds * REQUESTS_PER_SECOND / requests) + PHONES


def _line(name: str, seconds: list[float]) -> dict[str, float | int | str]:
    return {
        "killed": name,
        "times": len(seconds),
        "median_s": statistics.median(seconds),
        "most_s": max(seconds),
    }


@contextlib.contextmanager
def _own_servers() -> Iterator[Path]:
    """This process works with other servers than the city's, in a folder that a plain user may enter; gone at the end."""
    folder = Path(tempfile.mkdtemp(prefix="afterbell-kills-"))
    folder.chmod(0o755)
    try:
        with embedded.servers(folder) as running, stage.on_server(running.database_url):
            provisioning.install()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _kill_in_turn(product: "Product", kills: int) -> dict[str, list[float]]:
    """By name, the seconds until each was back."""
    waits: dict[str, list[float]] = defaultdict(list)
    last: dict[str, float] = {}
    for number in range(kills):
        name, victim, is_back = TURNS[number % len(TURNS)]
        clock.sleep(max(0.0, last.get(name, 0.0) + APART_SECONDS - clock.monotonic()))
        process = victim(product)
        process.kill()
        began = last[name] = clock.monotonic()
        _until(partial(is_back, product, process), f"{name} came back")
        waits[name].append(clock.monotonic() - began)
    return waits


@dataclass
class Product:
    """`afterbell up` on the servers of a folder, which it keeps running."""

    folder: Path
    port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self._log = self.folder / "up.log"
        self._broker = Celery(broker=embedded.redis_url(self.folder), set_as_current=False)
        self._broker.conf.broker_transport_options = settings.CELERY_BROKER_TRANSPORT_OPTIONS

    def __enter__(self) -> "Product":
        self._up = subprocess.Popen(
            [_bin("afterbell"), "up", f"--port={self.port}"], env=self._environment(), start_new_session=True,
            stdout=self._log.open("w"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        try:
            _until(self.is_ready, "the product answered")
            _until(self.worker_answers, "the worker answered")
        except RuntimeError as trouble:
            self._end()
            raise RuntimeError(f"{trouble}:\n{self.said()}") from trouble
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def said(self) -> str:
        """The end of what `afterbell up` wrote."""
        return self._log.read_text(errors="replace")[-2000:]

    def _end(self) -> None:
        self._up.terminate()
        self._up.wait(timeout=PATIENCE_SECONDS)
        self._broker.close()

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [_bin("afterbell"), *words], env=self._environment(), capture_output=True, text=True, check=False
        )

    def program(self, word: str) -> psutil.Process:
        """A living process right below `afterbell up`, by a word of its command."""
        for child in psutil.Process(self._up.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                if word in child.cmdline():
                    return child
        raise LookupError(word)

    def is_ready(self) -> bool:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, HTTPException):
            return False
        finally:
            connection.close()

    def worker_answers(self) -> bool:
        try:
            return bool(self._broker.control.ping(timeout=0.3))
        except Exception:  # noqa: BLE001  (kombu says it in many ways while Redis is away)
            return False

    def _environment(self) -> dict[str, str]:
        own = {
            "AFTERBELL_HOME": str(self.folder),
            "SECRET_KEY": settings.SECRET_KEY,
            "DOMAIN": settings.DOMAIN,
            "PUBLIC_URL_SCHEME": "http",
            "SECOND_FACTOR": "optional",
            "LOG_LEVEL": "ERROR",
            "DJANGO_SETTINGS_MODULE": "afterbell.settings",
        }
        left = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        return {**left, **own}


Turn = tuple[str, Callable[[Product], psutil.Process], Callable[[Product, psutil.Process], bool]]


def _answers(product: Product, _dead: psutil.Process) -> bool:
    return product.is_ready()


def _other_beat(product: Product, dead: psutil.Process) -> bool:
    try:
        return product.program("beat").pid != dead.pid
    except LookupError:
        return False


TURNS: Final[tuple[Turn, ...]] = (
    ("PostgreSQL", lambda product: embedded.postgres_process(product.folder), _answers),
    ("web", lambda product: product.program("afterbell.wsgi:application"), _answers),
    ("Redis", lambda product: embedded.redis_process(product.folder), _answers),
    ("worker", lambda product: product.program("worker"), lambda product, _dead: product.worker_answers()),
    ("beat", lambda product: product.program("beat"), _other_beat),
)


class _Phones:
    """Each sends its requests in order, each until it is acknowledged."""

    def __init__(self, teachers: list[Teacher], port: int) -> None:
        self.score = Score()
        self._over = threading.Event()
        pace = Pace(REQUESTS_PER_SECOND)
        self._threads = [
            threading.Thread(target=self._send, args=(teachers[place::PHONES], port, pace))
            for place in range(PHONES)
        ]
        self._scores = threading.Lock()

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _send(self, teachers: list[Teacher], port: int, pace: Pace) -> None:
        own = Score()
        connection = HTTPConnection("127.0.0.1", port, timeout=10)
        for teacher in teachers:
            for body in teacher.requests:
                ids = {each["id"] for each in json.loads(body)}
                while not self._over.is_set() and not ids <= own.answers.keys():
                    pace.wait()
                    post(connection, port, teacher, body, own)
        connection.close()
        with self._scores:
            self.score.errors += own.errors
            self.score.answers |= own.answers


def _until(condition: Callable[[], object], what: str, *, patience: float = PATIENCE_SECONDS) -> None:
    deadline = clock.monotonic() + patience
    while not condition():
        if clock.monotonic() > deadline:
            raise RuntimeError(f"it was waited {patience:.0f} s in vain until {what}")
        clock.sleep(LOOK_EVERY_SECONDS)


def _bin(name: str) -> str:
    return str(Path(sys.executable).parent / name)
