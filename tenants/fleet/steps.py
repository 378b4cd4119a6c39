"""What one migration does to a school: the template's statements, or Django's operations if it runs Python."""

import re
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tenants import context, roles
from tenants.fleet import catalogue, plan
from tenants.fleet.plan import Key, Plan
from tenants.models import FleetStep, School

Move = tuple[Operation, ProjectState, ProjectState]
"""An operation with the states before and after it."""
NAMED = re.compile(r'^(?:CREATE TABLE "([^"]+)"|ALTER TABLE "[^"]+" RENAME TO "([^"]+)")')
"""A table's first name, or its next."""
GONE = re.compile(r'^(?:DROP TABLE|ALTER TABLE(?= "[^"]+" RENAME TO)) "([^"]+)"')
RECORD = "INSERT INTO django_migrations (app, name, applied) VALUES (%s, %s, %s)"


@dataclass(frozen=True)
class Step:
    """Ready to be done in any number of schools: `statements`, or `moves` for a migration that runs Python."""

    key: Key
    statements: tuple[str, ...]
    moves: tuple[Move, ...]

    @property
    def name(self) -> str:
        return ".".join(self.key)

    def take(self, school: School, *, now: datetime) -> None:
        """Do it in one school, with its record. Inside the caller's transaction."""
        with context.as_owner(school.schema_name), connection.cursor() as cursor:
            self._move()
            record = connection.ops.compose_sql(RECORD, [*self.key, now])  # type: ignore[attr-defined]  # PostgreSQL only
            tables = self._new_tables(school.schema_name)
            grants = roles.grant_tables(school.schema_name, tables) if tables else []
            # One text, one round trip; a statement may end in a comment.
            cursor.execute("\n;\n".join([*self.statements, record, *grants]))

    def _new_tables(self, schema: str) -> list[str]:
        """Made or renamed here, as they are called in the end; after Python, which may make any, all tables."""
        if self.moves:
            return [table.name for table in catalogue.tables(schema)]
        names: list[str] = []
        for text in self.statements:
            names += [made or renamed for made, renamed in NAMED.findall(text)]
        gone = {name for text in self.statements for name in GONE.findall(text)}
        return [name for name in dict.fromkeys(names) if name not in gone]

    def _move(self) -> None:
        if not self.moves:
            return
        with connection.schema_editor() as editor:
            for operation, before, after in self.moves:
                _forget_content_types(before)
                operation.database_forwards(self.key[0], editor, before, after)


def ready(wanted: set[Key]) -> list[Step]:
    """The wanted steps in the template's order. States of Python steps are made here, once for the fleet."""
    kept = [row for row in FleetStep.objects.order_by("position") if (row.app, row.name) in wanted]
    python = {(row.app, row.name) for row in kept if row.statements is None}
    moves = _moves(plan.of_schools(), python) if python else {}
    return [
        Step(
            key=(row.app, row.name),
            statements=tuple(row.statements or ()),
            moves=moves.get((row.app, row.name), ()),
        )
        for row in kept
    ]


def _moves(plan_of_schools: Plan, wanted: set[Key]) -> dict[Key, tuple[Move, ...]]:
    found = {}
    for migration, state in plan_of_schools.states(wanted):
        moves = []
        for operation in migration.operations:
            before = state.clone()
            operation.state_forwards(migration.app_label, state)
            moves.append((operation, before, state.clone()))
        found[plan.key_of(migration)] = tuple(moves)
    return found


def _forget_content_types(state: ProjectState) -> None:
    """Its cache holds the numbers of the school before: the same type has another number in each school."""
    if ("contenttypes", "contenttype") in state.models:
        state.apps.get_model("contenttypes", "ContentType").objects.clear_cache()
