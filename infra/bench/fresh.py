"""`bench fresh`: a teacher closes a session at the gate; when the city's sums show it, while a whole city hands over."""

import json
import os
import random
import statistics
import threading
import time as clock
from datetime import date, timedelta
from http.client import HTTPConnection

from django.db import connections
from django.utils import timezone

from infra.bench import stage
from infra.bench.load import Pace, Score, post, send
from infra.bench.serving import cpu_seconds, whole_product
from infra.bench.stage import Outcome
from infra.bench.teachers import TERM, Teacher, stage_teachers
from oversight.facts.models import AreaTerm, DayFact
from schools.care.models import Session
from schools.care.roll import day_of
from schools.care.states import SessionState
from tenants.context import as_bureau, as_owner, in_school
from tenants.models import School, Term

SCHOOLS = 8
WATCHED = 4
"""Schools of which each has a district of its own, so that its district's sum moves by its own deeds alone."""
PROBES = 20
"""Sessions that are closed in each watched school, one after the other."""
OPERATIONS_PER_SECOND = 500
SECONDS_OF_LOAD = 45
LOOK_EVERY_SECONDS = 0.03
PATIENCE_SECONDS = 20.0


def run(
    *,
    schools: int | None,
    seed: int,
    database: str = "",
    probes: int = PROBES,
    seconds_of_load: float = SECONDS_OF_LOAD,
) -> Outcome:
    """N schools, four of them watched. With `database`, in a city that is there: its schools are swept as well."""
    count = max(WATCHED + 1, schools or SCHOOLS)
    chance, day = random.Random(seed), day_of(timezone.now())  # also after midnight
    with stage.own_database("fresh", kept=database) as machine:
        term = _term_of(day)
        watched = [stage.open_school(number, district=f"33019{number}") for number in range(1, WATCHED + 1)]
        loaded = [stage.open_school(number) for number in range(1, count - WATCHED + 1)]
        probing = [
            stage_teachers(school, day, chance, teachers=probes, children=1, batch=3) for school in watched
        ]
        crowd = _crowd(loaded, day, chance, seconds_of_load)
        with whole_product() as (port, process):
            busy = _Busy(crowd, port, chance)
            cpu, began = cpu_seconds(process), clock.perf_counter()
            busy.start()
            watchers = [
                Watcher(school, teachers, port, term, random.Random(chance.random()))
                for school, teachers in zip(watched, probing, strict=True)
            ]
            for watcher in watchers:
                watcher.start()
            for watcher in watchers:
                watcher.join()
            load_was_on = busy.is_alive()
            busy.join()
            seconds, cpu = clock.perf_counter() - began, cpu_seconds(process) - cpu
            complete = _is_complete([*watched, *loaded], day, term)
        waits = sorted(wait for watcher in watchers for wait in watcher.seconds)
        outcome = _outcome(count, seed, waits, busy.score)
        outcome.machine = machine
        outcome.checked &= complete and not any(watcher.trouble for watcher in watchers)
        outcome.results |= {
            "load_operations_per_second": len(busy.score.answers) / max(busy.seconds, 0.001),
            "load_was_on_to_the_end": load_was_on,
            "cpu_share": cpu / seconds / (os.cpu_count() or 1),
            "city_schools": School.objects.count(),
            "load_average": os.getloadavg()[0],
            "trouble": "; ".join(watcher.trouble for watcher in watchers if watcher.trouble) or "none",
        }
        return outcome


def _outcome(schools: int, seed: int, waits: list[float], score: Score) -> Outcome:
    refused = sum(answers.count("refused") for answers in score.answers.values())
    cuts = statistics.quantiles(waits, n=100, method="inclusive") if len(waits) > 1 else [0.0] * 99
    return Outcome(
        name="fresh",
        schools=schools,
        seed=seed,
        checked=bool(waits) and score.errors == refused == 0,
        results={
            "p50_s": cuts[49],
            "p95_s": cuts[94],
            "p99_s": cuts[98],
            "most_s": max(waits, default=0.0),
            "closed_sessions": len(waits),
            "load_errors": score.errors + refused,
        },
    )


class _Busy(threading.Thread):
    """The gate load, at a steady pace."""

    def __init__(self, teachers: list[Teacher], port: int, chance: random.Random) -> None:
        super().__init__()
        self._teachers, self._port, self._chance = teachers, port, chance
        self.score, self.seconds = Score(), 0.0

    def run(self) -> None:
        operations = sum(len(json.loads(body)) for body in self._teachers[0].requests)
        pace = Pace(OPERATIONS_PER_SECOND * len(self._teachers[0].requests) / operations)
        began = clock.perf_counter()
        self.score = send(self._teachers, self._port, self._chance, pace=pace)
        self.seconds = clock.perf_counter() - began


class Watcher(threading.Thread):
    """Closes one session after the other in its school, and looks at its district's sum until it has moved."""

    def __init__(
        self, school: School, teachers: list[Teacher], port: int, term: str, chance: random.Random
    ) -> None:
        super().__init__()
        self._school, self._teachers, self._port, self._term, self._chance = (
            school,
            teachers,
            port,
            term,
            chance,
        )
        self.seconds: list[float] = []
        self.trouble = ""

    def run(self) -> None:
        try:
            for number, teacher in enumerate(self._teachers):
                self._one(teacher, before=number)
        except _Trouble as trouble:
            self.trouble = f"{self._school.code}: {trouble}"
        finally:
            connections["default"].close()

    def _one(self, teacher: Teacher, *, before: int) -> None:
        at_hand, closing = teacher.requests
        self._post(teacher, at_hand)
        clock.sleep(self._chance.uniform(0, 1.5))  # wake-ups are debounced: don't always meet the same phase
        began = clock.perf_counter()
        self._post(teacher, closing)
        while (held := held_in(self._school, self._term)) == before:
            if clock.perf_counter() - began > PATIENCE_SECONDS:
                raise _Trouble(f"session {before + 1} is not in the sums after {PATIENCE_SECONDS} s")
            clock.sleep(LOOK_EVERY_SECONDS)
        if held != before + 1:
            raise _Trouble(f"{held} sessions in the sums, {before + 1} are closed")
        self.seconds.append(clock.perf_counter() - began)

    def _post(self, teacher: Teacher, body: bytes) -> None:
        connection, score = HTTPConnection("127.0.0.1", self._port, timeout=30), Score()
        post(connection, self._port, teacher, body, score)
        connection.close()
        wrong = [answer for answers in score.answers.values() for answer in answers if answer != "applied"]
        if score.errors or wrong:
            raise _Trouble(f"the gate answered {wrong or 'an error'}")


class _Trouble(Exception):
    """A wrong result: the benchmark's times are worth nothing."""


def held_in(school: School, term: str) -> int:
    """Held sessions of the school's district as the city's pages read them: roll-ups, with the bureau's role."""
    with as_bureau():
        rows = AreaTerm.objects.filter(district_id=school.district_id, term_code=term)
        return sum(held or 0 for held in rows.values_list("sessions_held", flat=True))


def _crowd(schools: list[School], day: date, chance: random.Random, seconds: float) -> list[Teacher]:
    """As many teachers of 40 children as keep the gate busy for so long."""
    [sample] = stage_teachers(schools[0], day, chance, teachers=1)
    operations = sum(len(json.loads(body)) for body in sample.requests)
    wanted = max(len(schools), round(OPERATIONS_PER_SECOND * seconds / operations))
    share = -(-wanted // len(schools))
    crowd = [sample]
    for school in schools:
        crowd += stage_teachers(school, day, chance, teachers=share)
    chance.shuffle(crowd)
    return crowd


def _is_complete(schools: list[School], day: date, term: str) -> bool:
    """In the end every closed session and every handover is in the sums, none twice."""
    closed = 0
    for school in schools:
        with in_school(school):
            closed += Session.objects.filter(date=day, state=SessionState.CLOSED).count()
    deadline = clock.monotonic() + PATIENCE_SECONDS
    while clock.monotonic() < deadline:
        held = sum(
            held_in(school, term) for school in {school.district_id: school for school in schools}.values()
        )
        facts = sum(
            DayFact.objects.filter(school__in=schools, date=day).values_list("sessions_held", flat=True)
        )
        if held == facts == closed:
            return True
        clock.sleep(0.2)
    return False


def _term_of(day: date) -> str:
    """The term in which the day lies; without one the sums by term would not have it."""
    found = Term.objects.filter(first_date__lte=day, last_date__gte=day).first()
    if found is not None:
        return found.code
    if Term.objects.filter(code=TERM).exists():
        raise ValueError(f"no term of this city has {day} in it: build a city of its own without --database")
    with as_owner():
        span = timedelta(days=60)
        Term.objects.create(code=TERM, name="试验学期", first_date=day - span, last_date=day + span)
    return TERM
