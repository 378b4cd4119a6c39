"""The city's own schema and the template school: migrated by Django, the template with each statement kept."""

from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations import Migration
from django.db.migrations.recorder import MigrationRecorder

from afterbell.audit import actions as audit
from tenants import context, roles
from tenants.fleet import plan, recording, rights
from tenants.fleet.plan import Key
from tenants.models import FleetStep


def migrate_city(*, now: datetime) -> list[Key]:
    """The public schema and the rights of city and bureaus. Returns the migrations that were run."""
    applied = plan.applied_in(context.PUBLIC)
    ran = _migrate(context.PUBLIC, plan.of_city(), applied, now=now, note=_keep_nothing)
    if ran:
        with context.as_owner(), transaction.atomic():
            audit.catch_up(now=now)
    rights.mend([context.PUBLIC])
    return ran


def migrate_template(*, now: datetime) -> list[Key]:
    """The template school, one FleetStep a migration. Returns the migrations that were run."""
    schema = settings.TEMPLATE_SCHEMA
    applied = plan.applied_in(schema)
    plan_of_schools = plan.of_schools()
    plan.refuse_newer(schema, plan_of_schools, applied)
    plan.refuse_not_atomic(plan_of_schools.missing(applied))
    position = FleetStep.objects.count()  # one migrate at a time: tenants.fleet.guard

    def keep(migration: Migration, statements: recording.Statements) -> None:
        nonlocal position
        position += 1
        app, name = plan.key_of(migration)
        with context.as_owner():
            FleetStep.objects.create(
                app=app, name=name, position=position, statements=statements, applied_at=now
            )

    with context.as_owner(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {roles.identifier(schema)}")
    ran = _migrate(schema, plan_of_schools, applied, now=now, note=keep)
    if ran:
        with context.as_owner(schema):
            audit.begin()
    rights.mend([schema])  # nobody works there; so that a school's rights can be compared with it
    return ran


def _keep_nothing(_migration: Migration, _statements: recording.Statements) -> None:
    """There is one city: nothing to replay."""


def _migrate(
    schema: str, plan_of_schema: plan.Plan, applied: set[Key], *, now: datetime, note: recording.Note
) -> list[Key]:
    with context.as_owner(schema):
        if not applied:
            MigrationRecorder(connection).ensure_schema()
        return recording.migrate_schema(schema, plan_of_schema, applied, now=now, note=note)
