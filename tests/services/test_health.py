"""What machines ask: alive, ready, metrics; and that strangers get no metrics."""

import json
from argparse import Namespace
from datetime import timedelta
from threading import Event

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils import timezone

from afterbell import health
from oversight.facts import actions as facts
from tenants import provisioning
from tenants.commands import status
from tenants.context import as_owner
from tests.city import NOON, NORTH, SOUTH

WELL = {"ready": True, "database": "ok", "redis": "ok", "migrations": "ok"}
CITY = {**WELL, "schools_behind": {"count": 0, "first": []}, "roll_up": "never"}


@pytest.mark.parametrize(
    ("host", "said"), [("city.localhost", CITY), (f"s{NORTH}.localhost", WELL), ("127.0.0.1", CITY)]
)
def test_alive_and_ready_answer_on_every_host(db, host, said):
    browser = Client(SERVER_NAME=host)
    assert browser.get("/healthz").status_code == 200
    ready = browser.get("/readyz")
    assert ready.status_code == 200
    assert json.loads(ready.content) == said


def test_ready_says_how_old_the_figures_are(db):
    facts.note_sweep(began_at=timezone.now() - timedelta(seconds=90))
    said = json.loads(Client(SERVER_NAME="127.0.0.1").get("/readyz").content)["roll_up"]
    assert said in {"90 s old", "91 s old", "92 s old"}


@pytest.fixture
def tasks():
    """The queue of this worker's Redis, without what tests before left in it."""
    client = redis.Redis.from_url(settings.REDIS_URL)
    client.delete(status.QUEUE)
    yield client
    client.delete(status.QUEUE)


def test_status_tells_the_age_of_the_figures_and_the_queue(north, capsys, tasks):
    facts.note_sweep(began_at=timezone.now() - timedelta(seconds=90))
    facts.note_failure(school=north, now=timezone.now())
    found = status.look()
    assert found["roll_up"]["age_seconds"] in {90, 91, 92}
    assert found["roll_up"]["failed_schools"] == 1
    assert found["queue"] == {"waiting": 0}
    tasks.rpush(status.QUEUE, "first", "second")
    assert status.look()["queue"] == {"waiting": 2}
    status.run(Namespace(json=False))
    assert "all schools swept 9" in capsys.readouterr().out


def readiness(host):
    answer = Client(SERVER_NAME=host).get("/readyz")
    return answer.status_code, json.loads(answer.content)


def test_a_school_behind_the_code_is_out_of_service_alone_and_the_city_says_which(north, south):
    north.schema_stamp = "old"
    north.save()
    for host in ("city.localhost", "127.0.0.1"):
        status_code, said = readiness(host)
        assert (status_code, said["ready"], said["migrations"]) == (200, True, "ok")
        assert said["schools_behind"] == {"count": 1, "first": [NORTH]}
    assert readiness(f"s{NORTH}.localhost") == (
        503,
        {**WELL, "ready": False, "migrations": "school behind"},
    )
    assert readiness(f"s{SOUTH}.localhost") == (200, WELL)
    found = status.look()
    assert [school["code"] for school in found["behind"]["first"]] == [NORTH]
    assert not found["well"]


def test_an_archived_school_is_not_ready_and_nobody_is_behind(north):
    provisioning.archive_school(school=north, now=NOON)
    assert readiness(f"s{NORTH}.localhost") == (
        503,
        {**WELL, "ready": False, "migrations": "school archived"},
    )
    assert readiness("city.localhost")[1]["schools_behind"]["count"] == 0


@pytest.mark.parametrize(("schema", "word"), [("public", "city"), ("template_school", "template")])
def test_a_city_that_was_not_migrated_is_not_ready(db, schema, word):
    with as_owner(schema), connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'audit'")
    status_code, said = readiness("127.0.0.1")
    assert (status_code, said["migrations"]) == (503, f"{word} behind")


def test_metrics_are_counted_for_loopback(north, south, island):
    answer = Client(SERVER_NAME="127.0.0.1").get("/metrics")
    assert answer.status_code == 200
    assert 'afterbell_schools{state="active"} 3.0' in answer.content.decode()
    assert "afterbell_schools_behind 0.0" in answer.content.decode()


@pytest.mark.parametrize(
    "stranger", [{"REMOTE_ADDR": "203.0.113.7"}, {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}]
)
def test_strangers_get_no_metrics(db, stranger):
    """Also not through a proxy on the same machine, which comes from loopback itself."""
    assert Client(SERVER_NAME="city.localhost").get("/metrics", **stranger).status_code == 403


def test_with_a_token_only_the_token_counts(db, settings):
    settings.METRICS_TOKEN = "a-long-token-of-the-city"
    browser = Client(SERVER_NAME="city.localhost")
    assert browser.get("/metrics").status_code == 403
    assert browser.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    right = {"Authorization": f"Bearer {settings.METRICS_TOKEN}"}
    assert browser.get("/metrics", headers=right, REMOTE_ADDR="203.0.113.7").status_code == 200


def test_every_answer_says_its_request_id(db):
    first, second = (Client(SERVER_NAME="city.localhost").get("/healthz")["X-Request-ID"] for _ in range(2))
    assert first != second


def test_a_server_that_hangs_is_down_and_holds_one_thread(db, monkeypatch):
    """A stopped server refuses nothing and answers nothing."""
    lets_go, asked = Event(), []

    def hangs():
        asked.append(1)
        lets_go.wait(30)
        return "ok"

    monkeypatch.setitem(health._probes, "redis", health.Probe(hangs))
    try:
        for _ in range(3):
            assert readiness("127.0.0.1") == (
                503,
                {**CITY, "ready": False, "redis": "down"},
            )
        assert len(asked) == 1
    finally:
        lets_go.set()
    health._probes["redis"].begin().result(timeout=5)
    assert readiness("127.0.0.1") == (200, CITY)
