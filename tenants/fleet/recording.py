"""Runs migrations in one schema through Django, and writes down every statement that they execute."""

from collections.abc import Callable
from datetime import datetime

from django.db import connection, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder
from django.db.migrations.state import ProjectState

from tenants import context
from tenants.fleet.plan import Key, Plan, key_of, runs_python

Statements = list[str] | None
"""None stands for a migration that runs Python."""
Note = Callable[[Migration, Statements], None]


def migrate_schema(schema: str, plan: Plan, applied: set[Key], *, now: datetime, note: Note) -> list[Key]:
    """Run what is missing, each migration in a transaction with its record and note. Returns what was run.

    Unlike Django's migrate command it sends no post_migrate: content types are made when first asked for, and
    rights are an enum, so no schema needs Django's rows of permissions.
    """
    missing = {key_of(migration) for migration in plan.missing(applied)}
    with context.as_owner(schema):
        for migration, state in plan.states(missing):
            with transaction.atomic():
                statements = _run(migration, state, applied)
                _record(migration, applied, now)
                note(migration, None if runs_python(migration) else statements)
    return sorted(missing)


def _run(migration: Migration, state: ProjectState, applied: set[Key]) -> list[str]:
    if migration.replaces and set(migration.replaces) <= applied:
        migration.mutate_state(state, preserve=False)
        return []  # a squash of what is there already: only its name is new
    statements: list[str] = []
    with _recording_editor(statements, atomic=migration.atomic) as editor:
        migration.apply(state, editor)
    return statements


def _record(migration: Migration, applied: set[Key], now: datetime) -> None:
    names = [name for name in [*migration.replaces, key_of(migration)] if name not in applied]
    rows = MigrationRecorder(connection).Migration
    rows.objects.bulk_create([rows(app=app, name=name, applied=now) for app, name in names])
    applied.update(names)


def _recording_editor(statements: list[str], *, atomic: bool) -> BaseDatabaseSchemaEditor:
    """Django's schema editor of this database, which also appends to `statements`."""

    class Recording(connection.SchemaEditorClass):  # type: ignore[misc, name-defined]
        def execute(self, sql: object, params: object = ()) -> None:
            text = str(sql) if params is None else self.connection.ops.compose_sql(str(sql), params)
            statements.append(text)
            super().execute(text, None)

    editor: BaseDatabaseSchemaEditor = Recording(connection, atomic=atomic)
    return editor
