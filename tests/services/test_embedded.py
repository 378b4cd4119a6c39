"""Embedded servers: kept for the next run, shared by one checkout, apart from another one, mended after a kill."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import redis

from afterbell.services import embedded, up
from afterbell.services.embedded import ServiceError

ROOT = Path(__file__).resolve().parents[2]
HOLD = (
    "import sys, time; from pathlib import Path; from afterbell.services import embedded\n"
    "with embedded.servers(Path(sys.argv[1])) as r: print(r.database_url, r.redis_url, flush=True); time.sleep(60)"
)


@pytest.fixture
def home(open_folder):
    return open_folder


def answers(running):
    with psycopg.connect(running.database_url) as connection:
        connection.execute("SELECT 1")
    return redis.Redis.from_url(running.redis_url).ping()


def test_data_is_kept_for_the_second_run_and_the_servers_stop_with_their_user(home):
    with embedded.servers(home) as running, psycopg.connect(running.database_url) as connection:
        connection.execute("CREATE TABLE kept (x int)")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(running.database_url, connect_timeout=2)
    with embedded.servers(home) as running, psycopg.connect(running.database_url) as connection:
        assert connection.execute("SELECT count(*) FROM kept").fetchone() == (0,)


def test_two_checkouts_do_not_disturb_each_other(home):
    other = home / "other"
    with embedded.servers(home) as one, embedded.servers(other) as two:
        assert one.database_url != two.database_url
        assert answers(one)
        assert answers(two)


def test_the_second_user_of_a_checkout_keeps_the_servers_running(home):
    with embedded.servers(home) as first:
        with embedded.servers(home) as second:
            assert first == second
        assert answers(first)


def test_after_a_kill_the_next_start_recovers(home):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    process.stdout.readline()
    process.kill()
    process.wait()
    postmaster = int((home / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    os.kill(postmaster, signal.SIGKILL)
    time.sleep(0.3)
    with embedded.servers(home) as running:
        assert answers(running)


def test_servers_left_by_a_killed_run_are_taken_over_and_stopped(home):
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(home)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    )
    database_url = process.stdout.readline().split()[0]
    process.kill()
    process.wait()
    with embedded.servers(home) as running:
        assert running.database_url == database_url
    assert not (home / "postgres" / "postmaster.pid").exists()


def test_a_port_taken_since_the_last_run_is_no_trouble(home):
    with embedded.servers(home) as running:
        port = int(running.database_url.rsplit(":", 1)[1].split("/")[0])
    with socket.socket() as squatter:
        squatter.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        squatter.bind(("127.0.0.1", port))
        squatter.listen()
        with embedded.servers(home) as running:
            assert f":{port}/" not in running.database_url
            assert answers(running)


def test_a_full_disk_is_said_before_anything_starts(home, monkeypatch):
    monkeypatch.setattr(embedded.shutil, "disk_usage", lambda _: type("Usage", (), {"free": 5_000_000})())
    with pytest.raises(ServiceError, match="nearly full: 4 MB free, 300 MB needed"), embedded.servers(home):
        pass


def test_a_half_made_cluster_is_made_anew(home):
    (home / "postgres.new").mkdir(parents=True)
    (home / "postgres").mkdir()
    (home / "postgres" / "junk").write_text("x")
    with embedded.servers(home) as running:
        assert answers(running)


def test_a_taken_web_port_is_one_clear_line():
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", 0))
        squatter.listen()
        port = squatter.getsockname()[1]
        with pytest.raises(ServiceError, match=f"Port {port} is taken"):
            up.refuse_taken_port("127.0.0.1", port)
