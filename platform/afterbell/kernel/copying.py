"""COPY into a table: the quickest way in for thousands of rows, through every constraint and the school's own role."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from django.db import connection, models
from psycopg import sql

from afterbell.kernel import writes
from afterbell.kernel.records import at_home

Model = TypeVar("Model", bound=models.Model)


def instances(rows: Iterable[models.Model]) -> int:
    """Model rows of one kind, all their columns; gives how many. Raises WrongSchool for a row of another school."""
    kept = at_home(rows)
    if not kept:
        return 0
    columns = _columns(type(kept[0]))
    return tuples(type(kept[0]), columns, ([getattr(row, name) for name in columns] for row in kept))


def as_read(model: type[Model], rows: Iterable[Mapping[str, Any]]) -> list[Model]:
    """Rows by column, all their columns; gives them as if they had been read, which costs less than to make them."""
    columns = _columns(model)
    kept = [[row[name] for name in columns] for row in rows]
    tuples(model, columns, kept)
    return [model.from_db(connection.alias, columns, row) for row in kept]


def tuples(model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """Rows as tuples of these columns; gives how many. What a constraint refuses is Django's IntegrityError, as ever."""
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(
        sql.Identifier(model._meta.db_table), sql.SQL(", ").join(map(sql.Identifier, columns))
    )
    count, place, keys = 0, columns.index(model._meta.pk.attname), []
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            keys.append(row[place])
            count += 1
    writes.tell(model, keys)
    return count


def _columns(model: type[models.Model]) -> list[str]:
    return [field.attname for field in model._meta.concrete_fields]
