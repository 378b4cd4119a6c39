"""The template as one text of statements that makes another schema just like it, with its first rows."""

from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.db import connection

from afterbell.kernel.ids import uuid7
from tenants import context, roles
from tenants.fleet import catalogue, ddl
from tenants.fleet.catalogue import Table
from tenants.fleet.errors import NotPortable, TemplateBehind
from tenants.stamps import code_stamp, stamp_of

MIGRATIONS = "django_migrations"


@dataclass(frozen=True)
class Blueprint:
    """What opening a school replays. `keys` are the template's UUIDs in `first_rows`; each school gets its own."""

    structure: str
    first_rows: str
    keys: tuple[str, ...]
    tables: tuple[str, ...]

    def statements(self) -> str:
        """One text of many statements for a schema that is alone in the search path."""
        rows = self.first_rows
        for key in self.keys:
            rows = rows.replace(key, str(uuid7()))
        return f"{self.structure};\n{rows}"


def of_template() -> Blueprint:
    """Read once for this database and this code. Raises TemplateBehind, NotPortable."""
    return _read(str(connection.settings_dict["NAME"]), settings.TEMPLATE_SCHEMA, code_stamp())


@cache
def _read(_database: str, schema: str, stamp: str) -> Blueprint:
    tables = catalogue.tables(schema)
    if not tables or stamp_of(_migrations(schema)) != stamp:
        raise TemplateBehind
    strangers = catalogue.strangers(schema)
    if strangers:
        raise NotPortable(what=", ".join(strangers))
    rows, keys = _first_rows(schema, tables)
    return Blueprint(
        structure=";\n".join(ddl.structure(tables)),
        first_rows=";\n".join(rows),
        keys=keys,
        tables=tuple(table.name for table in tables),
    )


def _first_rows(schema: str, tables: tuple[Table, ...]) -> tuple[list[str], tuple[str, ...]]:
    """INSERTs of every row that the template's migrations left, and the UUID keys among them."""
    statements: list[str] = []
    keys: list[str] = []
    for table in ddl.by_need(tables):
        columns = [column.name for column in table.columns if not column.generated]
        values = " || ', ' || ".join(f"pg_catalog.quote_nullable({_quoted(name)}::text)" for name in columns)
        rows = _texts(schema, f"SELECT {values} FROM {_quoted(table.name)}")  # noqa: S608  (quoted names)
        if rows:
            names = ", ".join(map(_quoted, columns))
            statements.append(f"INSERT INTO {_quoted(table.name)} ({names}) VALUES ({'), ('.join(rows)})")  # noqa: S608
            statements += _restarts(schema, table)
            keys += _keys(schema, table)
    return statements, tuple(keys)


def _restarts(schema: str, table: Table) -> list[str]:
    """Sequences go on behind the rows that were copied with their numbers."""
    name = _quoted(table.name)
    return [
        f"ALTER TABLE {name} ALTER COLUMN {_quoted(column.name)} RESTART WITH {last}"
        for column in table.columns
        if column.identity
        for last in _texts(schema, f"SELECT max({_quoted(column.name)}) + 1 FROM {name}")  # noqa: S608  (quoted)
    ]


def _keys(schema: str, table: Table) -> list[str]:
    if any(column.name == "id" and column.type == "uuid" for column in table.columns):
        return _texts(schema, f"SELECT id::text FROM {_quoted(table.name)}")  # noqa: S608  (quoted)
    return []


def _texts(schema: str, query: str) -> list[str]:
    with context.as_owner(schema), connection.cursor() as cursor:
        cursor.execute(query)
        return [str(row[0]) for row in cursor.fetchall()]


def _migrations(schema: str) -> tuple[tuple[str, str], ...]:
    with context.as_owner(schema), connection.cursor() as cursor:
        cursor.execute(f"SELECT app, name FROM {MIGRATIONS}")  # noqa: S608  (a constant)
        return tuple(cursor.fetchall())


def _quoted(name: str) -> str:
    return roles.identifier(name)
