"""The portable subset (architecture §10), held over all schools of the city and over the code."""

import re
from pathlib import Path

import pytest
from django.db import connection, transaction

from tenants import context, roles
from tenants.fleet import catalogue
from tenants.models import School

ROOT = Path(__file__).resolve().parents[2]
CODE = ("platform", "tenants", "schools", "oversight", "dashboards")
DJANGOS_OWN = ("django_", "auth_", "account_", "mfa_", "axes_", "usersessions_", "socialaccount_", "knox_")
MOST_TABLES, MOST_INDEXES = 90, 250
BANNED = {
    "advisory locks": r"pg_(try_)?advisory",
    "RENAME CONSTRAINT": r"RENAME CONSTRAINT",
    "::regclass": r"::regclass",
    "triggers": r"CREATE (OR REPLACE |CONSTRAINT )?TRIGGER",
    "functions": r"CREATE (OR REPLACE )?FUNCTION",
    "temporary tables": r"CREATE TEMP",
    "MERGE": r"\bMERGE INTO\b",
}


@pytest.fixture
def schemas(north):
    return ["template_school", *School.objects.order_by("code").values_list("schema_name", flat=True)]


def test_no_school_holds_what_is_not_portable(schemas):
    assert {schema: catalogue.strangers(schema) for schema in schemas} == {schema: [] for schema in schemas}


@pytest.mark.parametrize(
    ("made", "named"),
    [
        ("CREATE VIEW {s}.v AS SELECT 1", "view v"),
        ("CREATE FUNCTION {s}.f() RETURNS int LANGUAGE sql AS 'SELECT 1'", "function f"),
        ("CREATE TABLE {s}.i () INHERITS ({s}.people_pupil)", "inheritance of i"),
        ("CREATE TYPE {s}.t AS ENUM ('a')", "type t"),
        ("CREATE SEQUENCE {s}.q", "sequence q of no column"),
        (
            "CREATE TABLE {s}.k (d uuid CONSTRAINT k_d REFERENCES public.tenants_district (id))",
            "foreign key k_d to another schema",
        ),
        (
            "CREATE TRIGGER g BEFORE UPDATE ON {s}.people_pupil FOR EACH ROW"
            " EXECUTE FUNCTION suppress_redundant_updates_trigger()",
            "trigger g",
        ),
    ],
)
def test_each_kind_of_stranger_is_seen(north, made, named):
    with context.as_owner(), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(made.format(s=north.schema_name))
        assert named in catalogue.strangers(north.schema_name)


def test_every_table_has_a_primary_key(schemas):
    for schema in schemas:
        without = [t.name for t in catalogue.tables(schema) if not any(c.kind == "p" for c in t.constraints)]
        assert without == []


def test_sequences_belong_to_djangos_own_applications(schemas):
    for table in catalogue.tables(schemas[0]):
        if any(column.sequence for column in table.columns):
            assert table.name.startswith(DJANGOS_OWN), f"{table.name} has a sequence: give it a UUIDv7 key"


def test_no_key_of_the_public_schema_points_into_a_school(schemas):
    assert [name for name in catalogue.strangers("public") if name.startswith("foreign key")] == []


def test_a_school_stays_within_its_budget_of_tables_and_indexes(schemas):
    tables = catalogue.tables(schemas[0])
    indexes = sum(len(t.indexes) + sum(c.kind in "pux" for c in t.constraints) for t in tables)
    assert len(tables) <= MOST_TABLES
    assert indexes <= MOST_INDEXES


def test_every_append_only_table_is_one_of_a_school(schemas):
    names = {table.name for table in catalogue.tables(schemas[0])}
    assert set(roles.SCHOOL_APPEND_ONLY) <= names


@pytest.mark.parametrize("what", BANNED)
def test_the_code_keeps_to_the_portable_subset(what):
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for folder in CODE
        for file in (ROOT / folder).rglob("*.py")
        for number, line in enumerate(file.read_text().splitlines(), start=1)
        if re.search(BANNED[what], line, flags=re.IGNORECASE)
    ]
    assert found == []


def test_migrations_of_ours_that_run_sql_give_a_list_of_statements():
    for folder in CODE:
        for file in (ROOT / folder).rglob("migrations/[0-9]*.py"):
            for call in re.findall(r"RunSQL\(\s*(.)", file.read_text()):
                assert call == "[", f"{file.relative_to(ROOT)}: RunSQL takes a list, one statement each"
