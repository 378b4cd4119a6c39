"""`bench pages`: every dashboard of the city at N schools and three terms: time, queries, bytes; files and memory."""

import csv
import gzip
import logging
import os
import statistics
import time as clock
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection
from io import BytesIO, StringIO
from typing import Any

import psutil
from django.conf import settings
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import override_settings
from django.urls import Resolver404, resolve

from afterbell.accounts.models import Assignment, User
from afterbell.accounts.roles import Role
from infra.bench import stage
from infra.bench.city import build, facts, shape
from infra.bench.serving import cpu_seconds, web_server
from infra.bench.stage import Line, Outcome
from infra.bench.teachers import log_in, new_session
from oversight.facts.models import SchoolTerm
from tenants.models import School
from tenants.states import SchoolState

TERM = "2026-2027-1"
DEFAULT = 200
TURNS = 30
PAGES = (
    "/",
    "/participation/",
    "/satisfaction/",
    "/fees/",
    "/complaints/",
    "/districts/341601/",
    "/schools/{school}/",
    "/schools/",
    "/alerts/",
    "/costs/",
    "/costs/summary/",
    "/indicators/",
    "/disclosure/",
    "/disclosure/fees/",
    "/disclosure/statements/",
    "/disclosure/participation/",
)
"""Each with `?term=`; one whose address does not exist (yet) is named in `not_there` and not measured."""
SUMMARY = "/costs/summary/"
Execute = Callable[..., Any]


@dataclass
class Page:
    """One page as a person's browser gets it."""

    path: str
    cold_ms: float = 0.0
    cpu_ms: float = 0.0
    """Of web process and PostgreSQL together: on a busy machine it says more than the clock."""
    warm_ms: list[float] = field(default_factory=list)
    bytes_gz: int = 0
    queries: int = 0
    trouble: str = ""

    def as_line(self) -> Line:
        cuts = (
            statistics.quantiles(self.warm_ms, n=20, method="inclusive")
            if len(self.warm_ms) > 1
            else [0.0] * 19
        )
        return {
            "path": self.path,
            "p50_ms": round(cuts[9], 1),
            "p95_ms": round(cuts[18], 1),
            "cold_ms": round(self.cold_ms, 1),
            "cpu_ms": round(self.cpu_ms, 1),
            "queries": self.queries,
            "bytes_gz": self.bytes_gz,
        }


def run(*, schools: int | None, seed: int, database: str = "", turns: int = TURNS) -> Outcome:
    """Over HTTP against one web process, so that its memory is that of all pages; queries are counted in our own."""
    count = schools or DEFAULT
    with stage.own_database("pages", kept=database) as machine:
        shapes = shape.city(count, seed=seed)
        opened = _schools(shapes)
        facts.fill(opened, shapes, seed=seed)
        cookie, user = _supervisor()
        there, missing = _there(opened)
        pages = [Page(path) for path in there]
        with web_server(processes=1) as (port, process):
            browser = Browser(port, cookie)
            for page in pages:
                browser.look_at(page, is_cold=True)
            for page in pages:
                _warm(page, browser, process, turns)
            files, files_trouble = _files(browser) if SUMMARY in there else ({}, [])
            megabytes = max(child.memory_info().rss for child in process.children()) / 2**20
        logging.disable(logging.INFO)  # a line a request is for servers
        for page in pages:
            _count_queries(page, user)
        logging.disable(logging.NOTSET)
        trouble = [f"{page.path}: {page.trouble}" for page in pages if page.trouble] + files_trouble
        return Outcome(
            name="pages",
            schools=len(opened),
            seed=seed,
            machine=machine,
            checked=bool(pages) and not trouble,
            results={
                "pages": [page.as_line() for page in pages],
                **files,
                "web_process_mb": megabytes,
                "terms": len(build.TERMS),
                "not_there": ", ".join(missing) or "none",
                "trouble": "; ".join(trouble) or "none",
                "load_average": os.getloadavg()[0],
            },
        )


class Browser:
    """One person with one connection."""

    def __init__(self, port: int, cookie: str) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._headers = {"Host": f"{settings.CITY_HOST}:{port}", "Cookie": cookie}

    def get(self, path: str, query: str = "") -> tuple[int, bytes, float]:
        """Status, body and milliseconds."""
        began = clock.perf_counter()
        self._connection.request("GET", f"{path}?term={TERM}{query}", headers=self._headers)
        answer = self._connection.getresponse()
        body = answer.read()
        return answer.status, body, (clock.perf_counter() - began) * 1000

    def look_at(self, page: Page, *, is_cold: bool) -> None:
        status, body, milliseconds = self.get(page.path)
        if status != 200 or b"</html>" not in body:
            page.trouble = f"answered {status}"
        if is_cold:
            page.cold_ms = milliseconds
        else:
            page.warm_ms.append(milliseconds)
            page.bytes_gz = len(gzip.compress(body, 6))


def _warm(page: Page, browser: Browser, server: psutil.Process, turns: int) -> None:
    before = cpu_seconds(server) + stage.server_cpu_seconds()
    for _turn in range(turns):
        browser.look_at(page, is_cold=False)
    page.cpu_ms = (cpu_seconds(server) + stage.server_cpu_seconds() - before) / turns * 1000


def _schools(shapes: list[shape.Shape]) -> list[School]:
    """Those of a city that was kept, or register rows alone: no page enters a school."""
    codes = {each.code for each in shapes}
    found = list(School.objects.filter(code__in=codes))
    return found or build.register(shapes)


def _supervisor() -> tuple[str, User]:
    user, _made = User.objects.get_or_create(login="bench.supervisor", defaults={"name": "王督导"})
    Assignment.objects.get_or_create(user=user, role=Role.BUREAU_SUPERVISOR)
    return log_in(user), user


def _there(schools: list[School]) -> tuple[list[str], list[str]]:
    paths = [page.format(school=schools[0].code) for page in PAGES]
    found = [path for path in paths if _resolves(path)]
    return found, [path for path in paths if path not in found]


def _resolves(path: str) -> bool:
    try:
        resolve(path, urlconf=settings.PUBLIC_SCHEMA_URLCONF)
    except Resolver404:
        return False
    return True


def _files(browser: Browser) -> tuple[dict[str, float], list[str]]:
    """The price bureau's files, and whether they hold one row a school and the participants of the roll-ups."""
    _status, text, csv_ms = browser.get(SUMMARY, "&format=csv")
    status, workbook, xlsx_ms = browser.get(SUMMARY, "&format=xlsx")
    times = {"csv_seconds": csv_ms / 1000, "xlsx_seconds": xlsx_ms / 1000}
    if status != 200:
        return times, [f"{SUMMARY} as XLSX answered {status}"]
    return times, [*_wrong_in_csv(text), *_wrong_in_workbook(workbook)]


def _wrong_in_csv(body: bytes) -> list[str]:
    rows = list(csv.DictReader(StringIO(body.decode("utf-8-sig"))))
    said = sum(int(row["participants"] or 0) for row in rows)
    known = SchoolTerm.objects.filter(term_code=TERM).aggregate(sum=Sum("participants"))["sum"]
    expected = School.objects.filter(state=SchoolState.ACTIVE).count()
    if (len(rows), said) == (expected, known):
        return []
    return [f"the CSV has {len(rows)} schools and {said} participants, not {expected} and {known}"]


def _wrong_in_workbook(body: bytes) -> list[str]:
    with zipfile.ZipFile(BytesIO(body)) as parts:
        rows = parts.read("xl/worksheets/sheet1.xml").count(b"<row ")
    schools = School.objects.filter(state=SchoolState.ACTIVE).count()
    return [] if rows > schools else [f"the workbook has {rows} rows for {schools} schools"]


def _count_queries(page: Page, user: User) -> None:
    """In this process: the same view, with a counter around each statement."""
    seen = 0

    def count(execute: Execute, *args: Any) -> Any:
        nonlocal seen
        seen += 1
        return execute(*args)

    with override_settings(SECOND_FACTOR="optional"):
        client = Client(headers={"host": settings.CITY_HOST})
        client.cookies[settings.SESSION_COOKIE_NAME] = new_session(user)
        client.get(page.path, {"term": TERM})  # templates and translations are loaded once
        with connection.execute_wrapper(count):
            answer = client.get(page.path, {"term": TERM})
    page.queries = seen
    if answer.status_code != 200:
        page.trouble = page.trouble or f"answered {answer.status_code} to the count of queries"
