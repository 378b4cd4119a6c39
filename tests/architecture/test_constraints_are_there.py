"""Every constraint that a model names is in the database: who drops an index by its column may take one along."""

from django.apps import apps
from django.db import connection

from tenants.context import in_city, in_school


def missing():
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE connamespace = current_schema()::regnamespace"
            " UNION SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
        )
        there = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        tables = {name for (name,) in cursor.fetchall()}
    return [
        f"{model._meta.label}: {named.name}"
        for model in apps.get_models()
        if model._meta.db_table in tables
        for named in (*model._meta.constraints, *model._meta.indexes)
        if named.name not in there
    ]


def test_in_the_city(db):
    with in_city():
        assert missing() == []


def test_in_a_school(north):
    with in_school(north):
        assert missing() == []
