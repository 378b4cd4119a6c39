"""A table that is locked while somebody asks for /readyz, and what a killed PostgreSQL does first."""

import signal
import time
from pathlib import Path

import psycopg
import pytest
from django.db import connection

from afterbell.services import embedded
from tests.services.test_trouble import Served

PAGE = "/accounts/login/"


@pytest.fixture(scope="module")
def served(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hanging")
    for parent in (folder, *folder.parents):
        if parent == Path("/tmp"):
            break
        parent.chmod(0o755)
    with embedded.servers(folder, durable=False) as running:
        one = Served(folder, running)
        one.folder = folder
        assert one.command("migrate").returncode == 0
        one.start()
        one.running = running
        try:
            assert one.get(PAGE)[0] == 200
            assert one.get("/readyz")[0] == 200
            yield one
        finally:
            one.process.send_signal(signal.SIGKILL)
            one.process.wait(timeout=20)


def timed(served, path):
    began = time.monotonic()
    return served.get(path)[0], time.monotonic() - began


def test_a_killed_server_does_not_read_every_file_before_it_answers(db):
    """PostgreSQL syncs each file of a killed server's folder, one by one, before it recovers: 6 to 9 of 7 to 12 seconds in a
    demo of three schools (3,400 files), 1.0 s in all with syncfs. A city of 2,000 schools has far more files."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW recovery_init_sync_method")
        assert cursor.fetchone() == ("syncfs",)


def test_readyz_answers_while_a_table_is_locked(served):
    """As by `afterbell migrate`, or by somebody's psql."""
    with psycopg.connect(served.running.database_url) as other:
        other.execute("LOCK TABLE tenants_school IN ACCESS EXCLUSIVE MODE")
        status, seconds = timed(served, "/readyz")
        other.rollback()
    assert status in (200, 503)
    assert seconds < 1.5
