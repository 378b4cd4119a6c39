"""`bench rollup`: right numbers are timed, wrong ones are worth nothing."""

import pytest
from django.db import connection

from infra.bench import rollup, shared
from oversight.facts.models import DayFact
from tenants.context import as_owner, in_school

KEYS = {"rows", "seconds", "rows_per_second", "ratio_to_shared_table", "ratio_vs_orm", "peak_mb"}


@pytest.fixture
def schools(bench_database, monkeypatch):
    monkeypatch.setattr(rollup, "TURNS", 1)
    DayFact.objects.all().delete()
    return bench_database


def test_three_schools_are_measured_and_checked(schools):
    outcome = rollup.measured(schools, seed=7)
    assert outcome.checked
    assert set(outcome.results) >= KEYS
    with as_owner(), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM shared_care_rollentry")
        assert cursor.fetchone() == (outcome.results["rows"],)


def test_a_peer_that_counts_otherwise_makes_the_times_worth_nothing(schools, monkeypatch):
    monkeypatch.setattr(shared, "COUNTS", shared.COUNTS.replace("<> 'excused'", "= 'left'"))
    assert not rollup.measured(schools, seed=7).checked


def test_a_fact_that_drifts_between_the_passes_makes_the_times_worth_nothing(schools, monkeypatch):
    honest = rollup._pass

    def passing(those):
        done = honest(those)
        DayFact.objects.filter(school=those[0]).update(present=0)
        return done

    monkeypatch.setattr(rollup, "_pass", passing)
    assert not rollup.measured(schools, seed=7).checked


def test_an_orm_loop_that_finds_other_numbers_makes_the_times_worth_nothing(schools, monkeypatch):
    monkeypatch.setattr(rollup, "_minutes", lambda _entry: 1)
    assert not rollup.measured(schools, seed=7).checked


def test_the_made_up_rows_are_those_of_their_shape(schools):
    """Every group's session is held with a teacher, every child that came was handed over."""
    with in_school(schools[0]), connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM care_rollentry WHERE state = 'left'")
        came = cursor.fetchone()
        cursor.execute("SELECT count(*) FROM care_handover")
        assert cursor.fetchone() == came > (0,)
        cursor.execute(
            "SELECT count(*) FROM care_session WHERE state = 'closed' AND NOT EXISTS"
            " (SELECT FROM care_duty WHERE care_duty.session_id = care_session.id)"
        )
        assert cursor.fetchone() == (0,)
