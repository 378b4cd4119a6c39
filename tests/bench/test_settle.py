"""`bench settle` on a handful of families: measured, and worth nothing where the peer finds other sums."""

from unittest import mock

import pytest
from django.conf import settings
from redis import Redis

from afterbell.celery import app
from infra.bench import loop, settle
from tenants.commands import status


@pytest.fixture
def few(django_db_setup, django_db_blocker, monkeypatch):
    monkeypatch.setattr(settle, "FAMILIES", 12)
    monkeypatch.setattr(settle, "SAMPLE", 7)
    monkeypatch.setattr(settle.warm, "before_first_request", lambda: None)
    with django_db_blocker.unblock():
        yield


def test_charges_and_refunds_are_measured_beside_a_peer_that_finds_the_same(few):
    found = settle.run(schools=None, seed=3)
    assert found.checked
    steps = [found.results[f"{name}_seconds"] for name in ("preview", "batch", "issue", "confirm")]
    assert found.results["seconds"] == pytest.approx(sum(steps))
    assert {
        "loop_ratio",
        "own_cpu_seconds",
        "server_cpu_seconds",
        "charge_loop_ratio",
    } <= found.results.keys()


@pytest.mark.parametrize("name", ["charge", "settle"])
def test_a_peer_that_finds_another_sum_makes_the_times_worth_nothing(few, name):
    honest = getattr(loop.Loop, name)

    def off_by_a_fen(self):
        seconds, sums = honest(self)
        return seconds, {pk: fen + (pk == max(sums)) for pk, fen in sums.items()}

    with mock.patch.object(loop.Loop, name, off_by_a_fen):
        assert not settle.run(schools=None, seed=3).checked


def test_the_city_that_runs_beside_it_gets_no_task_and_no_key(few):
    """Its worker would look for schools of another database."""
    redis = Redis.from_url(settings.REDIS_URL)
    app.send_task("a.task.of.before", ignore_result=True)  # so that there is a connection
    redis.delete(status.QUEUE)
    before = set(redis.keys())
    settle.run(schools=None, seed=3)
    assert redis.llen(status.QUEUE) == 0
    assert set(redis.keys()) == before
