"""What is sealed and how a row is digested: one SQL expression a table, by which a seal is written and looked at.

A digest is the first 16 bytes of SHA-256 over: the salt, the table, the form, and the columns as PostgreSQL sends a record
(for each its type, its length or that it is null, its bytes). That depends on no setting of the session, as texts of dates
and moments do, and is quicker than JSON. The same expression serves both sides: no second reading of a row can differ.

What an entry binds is a SHA-256 in small hex over its seals by number, each line with the hash of the lines before it:

    the hash before (nothing for the first), the seal's number, table, form (or -), SHA-256 of its rows in hex, LF
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Final, NamedTuple

from django.apps import apps
from django.conf import settings
from django.db import connection, models

from afterbell.kernel.records import schema_of
from afterbell.kernel.seals import Sealed
from afterbell.kernel.strings import dotted

KEY: Final = 16
ROW: Final = 32
GONE: Final = bytes(16)
DIGESTED: Final = "substring(sha256(%s || record_send(ROW({values}))) FOR 16)"


class Form(NamedTuple):
    """The columns that go into a table's digests, each with its type, and the short name of their list."""

    label: str
    columns: tuple[str, ...]

    @property
    def code(self) -> str:
        return hashlib.sha256(f"{self.label}:{','.join(self.columns)}".encode()).hexdigest()[:12]


@cache
def registry() -> Mapping[str, Sealed]:
    """Every sealed table by the label of its model, as the rooms list them."""
    found = [sealed for path in settings.SEALS for sealed in dotted(f"{path}.SEALED")]
    return {sealed.label: sealed for sealed in found}


@cache
def form_of(label: str) -> Form:
    """Of this code."""
    loose = registry()[label].loose
    fields = apps.get_model(label)._meta.concrete_fields
    return Form(label, tuple(sorted(_spec(field) for field in fields if field.column not in loose)))


@cache
def codes(label: str) -> tuple[str, list[str]]:
    """The form of this code by its short name, with its columns as the head keeps them."""
    form = form_of(label)
    return form.code, list(form.columns)


@cache
def all_codes() -> str:
    """One hash for all forms of this code."""
    every = (form_of(label).code for label in sorted(registry()))
    return hashlib.sha256(" ".join(every).encode()).hexdigest()


def is_known(form: Form) -> bool:
    """Whether the table still has all of its columns, so that rows can be compared with it."""
    return set(form.columns) <= {_spec(field) for field in apps.get_model(form.label)._meta.concrete_fields}


def expression(form: Form) -> str:
    """The digest of a row `t` of the form's table; its one parameter is `salted`."""
    quote = connection.ops.quote_name
    values = (f"t.{quote(spec.partition(' ')[0])}" for spec in form.columns)
    return DIGESTED.format(values=", ".join(values))


def salted(form: Form, salt: str) -> bytes:
    """What stands before the record: the school's salt, the table and the form."""
    return bytes.fromhex(salt) + f"{form.label} {form.code}\n".encode()


def table(label: str) -> str:
    return str(connection.ops.quote_name(apps.get_model(label)._meta.db_table))


def bound(before: str, *, number: int, label: str, form: str, rows: bytes) -> str:
    """The hash over the seals up to this one."""
    line = f"{before}{number} {label} {form or '-'} {hashlib.sha256(rows).hexdigest()}\n"
    return hashlib.sha256(line.encode()).hexdigest()


def parts(rows: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Key and digest of each row."""
    for start in range(0, len(rows), ROW):
        yield rows[start : start + KEY], rows[start + KEY : start + ROW]


def labels_here(found: Sequence[str]) -> list[str]:
    """Those of them whose tables this schema has: some stand at the city alone."""
    tables = {name: label for label in found for name in [apps.get_model(label)._meta.db_table]}
    statement = (
        "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = %s AND c.relname = ANY(%s) AND c.relkind IN ('r', 'p')"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, [schema_of(connection), list(tables)])
        return sorted(tables[name] for (name,) in cursor.fetchall())


def _spec(field: "models.Field[Any, Any]") -> str:
    """Its name and type; how long a text may be is no part of it."""
    return f"{field.column} {(field.db_type(connection) or '').partition('(')[0]}"
