"""Names and rights of the database roles: one a school, one for the city, read-only ones for the bureaus.

Roles belong to the whole server, so their names begin with the database's. They own nothing and can't log in; the
application's login role takes them on (`SET ROLE`). Whoever works in a school has no right on any other schema.
"""

from django.conf import settings
from django.db import connection
from psycopg import sql

BUREAU_RO = "bureau_ro"
PRICE_RO = "price_ro"
APPEND_ONLY = ("audit_entry",)
"""Tables of every schema whose rows are written once; architecture §7."""
SCHOOL_READS = (
    "tenants_district",
    "tenants_school",
    "tenants_host",
    "tenants_term",
    "tenants_calendaroverride",
    "tenants_policyprofile",
)
"""What a school may read of the public schema: who it is, its calendar, its rules."""
FACT_TABLES = "oversight\\_%"
"""LIKE pattern of the public tables that the bureaus' read-only roles may see."""


def of_school(schema_name: str) -> str:
    return f"{_database()}_{schema_name}"


def of_city() -> str:
    return f"{_database()}_city"


def of_bureau() -> str:
    return f"{_database()}_{BUREAU_RO}"


def of_price() -> str:
    return f"{_database()}_{PRICE_RO}"


def identifier(name: str) -> str:
    """A quoted identifier, for statements that take no parameters."""
    return sql.Identifier(name).as_string()


def ensure(role: str) -> None:
    """Create the role unless it is there, and let the login role take it on."""
    literal = sql.Literal(role).as_string()
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = {literal}")
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {identifier(role)} NOLOGIN NOINHERIT")
            cursor.execute(f"GRANT {identifier(role)} TO CURRENT_USER")


def grant_school(schema_name: str) -> list[str]:
    """Statements that give a school's role its own schema, and of the public one only what every school may read."""
    role, schema = identifier(of_school(schema_name)), identifier(schema_name)
    append_only = [
        f"REVOKE UPDATE, DELETE, TRUNCATE ON {schema}.{identifier(table)} FROM {role}" for table in APPEND_ONLY
    ]
    return [
        f"GRANT USAGE ON SCHEMA {schema} TO {role}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA {schema} TO {role}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
        f"REVOKE INSERT, UPDATE, DELETE ON {schema}.django_migrations FROM {role}",
        *append_only,
        f"GRANT USAGE ON SCHEMA public TO {role}",
        *(f"GRANT SELECT ON public.{table} TO {role}" for table in SCHOOL_READS),
    ]


def grant_public() -> list[str]:
    """Statements for the public schema: nobody by default, the city its tables, the bureaus' readers the facts."""
    city = identifier(of_city())
    return [
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {city}, {identifier(of_bureau())}, {identifier(of_price())}",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {city}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {city}",
        f"REVOKE INSERT, UPDATE, DELETE ON public.django_migrations FROM {city}",
        *(f"REVOKE UPDATE, DELETE, TRUNCATE ON public.{identifier(table)} FROM {city}" for table in APPEND_ONLY),
    ]


def _database() -> str:
    return str(connection.settings_dict["NAME"] or settings.DATABASES["default"]["NAME"])
