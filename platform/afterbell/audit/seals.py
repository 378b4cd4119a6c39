"""Writes seals: what a transaction wrote is digested as its last statements, under the lock on the head of the chain.

Every row of a sealed table that Django, COPY or a telling statement wrote is gathered (kernel.writes) and sealed as the
transaction leaves it, whoever wrote it and whether it has an audit entry or not. What Django doesn't write has no seal: a
row that was changed, put in or taken out below the application differs from its last seal, or has none.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from django.db import connection, models

from afterbell.audit import sealing, standing
from afterbell.audit.models import Head, Seal, a_salt
from afterbell.audit.sealing import GONE

OLD_MODELS = "__fake__"
"""Where Django puts the models of a migration's state: their columns may be gone when the school is migrated."""
ROWS = (
    "SELECT %s AS label, string_agg(uuid_send(w.id) || CASE WHEN t.id IS NULL THEN %s ELSE {digest} END,"
    " ''::bytea ORDER BY w.id) FROM unnest(%s::uuid[]) AS w (id) LEFT JOIN {table} AS t ON t.id = w.id"
)
INSERT = "INSERT INTO audit_seal (id, number, position, model, form, rows) VALUES"
WAITING = (
    "SELECT string_agg(uuid_send(w.id) || %s, ''::bytea ORDER BY w.id) FROM unnest(%s::uuid[]) AS w (id)"
)


class Written(NamedTuple):
    """Rows of one table that a statement wrote or deleted."""

    label: str
    keys: Collection[str]
    by_migration: bool = False


class CatchUp(NamedTuple):
    """Seal what has no seal of this code's form: after a migration, or when seals are new here."""

    at: datetime


class Found(NamedTuple):
    """How many rows were sealed as they were found, by table."""

    at: datetime
    rows: dict[str, int]


@dataclass(frozen=True)
class Keeper:
    """Hears of writes (kernel.writes) and has them sealed at the transaction's end."""

    write: Callable[[Written], None]

    def wants(self, model: type[models.Model], columns: Collection[str] | None) -> bool:
        sealed = sealing.registry().get(model._meta.label_lower)
        if sealed is None or sealed.open_rows:
            return False
        return columns is None or not sealed.loose.keys() >= set(columns)

    def hear(self, model: type[models.Model], keys: list[str]) -> None:
        old = model.__module__ == OLD_MODELS
        self.write(Written(model._meta.label_lower, keys, by_migration=old))


def is_there() -> bool:
    """False in a schema whose migrations have not come to seals yet."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_seal') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def bind(head: Head, written: Iterable[Written]) -> None:
    """Seal these rows as they are now, under the next entry; changes the head, which the caller keeps."""
    keys: dict[str, set[str]] = {}
    waiting: dict[str, set[str]] = {}
    for one in written:
        (waiting if one.by_migration else keys).setdefault(one.label, set()).update(one.keys)
    _know(head, keys)
    seals = [
        *_seals(head, _digested(head, keys)),
        *_seals(head, [(label, "", _undigested(rows)) for label, rows in sorted(waiting.items())]),
    ]
    if seals:
        values: list[Any] = []
        for seal in seals:
            values += [seal.pk, seal.number, seal.position, seal.model, seal.form, seal.rows]
        places = ", ".join(["(%s, %s, %s, %s, %s, %s)"] * len(seals))
        with connection.cursor() as cursor:  # on every deed's way: half the work of bulk_create
            cursor.execute(f"{INSERT} {places}", values)


def find(head: Head, at: datetime) -> Found:
    """Seal rows as they are found: of tables that were not sealed here, and those whose form has changed since.

    What differs from its last seal is left with it, for `afterbell verify` to name.
    """
    here = sealing.labels_here(list(sealing.registry()))
    fresh = [Written(label, standing.due(label)) for label in here if label not in head.tables]
    waiting = set(Seal.objects.filter(form="").values_list("model", flat=True))
    moved = {label for label in here if sealing.codes(label)[0] not in head.forms.get(label, {})}
    old = (moved | waiting) & {*here} & {*head.tables}
    if old:
        rest = standing.Standing.read(head)
        fresh += [Written(label, rest.of(label).to_be_sealed()) for label in sorted(old)]
    found = [one for one in fresh if one.keys]
    bind(head, found)
    head.forms = {**head.forms, **_forms(here, head.forms)}
    head.tables = sorted({*head.tables, *here})
    head.known = sealing.all_codes()
    return Found(at, {one.label: len(one.keys) for one in found})


def of_nothing() -> dict[str, object]:
    """What a head says where there are no rows yet: every table is sealed from its first row on."""
    labels = sorted(sealing.registry())
    return {"forms": _forms(labels, {}), "tables": labels, "known": sealing.all_codes(), "salt": ""}


def _forms(labels: Iterable[str], known: dict[str, dict[str, list[str]]]) -> dict[str, dict[str, list[str]]]:
    forms = {}
    for label in labels:
        code, columns = sealing.codes(label)
        forms[label] = {**known.get(label, {}), code: columns}
    return forms


def _know(head: Head, labels: Iterable[str]) -> None:
    """The head has the columns of every form that is used; where it has all of this code's, nothing is read."""
    if not head.salt:
        head.salt = a_salt()
    if head.known != sealing.all_codes():
        head.forms = {**head.forms, **_forms(labels, head.forms)}


def _digested(head: Head, keys: dict[str, set[str]]) -> list[tuple[str, str, bytes]]:
    """Table, form and rows of each, in one query."""
    labels = sorted(keys)
    if not labels:
        return []
    values: list[Any] = []
    for label in labels:
        values += [label, GONE, sealing.salted(sealing.form_of(label), head.salt), _array(keys[label])]
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(map(_statement, labels)), values)
        return [(label, sealing.codes(label)[0], bytes(rows)) for label, rows in cursor.fetchall()]


@cache
def _statement(label: str) -> str:
    return ROWS.format(digest=sealing.expression(sealing.form_of(label)), table=sealing.table(label))


def _array(keys: Iterable[str]) -> str:
    """Of keys, which need no quotes."""
    return "{" + ",".join(keys) + "}"


def _undigested(keys: Collection[str]) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(WAITING, [GONE, _array(keys)])
        return bytes(cursor.fetchone()[0])


def _seals(head: Head, found: Sequence[tuple[str, str, bytes]]) -> list[Seal]:
    made = []
    for label, form, rows in found:
        head.sealed += 1
        head.seals = sealing.bound(head.seals, number=head.sealed, label=label, form=form, rows=rows)
        made.append(Seal(number=head.sealed, position=head.position + 1, model=label, form=form, rows=rows))
    return made
