"""The full pass over the days of all schools: one statement a school, several connections, unchanged facts left alone.

Days are nearly all of what a full pass reads. Months and terms are few rows and stay with actions.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Any, Final, NamedTuple
from uuid import UUID

import structlog
from django.db import connection, connections, transaction

from afterbell.kernel.ids import uuid7
from oversight.facts import collect, rollups
from oversight.facts.models import DayFact
from schools.care import facts as care
from schools.care.facts import Required
from tenants import context
from tenants.models import School, Term

log = structlog.get_logger(__name__)
AT_A_TIME: Final = 25
"""Schools of one write, and of one connection: a backend keeps about 8 kB for each table it touched (architecture §3)."""
CONNECTIONS: Final = 4
"""While one thread is in Python, the others keep the database busy: more than the cores of a small machine."""
Key = tuple[UUID, date]
Ruled = tuple[UUID, str]
"""District and kind of school: what a rule is for."""
Answer = dict[Key, tuple[int, ...]]


class Pass(NamedTuple):
    """What a full pass did: facts computed, and how many differed from what was kept."""

    rows: int
    changed: int


def all_days(*, schools: Sequence[School], now: datetime, count: int = CONNECTIONS) -> Pass:
    """Compute every day of these schools; `changed` is the drift. One transaction for each 25 schools.

    It holds their pulses: a roll-up of one of them waits, and then sees what was written here.
    """
    rules = _rules(schools)
    work = partial(_some, rules=rules, now=now)
    size = min(AT_A_TIME, -(-len(schools) // count)) or 1  # few schools are shared out too
    parts = [schools[start : start + size] for start in range(0, len(schools), size)]
    if count == 1 or len(parts) == 1:
        return _sum([work(part) for part in parts])
    with ThreadPoolExecutor(min(count, len(parts))) as threads:
        return _sum(list(threads.map(partial(_on_own_connection, work), parts)))


def days_of(school: School, *, now: datetime) -> Pass:
    """The same for one school, which fails by itself."""
    with transaction.atomic():
        answers = _asked(school, collect.required_checks(school), now)
        with context.in_city():
            fresh = {(school.pk, day): numbers for day, numbers in answers.items()}
            return Pass(len(fresh), _keep([school.pk], fresh, now))


def _sum(passes: Sequence[Pass]) -> Pass:
    return Pass(sum(each.rows for each in passes), sum(each.changed for each in passes))


def _on_own_connection(work: "partial[Pass]", schools: Sequence[School]) -> Pass:
    try:
        return work(schools)
    finally:
        connections["default"].close()


def _some(schools: Sequence[School], *, rules: dict[Ruled, list[Required]], now: datetime) -> Pass:
    fresh: Answer = {}
    answered: list[UUID] = []
    with transaction.atomic():
        for school in sorted(schools, key=attrgetter("pk")):  # pulses are taken in one order
            try:
                with transaction.atomic():
                    answers = _asked(school, rules[_ruled(school)], now)
            except Exception:  # one school's failure is one school's: its facts stay, as old as they are
                log.exception("facts.full_pass_failed", school=school.code)
            else:
                answered.append(school.pk)
                fresh |= {(school.pk, day): numbers for day, numbers in answers.items()}
        with context.in_city():
            return Pass(len(fresh), _keep(answered, fresh, now))


def _asked(school: School, required: list[Required], now: datetime) -> dict[date, tuple[int, ...]]:
    """Its pulse first: given back with the savepoint of a school that can't answer."""
    with context.in_city():
        rollups.take_pulses([school.pk], now=now)
    with context.in_school(school):
        return care.of_all_days(required=required)


def _keep(schools: list[UUID], fresh: Answer, now: datetime) -> int:
    """Write what differs, take away what has lost its reason, roll up what changed. Nothing else is touched."""
    kept: Answer = {}
    gone: list[UUID] = []
    rows = DayFact.objects.filter(school__in=schools).values_list("id", "school_id", "date", *care.COLUMNS)
    for key, school, day, *numbers in rows:
        if (school, day) in fresh:
            kept[school, day] = tuple(numbers)
        else:
            gone.append(key)
    changed = {key: numbers for key, numbers in fresh.items() if kept.get(key) != numbers}
    if changed:
        _write(changed, now)
    if gone:
        DayFact.objects.filter(pk__in=gone).delete()
    if changed or gone:
        rollups.write_schools(schools, _terms(), now=now)
    return len(changed) + len(gone)


def _write(changed: Answer, now: datetime) -> None:
    names = ", ".join(care.COLUMNS)
    updates = ", ".join(f"{name} = EXCLUDED.{name}" for name in (*care.COLUMNS, "version", "computed_at"))
    columns: list[list[Any]] = [list(part) for part in zip(*changed.values(), strict=True)]
    arrays = ", ".join(["%s::uuid[]", "%s::uuid[]", "%s::date[]", *["%s::bigint[]"] * len(columns)])
    given = ", ".join(["id", "school_id", "date", *care.COLUMNS])
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO oversight_dayfact (id, school_id, date, {names}, version, computed_at)"  # noqa: S608
            f" SELECT derived.*, {rollups.OF_PULSE}, %s FROM unnest({arrays}) AS derived({given})"
            f" ON CONFLICT (school_id, date) DO UPDATE SET {updates}",
            [
                now,
                [uuid7() for _ in changed],
                [school for school, _day in changed],
                [day for _school, day in changed],
                *columns,
            ],
        )


def _terms() -> list[str]:
    return list(Term.objects.values_list("code", flat=True))


def _ruled(school: School) -> Ruled:
    return school.district_id, school.kind


def _rules(schools: Sequence[School]) -> dict[Ruled, list[Required]]:
    """Which checks are required on which days, by district and kind of school: read once, not once a school."""
    one_each = {_ruled(school): school for school in schools}
    return {scope: collect.required_checks(school) for scope, school in one_each.items()}
