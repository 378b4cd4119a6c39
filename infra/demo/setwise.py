"""Set-based statements of the demo, and what tells the planner of them."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, models
from psycopg import sql

from afterbell.kernel import writes
from tenants import context
from tenants.models import School


def statement(text: str, values: dict[str, Any], *, of: type[models.Model], key: str = "id") -> int:
    """One set-based statement that writes rows of one table; gives how many, and has them sealed."""
    with connection.cursor() as cursor:
        cursor.execute(f"{text.rstrip().removesuffix(';')} RETURNING {key}::text", values)
        keys = [found for (found,) in cursor.fetchall()]
    writes.tell(of, keys)
    return len(keys)


def analyse(school: School, tables: Iterable[type[models.Model]]) -> None:
    """Tell the planner what was loaded: without it a join of fresh tables takes ten times as long."""
    names = sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in tables)
    with context.as_owner(school.schema_name), connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(names))
