"""COPY into a table: the quickest way in for thousands of rows, through every constraint and the school's own role."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql

from afterbell.kernel.records import Record


def instances(rows: Iterable[models.Model]) -> int:
    """Model rows of one kind, all their columns; gives how many. Raises WrongSchool for a row of another school."""
    kept = list(rows)
    if not kept:
        return 0
    for row in kept:
        if isinstance(row, Record):
            row.ensure_home()
    fields = [field.attname for field in kept[0]._meta.concrete_fields]
    return tuples(type(kept[0]), fields, ([getattr(row, name) for name in fields] for row in kept))


def tuples(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Rows as tuples of these columns; gives how many."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            count += 1
    return count
