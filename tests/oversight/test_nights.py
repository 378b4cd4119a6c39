"""The nightly pass: each school has its night, whoever else fails, and a run goes on where another was stopped."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from afterbell.outbox import actions as outbox
from afterbell.outbox.models import Mark
from oversight.facts import actions, nights, tasks
from oversight.facts import status as ages
from oversight.facts.models import AreaTerm, DayFact, Night, Pulse
from oversight.redlines import actions as redlines
from oversight.redlines import loading
from schools.care.models import Session
from tenants.commands import status
from tenants.context import in_school
from tests import makers
from tests.city import ISLAND, NORTH, SOUTH
from tests.makers import MONDAY, TERM
from tests.oversight.test_facts import a_held_session

NIGHT = date(2026, 10, 2)
TWO = makers.NOON.replace(month=10, day=1, hour=18, minute=30)
THREE = TWO + timedelta(hours=1)


@pytest.fixture
def three(north, south, island):
    """Each with one held session of 2 class hours that is marked."""
    makers.a_term()
    for school in (north, south, island):
        with in_school(school):
            a_held_session()
            outbox.mark(now=makers.NOON, days=[MONDAY], terms=[TERM])
    return north, south, island


def a_run(began_at):
    """What the tasks of one run do, one after the other."""
    tried = []
    while schools := nights.left(night=NIGHT, began_at=began_at):
        tried += [
            (school.code, nights.pass_over(school=school, night=NIGHT, now=began_at)) for school in schools
        ]
    if nights.is_city_due(night=NIGHT):
        nights.finish(night=NIGHT, now=began_at)
    return tried


def rows():
    return dict(
        Night.objects.filter(school__isnull=False)
        .values_list("school__code", "failure")
        .order_by("school__code")
    )


def broken_in(school, monkeypatch, error):
    honest = actions.take_stock

    def take_stock(**more):
        if more["school"] == school:
            raise error
        return honest(**more)

    monkeypatch.setattr(actions, "take_stock", take_stock)


def test_each_school_has_its_night_and_the_city_comes_last(three):
    assert a_run(TWO) == [(NORTH, True), (SOUTH, True), (ISLAND, True)]
    assert DayFact.objects.filter(class_hours=2).count() == 3
    assert sum(AreaTerm.objects.filter(term_code=TERM).values_list("class_hours", flat=True)) == 6
    assert set(Night.objects.values_list("drift", "done_at")) == {(0, TWO), (None, TWO)}
    with in_school(three[0]):
        assert not Mark.objects.exists()


def test_a_school_is_passed_over_once_a_night_and_again_the_next(three):
    a_run(TWO)
    assert a_run(THREE) == []
    assert [school.code for school in nights.left(night=NIGHT + timedelta(days=1), began_at=THREE)] == [
        NORTH,
        SOUTH,
        ISLAND,
    ]


def test_one_schools_failure_is_its_own_is_named_and_made_good_by_the_next_run(three, monkeypatch, capsys):
    north, *_ = three
    with monkeypatch.context() as patch:
        broken_in(north, patch, LookupError("小明的记录"))
        assert a_run(TWO) == [(NORTH, False), (SOUTH, True), (ISLAND, True)]
    assert rows() == {NORTH: "LookupError", SOUTH: "", ISLAND: ""}
    assert Pulse.objects.get(school=north).failed_at == TWO
    assert AreaTerm.objects.filter(term_code=TERM).exists(), (
        "the city's sums waited for the school that failed"
    )
    said = status.look()["roll_up"]["nightly"]
    assert (said["done"], said["schools"], said["failed"], said["city_done"]) == (2, 3, [NORTH], True)
    status._say(status.look())
    assert f"2026-10-02: 2 of 3 schools, drift 0, failed: {NORTH}" in capsys.readouterr().out
    assert a_run(THREE) == [(NORTH, True)]
    assert rows()[NORTH] == ""
    assert Pulse.objects.get(school=north).failed_at is None
    assert Night.objects.get(school=None).done_at == THREE, "the city's sums lack the school that came later"


def test_a_school_that_takes_its_worker_with_it_keeps_nobody_from_having_a_night(three, monkeypatch):
    """A try is noted first: the next run takes the others before it comes back to this one."""
    north, *_ = three
    with monkeypatch.context() as patch:
        broken_in(north, patch, SystemExit())
        with pytest.raises(SystemExit):
            a_run(TWO)
        assert [school.code for school in nights.left(night=NIGHT, began_at=TWO)] == [SOUTH, ISLAND]
        assert [school.code for school in nights.left(night=NIGHT, began_at=THREE)] == [SOUTH, ISLAND, NORTH]
    assert a_run(THREE) == [(SOUTH, True), (ISLAND, True), (NORTH, True)]


def test_of_two_runs_that_meet_at_a_school_the_second_does_nothing(three, monkeypatch):
    north, *_ = three
    assert nights.pass_over(school=north, night=NIGHT, now=TWO)
    broken_in(north, monkeypatch, AssertionError("asked again"))
    assert nights.pass_over(school=north, night=NIGHT, now=THREE)
    assert Night.objects.get().done_at == TWO


def test_what_nobody_marked_is_drift_and_is_mended_and_what_time_moved_is_not(three):
    north, *_ = three
    actions.drain(school=north, now=TWO)
    with in_school(north):
        Session.objects.update(planned_units=9)
        makers.a_pupil()
    assert nights.pass_over(school=north, night=NIGHT, now=TWO)
    assert Night.objects.get().drift == 1  # the day; the term runs, and its roll is counted anew every night
    assert DayFact.objects.get(school=north).class_hours == 9
    assert ages.roll_up(TWO)["nightly"]["drift"] == 1


def test_a_school_that_fails_loses_no_mark(three, monkeypatch):
    """Everything of a school's night is one transaction, its row too."""
    north, *_ = three
    with monkeypatch.context() as patch:
        patch.setattr(nights.full, "days_of", lambda *_a, **_k: 1 / 0)
        assert not nights.pass_over(school=north, night=NIGHT, now=TWO)
    with in_school(north):
        assert Mark.objects.exists()
    assert not DayFact.objects.exists()
    assert nights.pass_over(school=north, night=NIGHT, now=THREE)


def test_nights_are_kept_for_a_while(three):
    Night.objects.create(school=three[0], night_date=NIGHT - timedelta(days=61), tried_at=TWO)
    Night.objects.create(school=three[0], night_date=NIGHT - timedelta(days=60), tried_at=TWO)
    a_run(TWO)
    assert sorted(set(Night.objects.values_list("night_date", flat=True))) == [
        NIGHT - timedelta(days=60),
        NIGHT,
    ]


def test_the_task_takes_a_few_schools_and_sends_the_next_one_and_the_city_last(three, monkeypatch):
    sent, steps = [], []
    monkeypatch.setattr(nights, "AT_A_TIME", 2)
    monkeypatch.setattr(tasks.nightly, "apply_async", lambda kwargs, **_: sent.append(kwargs))
    tasks.nightly()
    while sent:
        steps.append(Night.objects.filter(done_at__isnull=False).count())
        tasks.nightly(**sent.pop())
    assert steps == [2, 3]
    assert Night.objects.get(school=None).done_at is not None
    assert not nights.is_city_due(night=Night.objects.latest("night_date").night_date)


def test_a_school_that_cannot_be_judged_keeps_no_other_from_being_judged(three, monkeypatch):
    for school in three:
        actions.recompute(school=school, now=TWO)
    seen = []
    honest = loading.evidence

    def evidence(schools, terms, **more):
        if any(school.code == SOUTH for school in schools):
            raise ValueError("a row that cannot be")
        seen.extend(school.code for school in schools)
        return honest(schools, terms, **more)

    monkeypatch.setattr(loading, "evidence", evidence)
    redlines.evaluate_all(now=TWO)
    assert sorted(seen) == [NORTH, ISLAND]


def test_a_quiet_school_costs_the_same_questions_every_night(three):
    """By itself and whatever the number of schools: nothing in a school's night asks about another."""
    north, *_ = three
    nights.pass_over(school=north, night=NIGHT, now=TWO)
    counts = []
    for later in (1, 2):
        with CaptureQueriesContext(connection) as queries:
            nights.pass_over(school=north, night=NIGHT + timedelta(days=later), now=TWO)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 120
