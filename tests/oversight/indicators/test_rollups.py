"""Roll-ups: made bit by bit they equal those made at once, no school loses another's sums, a kill loses nothing."""

import threading
from datetime import date, timedelta
from itertools import pairwise

import pytest
from django.db import connection, transaction

from afterbell.outbox import actions as outbox
from afterbell.outbox.models import Mark
from oversight.facts import actions, columns, rollups
from oversight.facts.models import (
    AreaMark,
    AreaMonth,
    AreaPulse,
    AreaTerm,
    DayFact,
    MonthFact,
    Pulse,
    SchoolMonth,
    SchoolTerm,
    TermFact,
)
from schools.care.models import Session
from tenants import provisioning
from tenants.context import in_city, in_school
from tenants.models import Term
from tests import city, makers
from tests.city import NORTH, SOUTH
from tests.makers import FIRST, MONDAY, TERM
from tests.oversight import makers as facts
from tests.oversight.indicators import stage

ROLL_UPS = (SchoolMonth, SchoolTerm, AreaMonth, AreaTerm)
NOT_CONTENT = {"id", "version", "computed_at"}
LATER = facts.LATER


def content():
    """Everything that the roll-ups say, without when and how often it was computed."""
    return {
        model.__name__: sorted(
            repr({name: value for name, value in row.items() if name not in NOT_CONTENT})
            for row in model.objects.values()
        )
        for model in ROLL_UPS
    }


def roll(school, *, now=LATER):
    with transaction.atomic(), in_city():
        rollups.roll_schools([school.pk], {TERM}, now=now)


@pytest.fixture
def term(db):
    return makers.a_term()


def test_what_is_rolled_up_bit_by_bit_equals_the_full_pass(north, south):
    """Two whole schools, days and months marked one after the other, areas summed in between."""
    stage.the_city()
    for school in (north, south):
        with in_school(school):
            stage.a_whole_term()
            Mark.objects.all().delete()
        for number, marked in enumerate(
            [{"days": stage.DAYS[:1]}, {"months": stage.MONTHS[:2]}, {"terms": [TERM]}, {"days": stage.DAYS[1:]},
             {"months": stage.MONTHS[2:]}]
        ):  # fmt: skip
            with in_school(school):
                outbox.mark(now=stage.NOW, **marked)
            actions.drain(school=school, now=stage.NOW + timedelta(minutes=number))
            if number % 2:
                rollups.roll_areas(now=stage.NOW + timedelta(minutes=number))
    rollups.roll_areas(now=stage.NOW + timedelta(minutes=9))
    bit_by_bit = content()
    assert all(bit_by_bit.values())
    with in_city():
        assert rollups.broken_promise() is None
    rollups.roll_everything(now=stage.NOW + timedelta(minutes=10))
    assert content() == bit_by_bit


def test_a_changed_day_changes_its_month_its_term_and_its_area_and_no_other(north, south):
    stage.the_city()
    for school in (north, south):
        with in_school(school):
            stage.a_whole_term()
        actions.drain(school=school, now=stage.NOW)
    rollups.roll_areas(now=stage.NOW)
    before = dict(SchoolTerm.objects.filter(term_code=TERM).values_list("school__code", "class_hours"))
    with in_school(north):
        Session.objects.filter(date=MONDAY, state="closed").update(planned_units=9)
        outbox.mark(now=stage.NOW, days=[MONDAY])
    actions.drain(school=north, now=stage.NOW + timedelta(minutes=1))
    rollups.roll_areas(now=stage.NOW + timedelta(minutes=1))
    after = dict(SchoolTerm.objects.filter(term_code=TERM).values_list("school__code", "class_hours"))
    assert after[south.code] == before[south.code]
    assert after[north.code] > before[north.code]
    assert AreaTerm.objects.get(term_code=TERM, district=north.district).class_hours == sum(after.values())
    assert AreaMonth.objects.get(month="2026-09").class_hours == sum(after.values())


def test_sums_of_areas_are_those_that_sql_gives_from_the_facts(term, north, south, island):
    facts.a_known_school(north, days=3, participants=250)
    facts.a_known_school(south, days=7, survey_answers=None, survey_high=None)
    facts.a_known_school(island)
    facts.a_month_fact(south, "2026-10", charged_fen=1)
    facts.rolled()
    for table, names in (("dayfact", columns.DAY), ("monthfact", columns.MONTH), ("termfact", columns.TERM)):
        sums = ", ".join(f"SUM(fact.{name})" for name in names)
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT school.district_id, {sums} FROM oversight_{table} AS fact JOIN tenants_school AS school"
                " ON school.id = fact.school_id GROUP BY 1"
            )
            expected = {district: tuple(row) for district, *row in cursor.fetchall()}
        rows = AreaTerm.objects.values_list("district_id", *names)
        assert {district: tuple(row) for district, *row in rows} == expected, table
    lake = AreaTerm.objects.get(district=north.district)
    assert (lake.schools, lake.schools_known, lake.schools_offering, lake.days_held) == (2, 2, 2, 10)


def test_what_nobody_knows_stays_unknown(term, north, south):
    """Missing is never 0: a school without books has no sum of money, and an area of such schools has none either."""
    facts.a_day_fact(north)
    facts.rolled()
    alone = SchoolTerm.objects.get(school=north)
    assert (alone.present, alone.charged_fen, alone.months_charged, alone.participants) == (
        285,
        None,
        None,
        None,
    )
    assert alone.statement_months_due == 0  # months in the books: there are none
    area = AreaTerm.objects.get(district=north.district)
    assert (area.schools, area.schools_known, area.charged_fen, area.participants) == (2, 1, None, None)
    assert not SchoolTerm.objects.filter(school=south).exists()


def test_a_day_outside_of_every_term_is_in_no_roll_up(term, north):
    facts.a_day_fact(north, date(2026, 8, 20))
    facts.a_day_fact(north, MONDAY)
    facts.rolled()
    assert SchoolTerm.objects.get().days_held == 1
    assert Term.objects.count() == 1


@pytest.mark.parametrize(
    ("today", "counts"),
    [
        (date(2026, 10, 10), (1, 1, 0, 0)),
        (date(2026, 11, 10), (2, 1, 1, 0)),
        (date(2026, 12, 11), (3, 1, 1, 1)),
    ],
)
def test_statements_count_from_the_day_after_they_are_due(term, north, today, counts):
    """S36: published in time, late, missing; a statement of a month that is not yet due is not missing."""
    facts.a_month_fact(north, "2026-09")
    facts.a_month_fact(north, "2026-10", statement_published_at=facts.NOON.replace(month=11, day=11))
    facts.a_month_fact(north, "2026-11", statement_published_at=None, statement_sha256="")
    facts.rolled(now=LATER.replace(year=today.year, month=today.month, day=today.day))
    names = [f"statement_months_{name}" for name in ("due", "on_time", "late", "missing")]
    found = SchoolTerm.objects.values_list(*names).get()
    published_late = 1 if counts[2] == 0 else 0  # its row says that it is out, whatever day it is
    assert found == (counts[0] + published_late, counts[1], 1, counts[3])


def test_the_version_grows_also_when_the_clock_goes_back(term, north):
    facts.a_known_school(north)
    seen = []
    for now in (LATER, LATER - timedelta(hours=1), LATER):
        roll(north, now=now)
        rollups.roll_areas(now=now)
        seen.append((Pulse.objects.get(school=north).version, AreaPulse.objects.get().version))
    assert seen == sorted(set(seen))
    assert all(first[0] < second[0] and first[1] < second[1] for first, second in pairwise(seen))
    assert Pulse.objects.get(school=north).rolled_at == LATER


def test_a_roll_up_that_is_killed_in_the_middle_keeps_its_marks(term, north, monkeypatch):
    facts.a_known_school(north)
    roll(north)
    before = AreaMark.objects.count()
    monkeypatch.setattr(rollups, "_roll_cells", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        rollups.roll_areas(now=LATER)
    assert AreaMark.objects.count() == before > 0
    assert not AreaTerm.objects.exists()
    monkeypatch.undo()
    assert rollups.roll_areas(now=LATER) >= 1
    assert AreaTerm.objects.get(district=north.district).participants == 300
    assert not AreaMark.objects.exists()


def test_a_drain_that_is_killed_in_the_roll_up_keeps_the_schools_marks_and_facts(north, monkeypatch):
    stage.the_city()
    with in_school(north):
        stage.a_whole_term()
    monkeypatch.setattr(rollups, "write_schools", lambda *_a, **_k: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        actions.drain(school=north, now=stage.NOW)
    with in_school(north):
        assert Mark.objects.exists()
    assert not DayFact.objects.exists()
    assert not AreaMark.objects.exists()
    monkeypatch.undo()
    actions.drain(school=north, now=stage.NOW)
    assert SchoolTerm.objects.get(term_code=TERM).participants == 8


def test_an_archived_school_leaves_the_sums_and_an_opened_one_joins_them(term, north, south):
    facts.a_known_school(north)
    facts.a_known_school(south)
    facts.rolled()
    area = AreaTerm.objects.get(district=north.district)
    assert (area.schools, area.participants) == (2, 600)
    provisioning.archive_school(school=south, now=LATER)
    assert rollups.roll_areas(now=LATER)
    area = AreaTerm.objects.get(district=north.district)
    assert (area.schools, area.schools_known, area.participants) == (1, 1, 300)
    assert AreaMonth.objects.get(district=north.district).schools == 1
    opened = provisioning.open_school(
        code="3301020077", name="新开小学", district=north.district, stage=north.stage, kind=north.kind,
        size_class=north.size_class, now=LATER,
    )  # fmt: skip
    rollups.roll_areas(now=LATER)
    assert AreaTerm.objects.get(district=north.district).schools == 2
    assert broken() == []
    for school in (north, opened):
        provisioning.archive_school(school=school, now=LATER)
    rollups.roll_areas(now=LATER)
    assert not AreaTerm.objects.filter(district=north.district).exists()
    provisioning.restore_school(school=north, now=LATER)
    rollups.roll_areas(now=LATER)
    assert AreaTerm.objects.get(district=north.district).participants == 300
    assert broken() == []


def test_a_term_of_which_no_school_has_reported_has_no_sums(term, north):
    with in_city():
        rollups.mark_areas_of(school=north)
    assert rollups.roll_areas(now=LATER)
    assert not AreaTerm.objects.exists()
    assert broken() == []


def broken():
    with in_city():
        return list(rollups.broken_promises())


def test_a_roll_up_that_was_touched_by_hand_is_found(term, north):
    facts.a_known_school(north)
    facts.rolled()
    with in_city():
        assert rollups.broken_promise() is None
        for model in ROLL_UPS:
            with transaction.atomic():
                model.objects.update(charged_fen=7)
                assert model._meta.db_table in rollups.broken_promise()
                transaction.set_rollback(True)


@pytest.fixture
def real_commits(django_db_setup, django_db_blocker):
    """Two schools of one area, with transactions that really end; their facts are taken away afterwards."""
    with django_db_blocker.unblock(), city.real_commits():
        term = makers.a_term()
        try:
            yield makers.school(NORTH), makers.school(SOUTH)
        finally:
            for model in (*ROLL_UPS, DayFact, MonthFact, TermFact, AreaMark, Pulse, AreaPulse):
                model.objects.all().delete()
            term.delete()


class Worker(threading.Thread):
    """Does one thing on a connection of its own, and keeps what went wrong."""

    def __init__(self, work):
        super().__init__(daemon=True)
        self.work, self.error = work, None

    def run(self):
        try:
            self.work()
        except Exception as error:  # noqa: BLE001  (a thread has nobody above it: the test asserts on it)
            self.error = error
        finally:
            connection.close()


def test_two_schools_that_end_at_once_do_not_lose_each_others_sums(real_commits):
    """The second waits for the city's pulse, and sees what the first had not committed when it began."""
    north, south = real_commits
    facts.a_term_fact(north, participants=100)
    facts.a_term_fact(south, participants=30)
    roll(north)
    has_summed, may_commit = threading.Event(), threading.Event()

    def first():
        with transaction.atomic():
            rollups.roll_areas(now=LATER)
            has_summed.set()
            assert may_commit.wait(30)

    def second():
        roll(south, now=LATER + timedelta(seconds=1))
        rollups.roll_areas(now=LATER + timedelta(seconds=1))

    one, other = Worker(first), Worker(second)
    one.start()
    assert has_summed.wait(30)
    other.start()
    other.join(0.5)
    assert other.is_alive(), "the second did not wait for the first's sums"
    may_commit.set()
    one.join(30)
    other.join(30)
    assert (one.error, other.error) == (None, None)
    assert AreaTerm.objects.get(district=north.district).participants == 130
    assert not AreaMark.objects.exists()


def test_a_school_that_commits_while_an_area_is_summed_is_in_the_next_sum(real_commits):
    """Its mark was not visible, so it was not taken: it stays for the next run."""
    north, south = real_commits
    facts.a_term_fact(north, participants=100)
    facts.a_term_fact(south, participants=30)
    roll(north)
    has_rolled, may_commit = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            roll(south)
            has_rolled.set()
            assert may_commit.wait(30)

    worker = Worker(slow)
    worker.start()
    assert has_rolled.wait(30)
    rollups.roll_areas(now=LATER)
    assert AreaTerm.objects.get(district=north.district).participants == 100
    may_commit.set()
    worker.join(30)
    assert worker.error is None
    assert AreaMark.objects.count() == 1
    rollups.roll_areas(now=LATER)
    assert AreaTerm.objects.get(district=north.district).participants == 130


def test_many_roll_ups_at_once_end_with_the_right_sums(real_commits):
    """Two schools, six changes each, all summed as they come: no deadlock, nothing lost."""
    schools = real_commits
    for school in schools:
        facts.a_day_fact(school, FIRST, present=0)
    start = threading.Barrier(2)

    def work(school):
        def run():
            start.wait(30)
            for number in range(1, 7):
                with transaction.atomic(), in_city():
                    DayFact.objects.filter(school=school).update(present=number)
                    rollups.roll_schools([school.pk], {TERM}, now=LATER)
                rollups.roll_areas(now=LATER)

        return run

    workers = [Worker(work(school)) for school in schools]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    assert [worker.error for worker in workers] == [None, None]
    assert AreaTerm.objects.get(district=schools[0].district).present == 12
    assert AreaMonth.objects.get().present == 12
    assert not AreaMark.objects.exists()
