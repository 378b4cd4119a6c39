"""Names and rights of the database roles: one a school, one for the city, read-only ones for the bureaus.

Roles belong to the whole server, so their names begin with the database's. They own nothing and can't log in; the
application's login role takes them on (`SET ROLE`). Whoever works in a school has no right on any other schema.
"""

from collections import defaultdict
from collections.abc import Collection

from django.conf import settings
from django.db import connection
from psycopg import sql

BUREAU_RO = "bureau_ro"
PRICE_RO = "price_ro"
APPEND_ONLY = ("audit_entry",)
"""Tables of every schema whose rows are written once; architecture §7."""
CITY_APPEND_ONLY = (*APPEND_ONLY, "oversight_alertevent")
"""In the city, what was seen and said about an alert too."""
SCHOOL_APPEND_ONLY = (
    *APPEND_ONLY,
    "care_operation",
    "committee_vote",
    "enrolment_review",
    "finance_payment",
    "finance_statement",
    "finance_transfer",
    "notices_notice",
    "people_change",
    "staffing_check",
    "voice_rating",
)
"""In a school, money rows, votes, reviews and answers too: a correction is a new row (architecture §8)."""
SCHOOL_READS = (
    "tenants_district",
    "tenants_school",
    "tenants_host",
    "tenants_term",
    "tenants_calendaroverride",
    "tenants_policyprofile",
    "tenants_provider",
)
"""What a school may read of the public schema: who it is, its calendar, its rules, whom it may work with."""
FACT_TABLES = r"oversight\_%"
"""LIKE pattern of the public tables that the bureau's read-only role may see."""
PRICE_TABLES = r"oversight\_(schoolterm|schoolmonth|areaterm|areamonth|areapulse|pulse|cost.*)"
"""Regular expression of those that the price bureau's may see, without the columns of NOT_FOR_PRICES."""
NOT_FOR_PRICES = (
    "expected", "present", "excused", "handed_over", "incidents", "duties_without_clearance",
    "consultation_asked", "consultation_yes", "consultation_no", "applications", "waiting",
    "five_day_participants", "survey_invited", "survey_answers", "survey_score_sum", "survey_high",
    "complaints_forced", "children_charged_twice",
)  # fmt: skip
"""About children, and no cost needs it: the price officer sees costs, never children."""
BUREAUS_READ = ("tenants_district", "tenants_school", "tenants_term", "tenants_policyprofile")
"""The public register: who the schools are, and under which rules."""


def of_school(schema_name: str) -> str:
    return f"{_database()}_{schema_name}"


def of_schools() -> str:
    """The role whose members all schools are: what each of them may read of the public schema."""
    return f"{_database()}_schools"


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
        cursor.execute(f"SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = {literal}")  # noqa: S608  (a quoted literal)
        if cursor.fetchone() is None:
            cursor.execute(f"CREATE ROLE {identifier(role)} NOLOGIN NOINHERIT")
            cursor.execute(f"GRANT {identifier(role)} TO CURRENT_USER")


def make_school(schema_name: str) -> list[str]:
    """Statements that make a school's role anew: one of the same name can only be left from a dropped database."""
    role = identifier(of_school(schema_name))
    return [
        f"DROP ROLE IF EXISTS {role}",
        f"CREATE ROLE {role} NOLOGIN INHERIT",
        f"GRANT {role} TO CURRENT_USER",
        f"GRANT {identifier(of_schools())} TO {role}",
    ]


def grant_school(schema_name: str, tables: Collection[str]) -> list[str]:
    """Statements that give a school's role its own schema.

    What every school may read of the public one comes through `of_schools`: a right granted 2,000 times would not fit
    into the catalogue's row of a public table.
    """
    schema = identifier(schema_name)
    usage = f"GRANT USAGE ON SCHEMA {schema} TO {identifier(of_school(schema_name))}"
    return [usage, *grant_tables(schema_name, tables)]


def grant_tables(schema_name: str, tables: Collection[str]) -> list[str]:
    """Statements that give a school's role these tables of its schema, and all sequences."""
    role, schema = identifier(of_school(schema_name)), identifier(schema_name)
    rights: dict[str, list[str]] = defaultdict(list)
    for table in tables:
        rights[_rights_on(table)].append(f"{schema}.{identifier(table)}")
    return [
        *(f"GRANT {words} ON {', '.join(names)} TO {role}" for words, names in rights.items()),
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    ]


def _rights_on(table: str) -> str:
    if table == "django_migrations":
        return "SELECT"
    return "SELECT, INSERT" if table in SCHOOL_APPEND_ONLY else "SELECT, INSERT, UPDATE, DELETE"


def grant_public() -> list[str]:
    """Statements for the public schema: nobody by default, the city its tables, the bureaus' readers the facts."""
    city, schools = identifier(of_city()), identifier(of_schools())
    return [
        "REVOKE ALL ON SCHEMA public FROM PUBLIC",
        f"GRANT USAGE ON SCHEMA public TO {city}, {identifier(of_bureau())}, {identifier(of_price())}, {schools}",
        *(f"GRANT SELECT ON public.{table} TO {schools}" for table in SCHOOL_READS),
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {city}",
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {city}",
        f"REVOKE INSERT, UPDATE, DELETE ON public.django_migrations FROM {city}",
        *(
            f"REVOKE UPDATE, DELETE, TRUNCATE ON public.{identifier(table)} FROM {city}"
            for table in _of_the_city(CITY_APPEND_ONLY)
        ),
        *(
            f"GRANT SELECT ON public.{table} TO {identifier(of_bureau())}, {identifier(of_price())}"
            for table in BUREAUS_READ
        ),
        *(
            f"GRANT SELECT ON public.{identifier(table)} TO {identifier(of_bureau())}"
            for table in _fact_tables()
        ),
        *(
            f"REVOKE ALL ON public.{identifier(table)} FROM {identifier(of_price())}"
            for table in _fact_tables()
        ),
        *(
            f"GRANT SELECT ({', '.join(identifier(name) for name in names)}) ON public.{identifier(table)}"
            f" TO {identifier(of_price())}"
            for table, names in _price_columns().items()
        ),
    ]


def _price_columns() -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
            " AND table_name ~ %s AND NOT column_name = ANY(%s) ORDER BY table_name, ordinal_position",
            [f"^{PRICE_TABLES}$", list(NOT_FOR_PRICES)],
        )
        found: dict[str, list[str]] = defaultdict(list)
        for table, name in cursor.fetchall():
            found[table].append(name)
        return found


def _of_the_city(tables: Collection[str]) -> list[str]:
    """Those of them that this city has: a smaller one lacks the rooms above."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public' AND tablename = ANY(%s) ORDER BY 1",
            [list(tables)],
        )
        return [name for (name,) in cursor.fetchall()]


def _fact_tables() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = 'public' AND tablename LIKE %s ORDER BY 1",
            [FACT_TABLES],
        )
        return [name for (name,) in cursor.fetchall()]


def _database() -> str:
    return str(connection.settings_dict["NAME"] or settings.DATABASES["default"]["NAME"])
