"""Which migrations there are on disk for the city and for schools, in the order in which they run."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.apps import apps
from django.conf import settings
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import SeparateDatabaseAndState
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from tenants import context
from tenants.fleet.errors import NotAtomic, UnknownMigrations

Key = tuple[str, str]
"""App label and name of a migration."""


@dataclass(frozen=True)
class Plan:
    """Migrations on disk that one kind of schema needs, in order; those of other labels are there for the state only."""

    loader: MigrationLoader
    order: tuple[Migration, ...]
    labels: frozenset[str]

    def ours(self) -> list[Migration]:
        return [migration for migration in self.order if migration.app_label in self.labels]

    def missing(self, applied: set[Key]) -> list[Migration]:
        return [migration for migration in self.ours() if key_of(migration) not in applied]

    def states(self, wanted: set[Key]) -> Iterator[tuple[Migration, ProjectState]]:
        """Each wanted migration with the state before it; who takes it moves it on (Migration.apply)."""
        state = ProjectState(real_apps=self.loader.unmigrated_apps)
        left = set(wanted)
        for migration in self.order:
            if not left:
                return  # nobody needs the states after it
            if key_of(migration) in wanted:
                left.discard(key_of(migration))
                yield migration, state
            else:
                migration.mutate_state(state, preserve=False)


def of_city() -> Plan:
    """Migrations of the public schema."""
    return _plan(settings.SHARED_APPS)


def of_schools() -> Plan:
    """Migrations of a school's schema."""
    return _plan(settings.TENANT_APPS)


def key_of(migration: Migration) -> Key:
    return (migration.app_label, migration.name)


def applied_in(schema: str) -> set[Key]:
    """What a schema has, by its own record. One query; nothing yet is an empty set."""
    with context.as_owner(schema), connection.cursor() as cursor:
        # Asked of the catalogue by name, because Django's own question walks every schema of the fleet.
        cursor.execute(
            "SELECT 1 FROM pg_catalog.pg_tables WHERE schemaname = %s AND tablename = 'django_migrations'",
            [schema],
        )
        if cursor.fetchone() is None:
            return set()
        cursor.execute("SELECT app, name FROM django_migrations")
        return {(app, name) for app, name in cursor.fetchall()}


def runs_python(migration: Migration) -> bool:
    """True for a migration whose work is not a list of statements."""
    return any(not operation.reduces_to_sql for operation in _flat(migration.operations))


def refuse_not_atomic(migrations: list[Migration]) -> None:
    """Raises NotAtomic with the first that can't run inside a transaction."""
    for migration in migrations:
        if not migration.atomic:
            raise NotAtomic(name=".".join(key_of(migration)))


def refuse_newer(schema: str, plan: Plan, applied: set[Key]) -> None:
    """Raises UnknownMigrations when a schema is ahead of the code. A squash keeps its `replaces` for this."""
    known = {key for migration in plan.ours() for key in [key_of(migration), *migration.replaces]}
    unknown = sorted(key for key in applied - known if key[0] in plan.labels)
    if unknown:
        raise UnknownMigrations(schema=schema, names=", ".join(".".join(key) for key in unknown[:3]))


def _plan(app_names: list[str]) -> Plan:
    labels = frozenset(config.label for config in apps.get_app_configs() if config.name in app_names)
    loader = MigrationLoader(None, ignore_no_migrations=True)
    order: dict[Key, Migration] = {}
    for leaf in sorted(loader.graph.leaf_nodes()):
        if leaf[0] in labels:  # what only others need would cost time to render
            for key in loader.graph.forwards_plan(leaf):
                order.setdefault(key, loader.graph.nodes[key])
    return Plan(loader=loader, order=tuple(order.values()), labels=labels)


def _flat(operations: Sequence[Operation]) -> Iterator[Operation]:
    for operation in operations:
        yield operation
        if isinstance(operation, SeparateDatabaseAndState):
            yield from _flat(operation.database_operations)
