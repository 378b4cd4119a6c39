"""Builds a city of many schools: opened by provisioning, filled set by set, in two processes. Can be resumed."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import UTC, date, datetime
from functools import partial
from multiprocessing import get_context
from typing import TypedDict

from django.db import connections, transaction

from infra.bench.city import fill
from infra.bench.city.shape import DISTRICTS, Shape
from oversight.facts import actions
from tenants import context, provisioning, queries
from tenants.commands.progress import progress
from tenants.models import District, Host, PolicyProfile, School, Term
from tenants.policies import ready
from tenants.stamps import code_stamp
from tenants.states import SchoolState

PROCESSES = min(2, os.cpu_count() or 1)
AT_A_TIME = 5
"""Schools between two new connections: a backend keeps about 8 kB for each table it touched (architecture §3)."""
DISTRICT_NAMES = ("谯城区", "涡阳县", "蒙城县", "利辛县", "高新区", "经开区", "南部新区")
TERMS = (
    ("2025-2026-1", "2025—2026学年第一学期", date(2025, 9, 1), date(2026, 1, 23)),
    ("2025-2026-2", "2025—2026学年第二学期", date(2026, 3, 2), date(2026, 7, 3)),
    ("2026-2027-1", "2026—2027学年第一学期", date(2026, 9, 1), date(2027, 1, 22)),
)
OPENED = datetime(2025, 8, 25, 4, 0, tzinfo=UTC)


def ground() -> None:
    """Districts, terms and rules. Safe to repeat."""
    with context.as_owner(), transaction.atomic():
        for number in range(1, DISTRICTS + 1):
            District.objects.get_or_create(
                code=f"3416{number:02d}", defaults={"name": DISTRICT_NAMES[number - 1], "position": number}
            )
        for code, name, first, last in TERMS:
            Term.objects.get_or_create(
                code=code, defaults={"name": name, "first_date": first, "last_date": last}
            )
        if not PolicyProfile.objects.exists():
            document = ready.document("shandong")
            PolicyProfile.objects.create(
                name="试验",
                valid_from_date=date(2024, 2, 1),
                document=document,
                source="试验",
                created_at=OPENED,
            )


def build(shapes: Sequence[Shape], *, days: Sequence[date], seed: int, roll_up: bool = False) -> list[School]:
    """Open and fill what is not there yet; a killed run goes on where it stopped. Gives all schools by code."""
    ground()
    parts = [shapes[start : start + AT_A_TIME] for start in range(0, len(shapes), AT_A_TIME)]
    work = partial(_open_and_fill, days=days, seed=seed, roll_up=roll_up)
    done = 0
    with progress("building schools") as tick:
        if len(parts) == 1 or PROCESSES == 1:
            for part in parts:
                done += work(part)
                tick(done, len(shapes))
        else:
            forget_connection()  # a forked process must not share it
            with ProcessPoolExecutor(PROCESSES, mp_context=get_context("fork")) as processes:
                for finished in as_completed([processes.submit(work, part) for part in parts]):
                    done += finished.result()
                    tick(done, len(shapes))
    codes = {shape.code for shape in shapes}
    return [school for school in queries.schools() if school.code in codes]


def register(shapes: Sequence[Shape]) -> list[School]:
    """Rows of the public register alone, without schemas: enough for pages, which never enter a school."""
    ground()
    districts = {district.code: district for district in District.objects.all()}
    stamp = code_stamp()
    schools = [
        School(
            **_facts(shape),
            district=districts[shape.code[:6]],
            schema_name=f"s_{shape.code}",
            state=SchoolState.ACTIVE,
            schema_stamp=stamp,
            opened_at=OPENED,
        )
        for shape in shapes
    ]
    with context.as_owner(), transaction.atomic():
        School.objects.bulk_create(schools, batch_size=1000)
        Host.objects.bulk_create(
            [Host(domain=f"s{school.code}.invalid", tenant=school) for school in schools], batch_size=1000
        )
    return schools


def _open_and_fill(shapes: Sequence[Shape], *, days: Sequence[date], seed: int, roll_up: bool) -> int:
    districts = {district.code: district for district in District.objects.all()}
    for shape in shapes:
        school = provisioning.open_school(**_facts(shape), district=districts[shape.code[:6]], now=OPENED)
        if not fill.is_filled(school):
            fill.fill(school, shape, days=days, seed=seed)
        if roll_up:
            actions.drain(school=school, now=fill.EVENING)
    forget_connection()
    return len(shapes)


class Facts(TypedDict):
    """What the register says of a school."""

    code: str
    name: str
    stage: str
    kind: str
    size_class: str


def _facts(shape: Shape) -> Facts:
    return {
        "code": shape.code,
        "name": f"{DISTRICT_NAMES[shape.district - 1]}第{shape.number}学校",
        "stage": shape.stage,
        "kind": shape.kind,
        "size_class": shape.size_class,
    }


def forget_connection() -> None:
    """Leave no connection open, in the pool neither: the next statement begins with an empty backend."""
    wrapper = connections["default"]
    wrapper.close()
    wrapper.close_pool()  # type: ignore[attr-defined]  # of Django's psycopg pool
