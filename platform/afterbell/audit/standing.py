"""Seals against rows: which rows of the schema at hand are not as a deed left them.

Names rows by table, number or key, never by what stands in them.
"""

from collections.abc import Collection, Iterator
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.apps import apps
from django.db import connection

from afterbell.audit import sealing
from afterbell.audit.models import Entry, Head, Seal
from afterbell.audit.sealing import GONE, Form
from afterbell.kernel.bounded import bounded
from afterbell.kernel.privacy import FieldClass, classes_of

NUMBER = "number"
CHUNK = 5000
NO_SALT = "00"
"""Where nothing was sealed yet."""


class Flaw(StrEnum):
    """What is wrong with a row."""

    MISSING = "missing"
    CHANGED = "changed"
    BACK = "back"
    STRAY = "stray"
    WAITING = "waiting"
    UNKNOWN = "unknown"


SENTENCES = {
    Flaw.MISSING: "the row is missing; it was sealed at entry {position}",
    Flaw.CHANGED: "the row was changed after entry {position}",
    Flaw.BACK: "the row is there again; entry {position} says that it was deleted",
    Flaw.STRAY: "the row has no seal: nobody who works with the program wrote it",
    Flaw.WAITING: "the row was written by a migration that did not come to its end",
    Flaw.UNKNOWN: "the row was sealed at entry {position} by columns that nobody knows any more",
}


class Sealing(NamedTuple):
    """The last seal of a row."""

    digest: bytes
    form: str
    position: int


class Found(NamedTuple):
    """A row that is not as it should be; `position` is the entry that bound its last seal, 0 for none."""

    flaw: Flaw
    key: bytes
    position: int = 0


def due(label: str) -> list[str]:
    """Keys of all rows of a table that have to have a seal."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT t.id::text FROM {sealing.table(label)} AS t WHERE NOT ({_open(label)})")  # noqa: S608
        return [key for (key,) in cursor.fetchall()]


class Rows:
    """One table: its last seals and its rows."""

    def __init__(self, label: str, head: Head, seals: list[tuple[int, str, bytes]]) -> None:
        self.label = label
        self.salt = head.salt or NO_SALT
        self.forms = {
            code: Form(label, tuple(columns)) for code, columns in head.forms.get(label, {}).items()
        }
        own = sealing.form_of(label)
        self.forms.setdefault(own.code, own)
        self.own = own.code
        self.seals = seals

    @cached_property
    def last(self) -> dict[bytes, Sealing]:
        """The last seal of each row."""
        return {
            key: Sealing(digest, form, position)
            for position, form, rows in self.seals
            for key, digest in sealing.parts(rows)
        }

    def is_sound(self) -> bool:
        """Whether all rows are as they were sealed, and by today's columns: the quick way, of most tables on most days."""
        if any(form != self.own for _position, form, _rows in self.seals):
            return False
        expected: dict[bytes, bytes] = {}
        for _position, _form, rows in self.seals:
            expected.update(sealing.parts(rows))
        statement = (
            f"SELECT string_agg(uuid_send(t.id) || {sealing.expression(self.forms[self.own])}, ''::bytea)"  # noqa: S608
            f" FROM {sealing.table(self.label)} AS t WHERE NOT ({_open(self.label)})"
        )
        with connection.cursor() as cursor:
            cursor.execute(statement, [sealing.salted(self.forms[self.own], self.salt)])
            (found,) = cursor.fetchone()
        standing = {key: digest for key, digest in expected.items() if digest != GONE}
        return standing == dict(sealing.parts(bytes(found or b"")))

    def flaws(self) -> Iterator[Found]:
        """In the order of the keys; rows without a seal last."""
        if self.is_sound():
            return
        rows, open_keys = self._read(self.own)
        others = {
            form: self._read(form, [key for key, last in self.last.items() if last.form == form])[0]
            for form in {last.form for last in self.last.values()} - {self.own, ""}
            if form in self.forms and sealing.is_known(self.forms[form])
        }
        for key, last in sorted(self.last.items()):
            flaw = self._flaw(key, last, rows, others)
            if flaw is not None:
                yield Found(flaw, key, last.position)
        for key in sorted(rows.keys() - self.last.keys() - open_keys):
            yield Found(Flaw.STRAY, key)

    def _flaw(
        self, key: bytes, last: Sealing, rows: dict[bytes, bytes], others: dict[str, dict[bytes, bytes]]
    ) -> Flaw | None:
        if last.form == "":
            return Flaw.WAITING if key in rows else Flaw.MISSING
        if key not in rows:
            return None if last.digest == GONE else Flaw.MISSING
        if last.digest == GONE:
            return Flaw.BACK
        of_form = rows if last.form == self.own else others.get(last.form)
        if of_form is None:
            return Flaw.UNKNOWN
        return None if of_form.get(key) == last.digest else Flaw.CHANGED

    def to_be_sealed(self) -> list[str]:
        """After a migration: rows that wait, and sound ones that were sealed by other columns than today's."""
        wrong = {found.key: found.flaw for found in self.flaws()}
        return [
            str(UUID(bytes=key))
            for key, last in self.last.items()
            if (last.form == "" or (last.form != self.own and last.digest != GONE))
            and wrong.get(key) in {None, Flaw.WAITING, Flaw.UNKNOWN}
        ]

    def _read(
        self, form: str, keys: Collection[bytes] | None = None
    ) -> tuple[dict[bytes, bytes], set[bytes]]:
        """Digests by key as the rows are now, and the keys of those that get their seal later."""
        digest, salted = sealing.expression(self.forms[form]), sealing.salted(self.forms[form], self.salt)
        statement = (
            f"SELECT uuid_send(t.id), {digest}, {_open(self.label)} FROM {sealing.table(self.label)} AS t"  # noqa: S608
        )
        values: list[Any] = [salted]
        if keys is not None:
            statement += " WHERE t.id = ANY(%s::uuid[])"
            values.append([UUID(bytes=key) for key in keys])
        rows: dict[bytes, bytes] = {}
        open_keys: set[bytes] = set()
        with connection.cursor() as cursor:
            cursor.execute(statement, values)
            while some := cursor.fetchmany(CHUNK):
                rows.update((key, own) for key, own, _open in some)
                open_keys.update(key for key, _own, is_open in some if is_open)
        return rows, open_keys


class Standing:
    """All seals of the schema, as they are bound by the entries, by table."""

    def __init__(self, head: Head) -> None:
        self.head = head
        self.seals: dict[str, list[tuple[int, str, bytes]]] = {}
        self.flaws: list[str] = []

    @classmethod
    def here(cls) -> Self | None:
        """Of the schema at hand; None where the head is missing, or not that of the seals."""
        head = Head.objects.first()
        if head is None or (not head.salt and Seal.objects.exists()):
            return None
        return cls.read(head)

    @classmethod
    def read(cls, head: Head) -> Self:
        """One walk along the seals, which also looks whether they are those that the entries bind."""
        found = cls(head)
        bound = dict(Entry.objects.exclude(seals="").values_list("position", "seals"))
        bound[head.position + 1] = head.seals
        end = here = 0
        hashed = ""
        rows = Seal.objects.order_by("number").values_list("number", "position", "model", "form", "rows")
        for number, position, label, form, raw in rows.iterator(chunk_size=CHUNK):
            if position != here:
                found._close(here, hashed, bound)
                here, hashed = position, ""
            if number != end + 1:
                found.flaws.append(f"seals, seal {end + 1} is missing")
            end = number
            blob = bytes(raw)
            hashed = sealing.bound(hashed, number=number, label=label, form=form, rows=blob)
            found.seals.setdefault(label, []).append((position, form, blob))
        found._close(here, hashed, bound)
        found.flaws += [
            f"seals, those of entry {place} are missing" for place, own in sorted(bound.items()) if own
        ]
        if end != head.sealed:
            found.flaws.append(f"seals, they end at {end}, the head says {head.sealed}")
        return found

    def _close(self, position: int, hashed: str, bound: dict[int, str]) -> None:
        if position and bound.pop(position, "") != hashed:
            self.flaws.append(f"seals, those of entry {position} are not the ones that it binds")

    def flawed_rows(self) -> Iterator[tuple[str, list[Found]]]:
        """Rows that are not as they were sealed, by table and kind."""
        for label in sealing.labels_here(list(sealing.registry())):
            if label not in self.head.tables and label not in self.seals:
                continue  # new in this code: sealed as found at the end of the next `afterbell migrate`
            by_flaw: dict[Flaw, list[Found]] = {}
            for found in self.of(label).flaws():
                by_flaw.setdefault(found.flaw, []).append(found)
            yield from ((label, some) for some in by_flaw.values())

    def of(self, label: str) -> Rows:
        return Rows(label, self.head, self.seals.get(label, []))


def broken_promises() -> Iterator[str]:
    """For `afterbell verify`: every row of the schema at hand that is not as it was sealed; the first 20 of a kind."""
    standing = Standing.here()
    if standing is None:
        yield "seals, the head of the audit chain is not theirs"
        return
    yield from bounded(standing.flaws)
    for label, some in standing.flawed_rows():
        yield from bounded(_sentences(label, some))


def _sentences(label: str, found: list[Found]) -> Iterator[str]:
    for one in found:
        sentence = SENTENCES[one.flaw].format(position=one.position)
        yield f"seals, {label} {_name(label, UUID(bytes=one.key))}: {sentence}"


def _name(label: str, key: UUID) -> str:
    """The key, and the number that people know, where that is nobody's secret and the row is there."""
    model = apps.get_model(label)
    if classes_of(model).get(NUMBER) not in {FieldClass.PUBLIC, FieldClass.INTERNAL}:
        return str(key)
    number = model._default_manager.filter(pk=key).values_list(NUMBER, flat=True).first()
    return str(key) if number is None else f"{key} ({number})"


def _open(label: str) -> str:
    return sealing.registry()[label].open_rows or "FALSE"
