"""Tells whether two schemas are the same: tables, columns, constraints, indexes and rights, in one canonical text."""

import hashlib
from collections.abc import Iterator

from django.db import connection, transaction

from afterbell.kernel.ids import uuid7
from tenants import context, roles
from tenants.fleet import catalogue, ddl, rights
from tenants.fleet.catalogue import Table


def of(schema: str) -> str:
    """Equal for two schemas exactly when their tables, columns, constraints, indexes and rights are equal."""
    return hashlib.sha256("\n".join(lines(schema)).encode()).hexdigest()


def lines(schema: str) -> list[str]:
    """The text behind the fingerprint, one line a fact, so that two schemas can be compared by eye."""
    return [*structure(schema), *rights.lines(schema)]


def structure(schema: str) -> list[str]:
    """The same without rights, for a schema that somebody else's tool has made."""
    tables = catalogue.tables(schema)
    facts = _facts(tables, _definitions(_replayed(tables)))
    return [*facts, *(f"stranger {name}" for name in catalogue.strangers(schema))]


def _replayed(tables: tuple[Table, ...]) -> tuple[Table, ...]:
    """The tables as they read after a replay into a schema that is rolled back.

    PostgreSQL prints an expression a little differently once it has read its own print (`a IN (…)`, nested AND). So
    the expressions of what Django made and of what was replayed are compared after one more replay.
    """
    draft = f"draft_{uuid7().hex}"
    with context.as_owner(), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {roles.identifier(draft)}")
        with context.as_owner(draft), connection.cursor() as cursor:
            cursor.execute(";\n".join(ddl.structure(tables)) or "SELECT 1")
        found = catalogue.tables(draft)
        transaction.set_rollback(True)
    return found


def _definitions(tables: tuple[Table, ...]) -> dict[tuple[str, str], str | None]:
    """Expressions by table and by name of column, constraint or index."""
    found: dict[tuple[str, str], str | None] = {}
    for table in tables:
        found |= {(table.name, f"column {column.name}"): column.default for column in table.columns}
        found |= {(table.name, f"constraint {one.name}"): one.definition for one in table.constraints}
        found |= {(table.name, f"index {index.name}"): index.definition for index in table.indexes}
    return found


def _facts(tables: tuple[Table, ...], definitions: dict[tuple[str, str], str | None]) -> Iterator[str]:
    """Everything as it is, but expressions as a replay prints them."""
    for table in tables:
        yield f"table {table.name} {table.options or ''}"
        for column in table.columns:
            yield (
                f"column {table.name}.{column.name} {column.type} null={not column.not_null}"
                f" identity={column.identity} generated={column.generated} collation={column.collation}"
                f" sequence={column.sequence} default={definitions[table.name, f'column {column.name}']}"
            )
        for one in table.constraints:
            yield f"constraint {table.name}.{one.name} {definitions[table.name, f'constraint {one.name}']}"
        for index in table.indexes:
            yield f"index {table.name}.{index.name} {definitions[table.name, f'index {index.name}']}"
