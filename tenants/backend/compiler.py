"""Django's INSERT, UPDATE and DELETE, which also say which rows of a sealed table they wrote (afterbell.kernel.writes)."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db import transaction
from django.db.backends.postgresql import compiler
from django.db.models.sql.compiler import SQLCompiler as AnyCompiler
from django.db.models.sql.constants import CURSOR

from afterbell.kernel import writes

SQLAggregateCompiler = compiler.SQLAggregateCompiler
SQLCompiler = compiler.SQLCompiler


def _transaction(connection: Any, using: str | None) -> AbstractContextManager[object]:
    """What hears of a write writes too, in the same transaction; a statement that stands alone gets one."""
    return nullcontext() if connection.in_atomic_block else transaction.atomic(using=using)


class SQLInsertCompiler(compiler.SQLInsertCompiler):
    """The keys are known before, but for rows that may be there already."""

    query: Any
    using: str

    @property
    def _must_ask(self) -> bool:
        return self.query.on_conflict is not None and writes.wanted(self.query.model)

    def as_sql(self) -> Any:  # type: ignore[override]  # as Django's own differs
        statements = super().as_sql()
        if not self._must_ask:
            return statements
        key = self.connection.ops.quote_name(self.query.model._meta.pk.column)
        return [(f"{sql} RETURNING {key}::text", params) for sql, params in statements]

    def execute_sql(self, returning_fields: Any = None) -> Any:  # type: ignore[override]
        model = self.query.model
        if not writes.wanted(model):
            return super().execute_sql(returning_fields)
        with _transaction(self.connection, self.using):
            if not self._must_ask:
                found = super().execute_sql(returning_fields)
                writes.tell(model, [row.pk for row in self.query.objs])
                return found
            self.returning_fields = None
            with self.connection.cursor() as cursor:
                for sql, params in self.as_sql():
                    cursor.execute(sql, params)
                    writes.tell(model, [key for (key,) in cursor.fetchall()])
        return []


class Telling(AnyCompiler):
    """A statement that gives back the keys of the rows that it wrote."""

    query: Any

    def columns(self) -> list[str] | None:
        """Those that are written; None for all."""
        return None

    def as_sql(self, *args: Any, **kwargs: Any) -> Any:
        sql, params = super().as_sql(*args, **kwargs)
        if sql and self._is_heard():
            meta = self.query.model._meta
            quote = self.connection.ops.quote_name
            sql = f"{sql} RETURNING {quote(meta.db_table)}.{quote(meta.pk.column)}::text"
        return sql, params

    def _is_heard(self) -> bool:
        return writes.wanted(self.query.model, self.columns())

    def _told(self) -> int:
        """Runs it, tells, and gives how many rows it wrote."""
        with _transaction(self.connection, self.using):
            cursor = AnyCompiler.execute_sql(self, CURSOR)
            if cursor is None:
                return 0
            with cursor:
                keys: Sequence[Any] = cursor.fetchall()
            writes.tell(self.query.model, [key for (key,) in keys])
        return len(keys)


class SQLUpdateCompiler(Telling, compiler.SQLUpdateCompiler):
    def columns(self) -> list[str] | None:
        return [field.column for field, _model, _value in self.query.values]

    def execute_sql(self, result_type: Any) -> Any:  # type: ignore[override]  # as Django's own differs
        return self._told() if self._is_heard() else super().execute_sql(result_type)


class SQLDeleteCompiler(Telling, compiler.SQLDeleteCompiler):
    def execute_sql(self, result_type: Any = None, *args: Any, **kwargs: Any) -> Any:
        return self._told() if self._is_heard() else super().execute_sql(result_type, *args, **kwargs)


__all__ = [
    "SQLAggregateCompiler",
    "SQLCompiler",
    "SQLDeleteCompiler",
    "SQLInsertCompiler",
    "SQLUpdateCompiler",
]
