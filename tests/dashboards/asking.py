"""What page tests ask of an answer: rows of its file, statements it cost, its size as it travels."""

import csv
import gzip
import io
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dashboards.frame import kept

MOST_STATEMENTS, MOST_BYTES = 13, 60_000
"""Twelve, and one that asks whether an alert was closed since the page was kept."""


def text_of(answer: Any) -> str:
    assert answer.status_code == 200, answer.content.decode()[:600]
    return answer.content.decode()


def rows_of(answer: Any) -> list[list[str]]:
    assert answer.status_code == 200, answer.content.decode()[:600]
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def statements(browser: Client, path: str) -> list[str]:
    """What a visit asks the database that finds nothing kept; the test's own savepoint is not the page's."""
    browser.get(path)
    kept._kept.clear()
    with CaptureQueriesContext(connection) as asked:
        assert browser.get(path).status_code == 200
    own = [each["sql"] for each in asked.captured_queries]
    return [sql for sql in own if "SAVEPOINT" not in sql]


def size(browser: Client, path: str) -> int:
    return len(gzip.compress(browser.get(path).content))
