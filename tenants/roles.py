"""Names and rights of the database roles: one a school, one for the city, read-only ones for the bureaus.

Roles belong to the whole server, so their names begin with the database's. They own nothing and can't log in; the
application's login role takes them on (`SET ROLE`). Whoever works in a school has no right on any other schema.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping

from django.conf import settings
from django.db import connection
from psycopg import sql

BUREAU_RO = "bureau_ro"
PRICE_RO = "price_ro"
LETTERS = "letters"
APPEND_ONLY = ("audit_entry", "audit_seal")
"""Tables of every schema whose rows are written once; architecture §7."""
CITY_APPEND_ONLY = (
    *APPEND_ONLY,
    "anchors_chainanchor",
    "anchors_chainflaw",
    "disclosure_release",
    "oversight_alertevent",
    "letterbox_step",
)
"""In the city too: ends of the schools' chains, what was published, what was seen and said about an alert or a complaint."""
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
FACTS = "oversight_"
"""How the names of the public tables begin that the bureau's read-only role may see."""
PRICE_TABLES = r"oversight\_(schoolterm|schoolmonth|areaterm|areamonth|areapulse|pulse|cost.*)"
"""Regular expression of those that the price bureau's may see, without the columns of NOT_FOR_PRICES."""
NOT_FOR_PRICES = (
    "expected", "present", "excused", "handed_over", "incidents", "duties_without_clearance",
    "consultation_asked", "consultation_yes", "consultation_no", "applications", "waiting",
    "five_day_participants", "survey_invited", "survey_answers", "survey_score_sum", "survey_high",
    "complaints_forced", "complaints_illegal_teaching", "complaints_unheard", "complaints_unheard_in_time",
    "complaints_unheard_repeated", "complaints_unheard_waiting", "complaints_late", "complaints_fee",
    "complaints_safety", "complaints_staff", "complaints_content",
    "children_charged_twice",
)  # fmt: skip
"""About children, and no cost needs it: the price officer sees costs, never children."""
LETTER_TABLES: Mapping[str, tuple[str, ...]] = {
    "letterbox_bureaucomplaint": ("SELECT", "INSERT", "UPDATE"),
    "letterbox_step": ("SELECT", "INSERT"),
    "letterbox_passing": ("SELECT",),
    "audit_entry": ("SELECT", "INSERT"),
    "audit_head": ("SELECT", "INSERT", "UPDATE"),
    "audit_seal": ("SELECT", "INSERT"),
}
"""What a family's own request may do in the public schema: its complaint to the bureau, and the city's audit entry."""
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


def of_letters() -> str:
    return f"{_database()}_{LETTERS}"


def identifier(name: str) -> str:
    """A quoted identifier, for statements that take no parameters."""
    return sql.Identifier(name).as_string()


def make(role: str) -> list[str]:
    """Statements that make a role of the city's, for the login role to take on."""
    return [
        f"CREATE ROLE {identifier(role)} NOLOGIN NOINHERIT",
        f"GRANT {identifier(role)} TO CURRENT_USER",
    ]


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
    """Statements that give a school's role just its rights on these tables of its schema, and all sequences.

    What a table had before is taken first: one that was renamed brings the rights of its old name.
    """
    role, schema = identifier(of_school(schema_name)), identifier(schema_name)
    names: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for table in tables:
        names[rights_on(table)].append(f"{schema}.{identifier(table)}")
    return [
        *(f"REVOKE ALL ON {', '.join(some)} FROM {role}" for some in names.values()),
        *(f"GRANT {', '.join(words)} ON {', '.join(some)} TO {role}" for words, some in names.items()),
        f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {role}",
    ]


def rights_on(table: str) -> tuple[str, ...]:
    """Of a school's role on a table of its own schema."""
    return _rights(table, SCHOOL_APPEND_ONLY)


def rights_in_city(table: str) -> tuple[str, ...]:
    """Of the city's role on a table of the public schema."""
    return _rights(table, CITY_APPEND_ONLY)


def _rights(table: str, append_only: Collection[str]) -> tuple[str, ...]:
    if table == "django_migrations":
        return ("SELECT",)
    return ("SELECT", "INSERT") if table in append_only else ("SELECT", "INSERT", "UPDATE", "DELETE")


def _database() -> str:
    return str(connection.settings_dict["NAME"] or settings.DATABASES["default"]["NAME"])
