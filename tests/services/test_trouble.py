"""A served city whose servers go away in the middle: every page says so, and goes on when they are back."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from afterbell.services import addresses, embedded

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent


class Served:
    """One web process on servers of its own."""

    def __init__(self, home: Path, running: embedded.Running) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.environment = {
            **os.environ,
            "AFTERBELL_HOME": str(home),
            "DATABASE_URL": running.database_url,
            "REDIS_URL": running.redis_url,
            "DJANGO_SETTINGS_MODULE": "afterbell.settings_test",
            "DB_POOL_WAIT_SECONDS": "1",
            "LOG_LEVEL": "ERROR",
        }
        for name in ("PYTEST_XDIST_WORKER", "PYTEST_CURRENT_TEST"):
            self.environment.pop(name, None)

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [BIN / "afterbell", *words],
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

    def start(self) -> None:
        self.process = subprocess.Popen(
            [
                BIN / "gunicorn",
                "afterbell.wsgi",
                f"--bind=127.0.0.1:{self.port}",
                "--threads=4",
                "--no-control-socket",
            ],
            env=self.environment,
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )
        until(lambda: self.get("/healthz")[0] == 200)

    def get(self, path: str, host: str = "city.localhost") -> tuple[int, str]:
        """Status and text; 0 while nobody answers."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            connection.request("GET", path, headers={"Host": host, "Accept-Language": "zh-hans"})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()


def until(condition, seconds=30.0):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


@pytest.fixture
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("trouble")
    for parent in (folder, *folder.parents):
        if parent == Path("/tmp"):
            break
        parent.chmod(0o755)
    return folder


def test_servers_that_go_away_are_said_and_come_back(home):
    with embedded.servers(home, durable=False) as running:
        served = Served(home, running)
        migrated = served.command("migrate")
        assert migrated.returncode == 0, migrated.stderr
        served.start()
        try:
            assert served.get("/accounts/login/")[0] == 200

            embedded._stop(home)
            status, page = served.get("/accounts/login/")
            assert status == 503
            assert "刚才的操作没有生效" in page
            assert served.get("/healthz")[0] == 200
            status, ready = served.get("/readyz")
            assert status == 503
            assert json.loads(ready)["database"] == "down"
            assert json.loads(ready)["redis"] == "down"

            told = served.command("status")
            assert told.returncode == 1
            assert "Traceback" not in told.stderr + told.stdout
            told = served.command("migrate")
            assert told.returncode == 1
            assert "DATABASE_URL" in told.stderr
            assert "Traceback" not in told.stderr

            embedded._start(home, durable=False)
            until(lambda: served.get("/accounts/login/")[0] == 200)

            embedded._stop_redis(home)
            assert json.loads(served.get("/readyz")[1])["redis"] == "down"
            assert served.get("/accounts/login/")[0] in {200, 503}
            embedded._start_redis(home, addresses.read(home), durable=False)
            until(lambda: served.get("/readyz")[0] == 200)
        finally:
            served.process.send_signal(signal.SIGTERM)
            served.process.wait(timeout=20)


def test_a_wrong_password_of_the_database_is_one_plain_line(home):
    with embedded.servers(home, durable=False) as running:
        served = Served(home, running)
        secret = running.database_url.split(":")[2].split("@")[0]
        served.environment["DATABASE_URL"] = running.database_url.replace(secret, "wrong-password")
        told = served.command("migrate")
        assert told.returncode == 1
        assert "DATABASE_URL" in told.stderr
        assert "wrong-password" not in told.stderr
        assert "Traceback" not in told.stderr
