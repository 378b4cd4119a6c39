"""Two roll-ups of one school at once, and one that is killed: each mark ends in a fact. On real commits and threads."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, connections

from afterbell.outbox import actions as outbox
from afterbell.outbox.models import Mark
from oversight.facts import actions, collect, full
from oversight.facts.models import AreaMark, AreaPulse, DayFact, Pulse
from schools.care.models import Session
from tenants.context import as_owner, in_school
from tests import city, makers
from tests.makers import MONDAY
from tests.oversight.test_facts import LATER, a_held_session

PATIENCE = 30


@pytest.fixture
def lone(django_db_setup, django_db_blocker):
    """A school of its own with one held session of 2 class hours in the facts; gone after the test."""
    with django_db_blocker.unblock(), city.real_commits(), city.passing_school() as school:
        try:
            with in_school(school):
                a_held_session()
                outbox.mark(now=city.NOON, days=[MONDAY])
            actions.drain(school=school, now=LATER)
            yield makers.school(school.code)
        finally:
            with as_owner():
                for model in (DayFact, AreaMark, Pulse, AreaPulse):
                    model.objects.all().delete()


class Worker(threading.Thread):
    """Does one thing on a connection of its own; stops in the middle until it may go on."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.error, self.backend = work, None, 0
        self.is_there, self.may_go_on = threading.Event(), threading.Event()

    def run(self):
        try:
            self.work()
        except Exception as error:  # noqa: BLE001  (a thread has nobody above it: the test asserts on it)
            self.error = error
        finally:
            connections["default"].close()

    def stop_here(self):
        """The marks are taken and the school has answered; nothing is written yet."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            (self.backend,) = cursor.fetchone()
        self.is_there.set()
        assert self.may_go_on.wait(PATIENCE)


@pytest.fixture
def slow(lone, monkeypatch):
    """A drain that has its answer and has not written it."""
    ask = collect.days
    worker = Worker(lambda: actions.drain(school=lone, now=LATER + timedelta(seconds=5)))

    def asked(*args):
        found = ask(*args)
        if threading.current_thread() is worker:
            worker.stop_here()
        return found

    monkeypatch.setattr(collect, "days", asked)
    yield worker
    worker.may_go_on.set()
    worker.join(PATIENCE)


def changed_to(school, hours):
    with in_school(school):
        Session.objects.update(planned_units=hours)
        outbox.mark(now=city.NOON, days=[MONDAY])


def hours_and_marks(school):
    with in_school(school):
        marks = Mark.objects.count()
    return DayFact.objects.get(school=school).class_hours, marks


def test_the_second_of_two_drains_waits_and_has_the_last_word_though_its_clock_is_behind(lone, slow):
    """It asked later, so it knows more. Before, its answer was dropped for its time, and its mark with it."""
    changed_to(lone, 5)
    slow.start()
    assert slow.is_there.wait(PATIENCE)
    changed_to(lone, 9)
    second = Worker(lambda: actions.drain(school=lone, now=LATER - timedelta(seconds=1)))
    second.start()
    second.join(0.5)
    assert second.is_alive(), "the second did not wait for the first"
    slow.may_go_on.set()
    slow.join(PATIENCE)
    second.join(PATIENCE)
    assert (slow.error, second.error) == (None, None)
    assert hours_and_marks(lone) == (9, 0)


def test_the_full_pass_waits_for_a_drain_and_does_not_write_an_older_answer_over_it(lone, slow):
    changed_to(lone, 5)
    slow.start()
    assert slow.is_there.wait(PATIENCE)
    night = Worker(lambda: full.all_days(schools=[lone], now=LATER - timedelta(seconds=1), count=1))
    night.start()
    night.join(0.5)
    assert night.is_alive(), "the full pass did not wait for the drain"
    slow.may_go_on.set()
    slow.join(PATIENCE)
    night.join(PATIENCE)
    assert (slow.error, night.error) == (None, None)
    assert hours_and_marks(lone) == (5, 0)


def test_a_drain_that_is_killed_between_marks_and_facts_loses_neither(lone, slow):
    changed_to(lone, 9)
    slow.start()
    assert slow.is_there.wait(PATIENCE)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [slow.backend])
    slow.may_go_on.set()
    slow.join(PATIENCE)
    assert isinstance(slow.error, OperationalError)
    assert hours_and_marks(lone) == (2, 1)
    actions.drain(school=lone, now=LATER - timedelta(hours=1))
    assert hours_and_marks(lone) == (9, 0)


def test_many_drains_and_changes_at_once_end_with_the_last_change(lone):
    """Two machines whose clocks are an hour apart drain as fast as they can while one person works."""
    is_over = threading.Event()

    def drains(now):
        def run():
            while not is_over.is_set():
                actions.drain(school=lone, now=now)

        return run

    workers = [Worker(drains(LATER)), Worker(drains(LATER - timedelta(hours=1)))]
    for worker in workers:
        worker.start()
    for hours in range(3, 15):
        changed_to(lone, hours)
    is_over.set()
    for worker in workers:
        worker.join(PATIENCE)
    assert [worker.error for worker in workers] == [None, None]
    actions.drain(school=lone, now=LATER - timedelta(hours=2))
    assert hours_and_marks(lone) == (14, 0)
