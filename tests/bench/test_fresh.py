"""`bench fresh`: the whole product is started, a session is closed, the city's sum moves; what does not move is no time."""

from datetime import timedelta
from types import SimpleNamespace

from django.db import connection
from django.utils import timezone

from infra.bench import fresh
from infra.bench.load import Score
from tenants.context import as_owner
from tenants.models import Term

NORTH = SimpleNamespace(code="3301910001", pk=None)


def test_a_closed_session_is_in_the_citys_sums(bench_database):
    day = timezone.localdate()
    with as_owner():
        running = Term.objects.get(code="2026-2027-1")
        running.last_date = max(running.last_date, day + timedelta(days=1))
        running.save()
    outcome = fresh.run(
        schools=5, seed=7, database=connection.settings_dict["NAME"], probes=1, seconds_of_load=0.1
    )
    assert outcome.checked, outcome.results["trouble"]
    assert 0 < outcome.results["p50_s"] <= outcome.results["p95_s"] <= outcome.results["p99_s"]
    assert outcome.results["closed_sessions"] == fresh.WATCHED


def watching(monkeypatch, sums):
    """One watcher whose gate always applies and whose district's sum goes this way."""
    left = iter(sums)
    monkeypatch.setattr(fresh, "held_in", lambda _school, _term: next(left))
    monkeypatch.setattr(fresh, "PATIENCE_SECONDS", 0.1)
    monkeypatch.setattr(fresh.Watcher, "_post", lambda *_: None)
    teacher = SimpleNamespace(requests=[b"[]", b"[]"])
    watcher = fresh.Watcher(NORTH, [teacher], 0, "2026-2027-1", SimpleNamespace(uniform=lambda *_: 0))
    watcher.run()
    return watcher


def test_a_sum_that_moves_by_one_is_a_time(monkeypatch):
    watcher = watching(monkeypatch, [0, 1])
    assert (len(watcher.seconds), watcher.trouble) == (1, "")


def test_a_sum_that_stands_still_is_trouble(monkeypatch):
    watcher = watching(monkeypatch, [0] * 100)
    assert not watcher.seconds
    assert "not in the sums" in watcher.trouble


def test_a_session_that_counts_twice_is_trouble(monkeypatch):
    watcher = watching(monkeypatch, [2])
    assert not watcher.seconds
    assert "2 sessions in the sums, 1 are closed" in watcher.trouble


def test_a_load_that_was_refused_makes_the_times_worth_nothing(db):
    assert fresh._outcome(5, 7, [1.0, 2.0], Score(answers={"a": ["applied"]})).checked
    assert not fresh._outcome(5, 7, [1.0, 2.0], Score(answers={"a": ["refused"]})).checked
    assert not fresh._outcome(5, 7, [1.0, 2.0], Score(errors=1)).checked
    assert not fresh._outcome(5, 7, [], Score()).checked
