"""Stage of the fleet's tests: a database of their own (they change schemas), small schools, migrations to try."""

import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from textwrap import dedent, indent
from uuid import uuid4

from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections
from django.test import override_settings
from psycopg import connect

from schools.people import migrations as people_migrations
from tenants import context, provisioning, roles, stamps
from tenants.models import District, School
from tests import city, databases
from tests.fleet.small_settings import SMALL

NOON = datetime(2026, 9, 1, 4, 0, tzinfo=UTC)


@contextmanager
def own_database() -> Iterator[str]:
    """A fresh database with the city's schema and a small template, dropped afterwards with its roles."""
    name = f"test_fleet_{city.os_worker()}"
    before = connections["default"].settings_dict["NAME"]
    databases.drop(name)
    databases.create(name)
    databases.go_to(name)
    try:
        with override_settings(**SMALL):
            _forget_stamps()
            provisioning.install()
            District.objects.create(code="330199", name="试验区")
            yield name
    finally:
        _forget_stamps()
        databases.go_to(before)
        databases.drop(name)


def a_school(number: int = 1, **more: object) -> School:
    """School 3301990001 and so on, opened unless it is there."""
    facts = {
        "code": f"330199{number:04d}",
        "name": f"试验小学{number}",
        "district": District.objects.get(code="330199"),
        "stage": "primary",
        "kind": "urban",
        "size_class": "small",
        **more,
    }
    return provisioning.open_school(**facts, now=NOON)


@contextmanager
def migrations(folder: Path, **operations: str) -> Iterator[None]:
    """The code with more migrations of `people`: name = text of its operations."""
    package = f"later_{uuid4().hex}"
    shutil.copytree(Path(people_migrations.__path__[0]), folder / package, ignore=lambda *_: {"__pycache__"})
    last = max(path.stem for path in (folder / package).glob("0*.py"))
    for number, (name, text) in enumerate(operations.items(), start=1):
        full = f"9{number:03d}_{name}"
        (folder / package / f"{full}.py").write_text(_migration(last, text))
        last = full
    sys.path.insert(0, str(folder))
    try:
        with override_settings(MIGRATION_MODULES={"people": package}):
            _forget_stamps()
            yield
    finally:
        sys.path.remove(str(folder))
        _forget_stamps()


def _migration(after: str, text: str) -> str:
    body, _, head = text.partition("---")
    extra = "" if "operations" in body else "operations = "
    return "\n".join(
        [
            "import uuid",
            "from django.db import migrations, models",
            "from django.db.models import Q, F",
            dedent(head),
            "class Migration(migrations.Migration):",
            f"    dependencies = [('people', '{after}')]",
            indent(f"{extra}{dedent(body).strip()}", "    "),
        ]
    )


def by_django(schema: str) -> None:
    """The peer: a schema made by django-tenants' own migrate_schemas."""
    with context.as_owner(), connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{schema}" CASCADE')
        cursor.execute(f'CREATE SCHEMA "{schema}"')
    with context.as_owner(schema):
        for label in sorted({app for app, _name in stamps.school_migrations()}):
            call_command("migrate_schemas", label, schema_name=schema, verbosity=0, interactive=False)


def close_school(school: School) -> None:
    """As if it had never been."""
    with context.as_owner(), connection.cursor() as cursor:
        cursor.execute(f'DROP SCHEMA IF EXISTS "{school.schema_name}" CASCADE')
        cursor.execute(f'DROP ROLE "{roles.of_school(school.schema_name)}"')
        cursor.execute("DELETE FROM tenants_host WHERE tenant_id = %s", [school.pk])
        cursor.execute("DELETE FROM tenants_school WHERE id = %s", [school.pk])


@contextmanager
def somebody_else() -> Iterator[object]:
    """A second connection to the same database, in a transaction of its own."""
    other = connect(**connection.get_connection_params() | {"cursor_factory": None})
    try:
        yield other
    finally:
        other.close()


def address() -> str:
    """DATABASE_URL of the database at hand, for processes of their own."""
    head, _, _ = settings.DATABASE_URL.rpartition("/")
    return f"{head}/{connection.settings_dict['NAME']}"


def _forget_stamps() -> None:
    for cached in (
        stamps.code_stamp,
        stamps.school_migrations,
        stamps.city_migrations,
        stamps.school_labels,
    ):
        cached.cache_clear()
