"""`bench nightly`: a night that was stopped is gone on with, a planted drift is found; what is not is no time."""

import pytest

from infra.bench import nightly
from oversight.facts import actions, full, nights
from oversight.facts.models import DayFact
from tenants.models import School
from tenants.states import SchoolState


@pytest.fixture
def schools(bench_database, monkeypatch):
    """Just these: other benchmarks' tests leave schools of their own in this database."""
    monkeypatch.setattr(nights, "AT_A_TIME", 1)
    others = School.objects.exclude(pk__in=[school.pk for school in bench_database])
    away = list(others.filter(state=SchoolState.ACTIVE).values_list("pk", flat=True))
    School.objects.filter(pk__in=away).update(state=SchoolState.ARCHIVED, archived_at=nightly.timezone.now())
    for school in bench_database:
        actions.recompute(school=school, now=nightly.timezone.now())
    yield bench_database
    School.objects.filter(pk__in=away).update(state=SchoolState.ACTIVE, archived_at=None)


def test_three_schools_have_their_nights(schools):
    outcome = nightly.measured(schools, seed=7)
    assert outcome.checked, outcome.results
    assert outcome.results["drift"] == 0
    assert outcome.results["schools_before_the_stop"] == 1
    assert outcome.results["tasks"] == 4  # one a school, and the city's
    assert outcome.results["seconds_per_school"] * 3 == pytest.approx(outcome.results["seconds"])


def test_a_night_that_overlooks_a_drift_is_worth_nothing(schools, monkeypatch):
    monkeypatch.setattr(full, "days_of", lambda *_a, **_k: full.Pass(0, 0))
    assert not nightly.measured(schools, seed=7).checked
    monkeypatch.undo()
    for school in schools:
        actions.recompute(school=school, now=nightly.timezone.now())
    assert DayFact.objects.exists()
