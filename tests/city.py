"""The template city that every test stands on: two districts, three schools, made once a worker."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

from django.db import connections

from afterbell.audit.models import Head
from tenants import provisioning
from tenants.context import as_owner
from tenants.models import District, Kind, School, SizeClass, Stage
from tests import databases

NOON = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)
NORTH, SOUTH, ISLAND = "3301020001", "3301020002", "3301060003"


def build() -> None:
    """A fresh database of this worker's own, and the city in it."""
    wrapper = connections["default"]
    name = f"test_{os_worker()}"
    databases.drop_database(name)
    databases.create_installed(name)
    databases.go_to(name)
    provisioning.install()
    lake = District.objects.create(code="330102", name="湖滨区", position=1)
    hills = District.objects.create(code="330106", name="山南县", position=2)
    for code, school_name, district, kind in (
        (NORTH, "湖滨区第一小学", lake, Kind.URBAN),
        (SOUTH, "湖滨区第二小学", lake, Kind.URBAN),
        (ISLAND, "山南县海岛学校", hills, Kind.RURAL),
    ):
        provisioning.open_school(
            code=code,
            name=school_name,
            district=district,
            stage=Stage.PRIMARY,
            kind=kind,
            size_class=SizeClass.MEDIUM,
            now=NOON,
        )
    wrapper.close()
    _begun.update(_rows())


def left_behind() -> str:
    """What stands in the city's tables although every test takes back what it did, named once. Empty where nothing does,
    where no test of this worker needed the city, and while a folder's tests stand in a database of their own."""
    if not _begun or connections["default"].settings_dict["NAME"] != f"test_{os_worker()}":
        return ""
    now = _rows()
    changed = {table: now[table] - _begun[table] for table in now | _begun if now[table] != _begun[table]}
    _begun.clear()
    _begun.update(now)
    return ", ".join(f"{table} {more:+d} rows" for table, more in sorted(changed.items()))


_begun: Counter[str] = Counter()
"""Rows of each table when the city was built."""


def _rows() -> Counter[str]:
    """By schema and table, as somebody sees them who stands outside of every test's transaction."""
    asked = """
        SELECT string_agg(format('SELECT %L, count(*) FROM %I.%I', nspname || '.' || relname, nspname, relname),
                          ' UNION ALL ')
          FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE relkind = 'r' AND (nspname = 'public' OR starts_with(nspname, 's_'))
    """
    with as_owner(), connections["default"].cursor() as cursor:
        cursor.execute(asked)
        ((counts,),) = cursor.fetchall()
        cursor.execute(counts)
        return Counter(dict(cursor.fetchall()))


def remove() -> None:
    """Drop the worker's database."""
    wrapper = connections["default"]
    name = wrapper.settings_dict["NAME"]
    wrapper.close()
    wrapper.close_pool()
    databases.drop_database(name)


@contextmanager
def real_commits() -> Iterator[None]:
    """What is committed in here, whoever does it takes back; the city's log, which only grows, is wound back with it."""
    with as_owner():
        head = Head.objects.get()
    try:
        yield
    finally:
        with as_owner(), connections["default"].cursor() as cursor:
            cursor.execute("DELETE FROM audit_entry WHERE position > %s", [head.position])
            cursor.execute("DELETE FROM audit_seal WHERE number > %s", [head.sealed])
            Head.objects.all().delete()
            head.save(force_insert=True)
        connections["default"].close()


@contextmanager
def passing_school() -> Iterator[School]:
    """湖滨区门口小学, whose commits are real; gone afterwards with all it has."""
    from tests.fleet.stage import close_school

    lake = District.objects.get(code="330102")
    school = provisioning.open_school(
        code="3301020098", name="湖滨区门口小学", district=lake, stage=Stage.PRIMARY, kind=Kind.URBAN,
        size_class=SizeClass.SMALL, now=NOON,
    )  # fmt: skip
    try:
        yield school
    finally:
        close_school(school)


def os_worker() -> str:
    """This process's name among xdist's workers."""
    return os.environ.get("PYTEST_XDIST_WORKER", "alone")
