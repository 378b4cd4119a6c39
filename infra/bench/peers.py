"""The peers: what django-tenants does itself, timed on a sample of schemas in the same database."""

from django.conf import settings
from django.core.management import call_command
from django.db import connection
from django_tenants.clone import CloneSchema

from infra.bench.stage import Clock
from tenants import context, roles


def migrate_schemas(schema: str) -> float:
    """Seconds of the stock command for one schema, whatever it finds to do."""
    with Clock() as clock, context.as_owner(schema):
        call_command("migrate_schemas", schema_name=schema, verbosity=0, interactive=False)
    return clock.seconds


def open_by_migrations(schema: str) -> float:
    """Seconds to make a schema and migrate it."""
    with context.as_owner(), connection.cursor() as cursor:
        cursor.execute(f"CREATE SCHEMA {roles.identifier(schema)}")
    return migrate_schemas(schema)


def open_by_clone(schema: str) -> float:
    """Seconds of django-tenants' clone of the template; its function should be there already."""
    with Clock() as clock, context.as_owner():
        CloneSchema().clone_schema(settings.TEMPLATE_SCHEMA, schema, "DATA")
    connection.close()  # the function leaves a search path of its own behind
    return clock.seconds
