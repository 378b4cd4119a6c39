"""Tells whether two schemas are the same: tables, columns, constraints and indexes, in one canonical text."""

import hashlib
from collections.abc import Iterator

from django.db import connection, transaction

from afterbell.kernel.ids import uuid7
from tenants import context, roles
from tenants.fleet import catalogue, ddl
from tenants.fleet.catalogue import Table


def of(schema: str) -> str:
    """Equal for two schemas exactly when their tables, columns, constraints and indexes are equal."""
    return hashlib.sha256("\n".join(lines(schema)).encode()).hexdigest()


def lines(schema: str) -> list[str]:
    """The text behind the fingerprint, one line a fact, so that two schemas can be compared by eye."""
    return [*_facts(_settled(schema)), *(f"stranger {name}" for name in catalogue.strangers(schema))]


def _settled(schema: str) -> tuple[Table, ...]:
    """The schema as it reads after a replay.

    PostgreSQL prints an expression a little differently once it has read its own print (`a IN (…)`, nested AND). So
    what Django made and what was replayed are compared after one more replay, into a schema that is rolled back.
    """
    draft = f"draft_{uuid7().hex}"
    tables = catalogue.tables(schema)
    with context.as_owner(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {roles.identifier(draft)}")
        with context.as_owner(draft), connection.cursor() as cursor:
            cursor.execute(";\n".join(ddl.structure(tables)) or "SELECT 1")
        settled = catalogue.tables(draft)
        transaction.set_rollback(True)
    return settled


def _facts(tables: tuple[Table, ...]) -> Iterator[str]:
    for table in tables:
        yield f"table {table.name} {table.options or ''}"
        for column in table.columns:
            yield (
                f"column {table.name}.{column.name} {column.type} null={not column.not_null}"
                f" identity={column.identity} generated={column.generated} default={column.default}"
                f" collation={column.collation} sequence={column.sequence}"
            )
        for constraint in table.constraints:
            yield f"constraint {table.name}.{constraint.name} {constraint.definition}"
        for index in table.indexes:
            yield f"index {table.name}.{index.name} {index.definition}"
