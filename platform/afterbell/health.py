"""/healthz, /readyz and /metrics: for machines, on any host, before a school is looked for."""

import hmac
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from time import monotonic
from typing import Final

import redis
from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import DatabaseError, connection, transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, Gauge, generate_latest
from psycopg_pool import PoolTimeout

from afterbell.kernel.strings import dotted

SCHOOLS = Gauge("afterbell_schools", "Schools by state", ["state"])
SCHOOLS_BEHIND = Gauge("afterbell_schools_behind", "Active schools whose schema is behind the code")
LOOPBACK = frozenset({"127.0.0.1", "::1"})
PATIENCE_SECONDS: Final = 0.7
"""What has not answered by then is down: a server that hangs must not make the probe hang."""


class HealthChecks:
    """Answers the three addresses itself; everything else goes on."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answers = {"/healthz": alive, "/readyz": ready, "/metrics": metrics}
        answer = answers.get(request.path)
        return answer(request) if answer else self.get_response(request)


def alive(_request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def ready(request: HttpRequest) -> HttpResponse:
    """Database, Redis and migrations, each in a word, and the age of the figures; 503 unless the three are well.

    On a school's host the migrations are that school's. Elsewhere they are the city's own: a school that is behind is
    named and no reason to send the whole city away.
    """
    checks = {**_servers(), "migrations": "unknown"}
    more: dict[str, object] = {}
    if checks["database"] == "ok":
        checks["migrations"], more = _migrations(request)
    well = all(state == "ok" for state in checks.values())
    return JsonResponse({"ready": well, **checks, **more}, status=200 if well else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text; from loopback, or with the token."""
    if not _may_measure(request):
        return HttpResponse("not here\n", status=403, content_type="text/plain")
    counts = dotted("tenants.queries.register_counts")()
    for state, count in counts["states"].items():
        SCHOOLS.labels(state=state).set(count)
    SCHOOLS_BEHIND.set(counts["behind"])
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    given = request.headers.get("Authorization", "")
    if settings.METRICS_TOKEN:
        return hmac.compare_digest(given.encode(), f"Bearer {settings.METRICS_TOKEN}".encode())
    return request.META.get("REMOTE_ADDR") in LOOPBACK and "X-Forwarded-For" not in request.headers


class Probe:
    """Asks one server in a thread of its own. One that hangs is not asked again until it has let go."""

    def __init__(self, ask: Callable[[], str]) -> None:
        self._ask = ask
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix=ask.__name__)
        self._door = Lock()
        self._running: Future[str] | None = None

    def begin(self) -> Future[str]:
        with self._door:
            if self._running is None or self._running.done():
                self._running = self._thread.submit(self._ask)
            return self._running


def _word(answer: Future[str], deadline: float) -> str:
    try:
        return answer.result(timeout=max(0.0, deadline - monotonic()))
    except TimeoutError:
        return "down"


def _servers() -> dict[str, str]:
    """By name, 'ok' or 'down', within PATIENCE_SECONDS."""
    deadline = monotonic() + PATIENCE_SECONDS
    answers = {name: probe.begin() for name, probe in _probes.items()}
    return {name: _word(answer, deadline) for name, answer in answers.items()}


def _database() -> str:
    """In a thread that has no request: its connection goes back by itself."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except (DatabaseError, PoolTimeout):
        return "down"
    finally:
        connection.close()
    return "ok"


def _redis() -> str:
    try:
        redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2, socket_connect_timeout=2).ping()
    except redis.RedisError:
        return "down"
    return "ok"


_probes: Final = {"database": Probe(_database), "redis": Probe(_redis)}


def _roll_up() -> str:
    """How old the city's figures are: told, and no reason to send people elsewhere."""
    try:
        age = dotted(settings.ROLL_UP_AGE)(timezone.now())["age_seconds"]
    except DatabaseError:
        return "unknown"
    return "never" if age is None else f"{age} s old"


def _migrations(request: HttpRequest) -> tuple[str, dict[str, object]]:
    """The word, and what else the city says: which schools are behind, how old the figures are."""
    try:
        return _told(request)
    except DatabaseError:
        return "unknown", {}


def _told(request: HttpRequest) -> tuple[str, dict[str, object]]:
    """Whoever locks a table, as `migrate` does, must not make the probe hang."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = %s", [f"{PATIENCE_SECONDS * 1000:.0f}"])
        of_school = dotted("tenants.readiness.of_host")(_host(request))
        if of_school is not None:
            return of_school, {}
        more = {"schools_behind": dotted("tenants.readiness.schools_behind")(), "roll_up": _roll_up()}
        return dotted("tenants.readiness.of_city")(), more


def _host(request: HttpRequest) -> str:
    """Probes come with any host, also with none that Django would let in."""
    try:
        return request.get_host().rsplit(":", 1)[0]
    except DisallowedHost:
        return ""
