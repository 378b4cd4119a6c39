"""Set-based statements of the demo, and what tells the planner of them."""

from collections.abc import Iterable
from typing import Any

from django.db import connection, models
from psycopg import sql

from tenants import context
from tenants.models import School


def statement(text: str, values: dict[str, Any]) -> int:
    """One set-based statement; gives how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(text, values)
        written: int = cursor.rowcount
    return written


def analyse(school: School, tables: Iterable[type[models.Model]]) -> None:
    """Tell the planner what was loaded: without it a join of fresh tables takes ten times as long."""
    names = sql.SQL(", ").join(sql.Identifier(model._meta.db_table) for model in tables)
    with context.as_owner(school.schema_name), connection.cursor() as cursor:
        cursor.execute(sql.SQL("ANALYZE {}").format(names))
