"""Loads the schools of the demo, two at a time where there are two cores, with progress; the city's roll-ups at the end."""

import os
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import datetime
from multiprocessing import get_context

import django
from django.db import connections

from afterbell.kernel.errors import Refused
from infra.demo import load, names
from oversight.facts import actions as facts
from oversight.facts import rollups
from tenants import context
from tenants.commands.progress import progress
from tenants.models import School, Term

MOST_PROCESSES = 2
FEW = 6
"""So many schools are loaded sooner by one process than two processes are started."""


def load_all(schools: list[School], *, now: datetime) -> Counter[str]:
    """Each school up to `now`; gives the rows that were written, by table."""
    rows: Counter[str] = Counter()
    with progress("Filling schools") as tick:
        for done, loaded in enumerate(_loads(schools, now), start=1):
            rows.update(loaded.rows)
            tick(done, len(schools))
    # When all are there, also after a kill: whether a school stands out is told by the whole city's rates.
    rollups.roll_areas(now=now)
    facts.after_full_pass(now=now)
    facts.note_sweep(began_at=now)
    return rows


class NotLoaded(RuntimeError):
    """A school of the demo could not be filled; says which, and why. Unlike a refusal it travels between processes."""


def one(code: str, index: int, now: datetime) -> load.Loaded:
    """By its code: what a worker process is told."""
    with context.in_city():
        school = School.objects.select_related("district").get(code=code)
        terms = list(Term.objects.order_by("first_date"))
    try:
        return load.school_terms(school, terms, index, now)
    except Refused as refusal:
        raise NotLoaded(f"{code}: {refusal.code}: {refusal}") from refusal


def _loads(schools: list[School], now: datetime) -> Iterator[load.Loaded]:
    jobs = [(school.code, index, now) for index, school in enumerate(schools, start=1)]
    processes = min(MOST_PROCESSES, os.cpu_count() or 1)
    if processes == 1 or len(jobs) <= FEW:
        yield from (one(*job) for job in jobs)
        return
    connections.close_all()  # nothing that is open may be shared
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn"), initializer=django.setup) as pool:
        for future in as_completed([pool.submit(one, *job) for job in _longest_first(jobs)]):
            yield future.result()


def _longest_first(jobs: list[tuple[str, int, datetime]]) -> list[tuple[str, int, datetime]]:
    """The schools through the actions and the largest, so that nobody waits for them at the end."""
    return sorted(jobs, key=lambda job: (job[0] not in names.THROUGH_ACTIONS, -names.school(job[0]).pupils))
