"""`bench roster` on a small school: measured in both kinds of file, and worth nothing where somebody is missing."""

import pytest

from infra.bench import roster


@pytest.fixture
def few(django_db_setup, django_db_blocker, monkeypatch):
    monkeypatch.setattr(roster, "PUPILS", 60)
    monkeypatch.setattr(roster, "ADULTS", 100)
    with django_db_blocker.unblock():
        yield


def test_both_kinds_of_file_are_measured_and_counted(few):
    found = roster.run(schools=None, seed=3)
    assert found.checked
    assert [line["file"] for line in found.results["files"]] == ["xlsx", "csv"]
    assert found.results["seconds"] == max(line["first_seconds"] for line in found.results["files"])


def test_a_file_that_lacks_somebody_makes_the_times_worth_nothing(few, monkeypatch):
    monkeypatch.setitem(roster.WAYS, "csv", lambda rows: roster._csv(rows[:-1]))
    assert not roster.run(schools=None, seed=3).checked
