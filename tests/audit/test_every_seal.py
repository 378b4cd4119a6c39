"""Every sealed table in turn, below the application: each column changed, a row taken out, put in, brought back.

`afterbell verify` names exactly that row. The rows are made up and their tables have no constraints, so that each column can
be changed by itself; what a constraint refuses besides is none of the seals' business.
"""

import re
from datetime import UTC, date, datetime, time
from uuid import uuid4

import pytest
from django.apps import apps
from django.contrib.postgres.fields import DecimalRangeField
from django.db import connection, models, transaction
from psycopg.types.range import Range

from afterbell.audit import queries as audit
from afterbell.audit import sealing
from afterbell.audit.actions import seal
from afterbell.kernel.strings import dotted
from tenants.context import as_owner
from tests.city import NOON

STRAY = "the row has no seal: nobody who works with the program wrote it"
COPIED = "INSERT INTO {table} SELECT (jsonb_populate_record(t, jsonb_build_object('id', %s::text))).* FROM {table} AS t"
LABELS = sorted(sealing.registry())
CITYS = ("tenants.", "tokens.", "redlines.", "letterbox.", "anchors.", "disclosure.")
LOOSENED = """
SELECT c.conname::text FROM pg_catalog.pg_constraint c JOIN pg_catalog.pg_class t ON t.oid = c.conrelid
JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = %s AND t.relname = %s AND c.contype <> 'p' AND c.contype <> 'n'
ORDER BY c.contype = 'u'
"""
UNIQUE = """
SELECT x.relname::text FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = t.relnamespace
WHERE n.nspname = %s AND t.relname = %s AND i.indisunique AND NOT i.indisprimary
"""


def a_value(field):
    """Something that fits the column; constraints are gone."""
    if field.is_relation or isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.DateTimeField):
        return NOON
    for kind, value in (
        (models.BooleanField, False),
        (models.IntegerField, 3),
        (models.DateField, date(2026, 9, 1)),
        (models.TimeField, time(16, 0)),
        (models.JSONField, {"a": [1, "二"]}),
        (DecimalRangeField, Range(1, 2)),
    ):
        if isinstance(field, kind):
            return value
    return "字"


def another(field):
    """As little different as it can be."""
    if field.is_relation or isinstance(field, models.UUIDField):
        return uuid4()
    if isinstance(field, models.DateTimeField):
        return datetime(2026, 9, 1, 4, 0, 0, 1, tzinfo=UTC)
    for kind, value in (
        (models.BooleanField, True),
        (models.IntegerField, 4),
        (models.DateField, date(2026, 9, 2)),
        (models.TimeField, time(16, 1)),
        (models.JSONField, {"a": [1, "三"]}),
        (DecimalRangeField, Range(1, 3)),
    ):
        if isinstance(field, kind):
            return value
    return "宇"


def a_row(model):
    """One that nobody could make through the application, sealed like any other."""
    return model(**{field.attname: a_value(field) for field in model._meta.concrete_fields})


class Taken:
    """A sealed row in a table without constraints, and SQL by somebody with every right."""

    def __init__(self, label, school):
        self.model = apps.get_model(label)
        self.label = label
        self.loose = sealing.registry()[label].loose
        self.schema = "public" if label.startswith(CITYS) else school.schema_name
        self.table = self.model._meta.db_table

    def loosen(self):
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
            cursor.execute(LOOSENED, [self.schema, self.table])
            for (name,) in cursor.fetchall():
                cursor.execute(f'ALTER TABLE "{self.table}" DROP CONSTRAINT IF EXISTS "{name}" CASCADE')
            cursor.execute(UNIQUE, [self.schema, self.table])
            for (name,) in cursor.fetchall():
                cursor.execute(f'DROP INDEX "{name}"')

    def seal(self):
        row = a_row(self.model)
        with transaction.atomic():
            self.model.objects.bulk_create([row])
            if sealing.registry()[self.label].open_rows:
                seal([row])
        return row.pk

    def tamper(self, statement, *values):
        with connection.cursor() as cursor:
            cursor.execute(statement.format(table=f'"{self.table}"'), values)
            assert cursor.rowcount == 1

    def set(self, field, value, key):
        quoted = connection.ops.quote_name(field.column)
        prepared = field.get_db_prep_save(value, connection)
        self.tamper(f"UPDATE {{table}} SET {quoted} = %s WHERE id = %s", prepared, key)


@pytest.fixture(params=LABELS)
def taken(request, north):
    found = Taken(request.param, north)
    with as_owner(found.schema):
        found.loosen()
        yield found


def named(label, key, words):
    return [f"seals, {label} {key}: {words}"]


def broken():
    """Without the number that stands behind a key."""
    return [re.sub(r" \(.\):", ":", line) for line in audit.broken_promises()]


def test_each_sealed_column_is_watched_and_no_loose_one(taken):
    """Each by itself, changed a little and, where it may, to nothing; the row beside it stays sound."""
    key = taken.seal()
    taken.seal()
    assert broken() == []
    changed = named(taken.label, key, f"the row was changed after entry {next_entry()}")
    for field in taken.model._meta.concrete_fields:
        if field.primary_key:
            continue
        for value in (another(field), *([None] if field.null else [])):
            with transaction.atomic():
                taken.set(field, value, key)
                found = broken()
                transaction.set_rollback(True)
            assert found == ([] if field.column in taken.loose else changed), (field.column, value)


def test_a_row_that_is_taken_out_put_in_or_brought_back_is_named(taken):
    key = taken.seal()
    entry = next_entry()
    with transaction.atomic():
        taken.tamper("DELETE FROM {table} WHERE id = %s", key)
        assert broken() == named(taken.label, key, f"the row is missing; it was sealed at entry {entry}")
        transaction.set_rollback(True)
    with transaction.atomic():
        copy = uuid4()
        taken.tamper(f"{COPIED} WHERE id = %s", copy, key)
        assert broken() == named(taken.label, copy, STRAY)
        transaction.set_rollback(True)
    if sealing.registry()[taken.label].open_rows:
        return  # nobody deletes a sealed answer
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE TABLE kept AS SELECT * FROM "{taken.table}" WHERE id = %s', [key])
    with transaction.atomic():
        taken.model.objects.filter(pk=key).delete()
    assert broken() == []
    taken.tamper("INSERT INTO {table} SELECT * FROM kept")
    back = f"the row is there again; entry {entry} says that it was deleted"
    assert broken() == named(taken.label, key, back)


def next_entry():
    """It binds what was written since the last one."""
    return audit.head().position + 1


def test_every_table_is_sealed_or_says_why_not(settings):
    """A new table is one of the two before it can be merged."""
    unsealed = {
        label: reason for path in settings.SEALS for label, reason in dotted(f"{path}.UNSEALED").items()
    }
    ours = {model._meta.label_lower for model in apps.get_models() if getattr(model, "field_classes", None)}
    assert set(LABELS) | set(unsealed) == ours
    assert not set(LABELS) & set(unsealed)
    assert all(reason.strip() for reason in unsealed.values())


def test_loose_columns_are_there_and_say_why():
    for label, sealed in sealing.registry().items():
        columns = {field.column for field in apps.get_model(label)._meta.concrete_fields}
        assert sealed.loose.keys() <= columns, label
        assert all(sealed.loose.values()), label
