"""Opens schools: schema, tables, role, rights, host and first rows, all in one transaction."""

from datetime import datetime

from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction

from tenants import context, roles
from tenants.models import District, Host, School
from tenants.stamps import code_stamp
from tenants.states import SchoolState


def install() -> None:
    """Bring the public schema and the city's and bureaus' roles to this code's state. Safe to repeat."""
    with context.as_owner():
        call_command("migrate_schemas", shared=True, verbosity=0, interactive=False)
        for role in (roles.of_city(), roles.of_bureau(), roles.of_price()):
            roles.ensure(role)
        with connection.cursor() as cursor:
            for statement in roles.grant_public():
                cursor.execute(statement)


def open_school(
    *, code: str, name: str, district: District, stage: str, kind: str, size_class: str, now: datetime
) -> School:
    """A school ready for its first login."""
    with context.as_owner(), transaction.atomic():
        school = School(
            code=code,
            schema_name=f"s_{code}",
            name=name,
            district=district,
            stage=stage,
            kind=kind,
            size_class=size_class,
            state=SchoolState.ACTIVE,
            schema_stamp=code_stamp(),
            opened_at=now,
        )
        school.full_clean()
        school.save()
        Host(domain=f"s{code}.{settings.DOMAIN}", tenant=school).save()
        roles.ensure(roles.of_school(school.schema_name))
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE SCHEMA {roles.identifier(school.schema_name)}")
    with context.as_owner(school.schema_name):
        call_command("migrate_schemas", schema_name=school.schema_name, verbosity=0, interactive=False)
    with context.as_owner(), connection.cursor() as cursor:
        for statement in roles.grant_school(school.schema_name):
            cursor.execute(statement)
    return school
