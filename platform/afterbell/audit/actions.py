"""The one write of the audit log: append an entry to this schema's chain, in the action's own transaction.

Entries are gathered and written as the transaction's last statements. Everybody who does anything needs the head of the
chain; held while an action still waits for other rows, it would stand in a circle with every other lock of the school.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, models
from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.audit import chain
from afterbell.audit.details import checked
from afterbell.audit.models import Entry, Head
from afterbell.kernel.records import Record, WrongSchool, schema_of

PUBLIC = "public"


class Said(NamedTuple):
    """An entry that has no place in the chain yet."""

    verb: str
    target: str
    by_id: UUID | None
    at: datetime
    details: dict[str, object]


class NoTransaction(RuntimeError):
    """An entry could stay when its action is rolled back, or get lost when it is not: a programming error."""


def record(
    *,
    verb: str,
    target: models.Model | str,
    by: User | None,
    at: datetime,
    details: Mapping[str, object] | None = None,
) -> None:
    """Append what was done, at the end of the transaction; nothing is kept of what is rolled back.

    `verb` is a dotted word such as "finance.refund.approve"; `target` a row, or text such as
    "school:3301020001"; `by` is None for what the system does by itself; `details` hold ids, codes and
    numbers only (audit.details).
    """
    if not connection.in_atomic_block:
        raise NoTransaction(f"{verb}: an audit entry is written inside the action's transaction")
    if timezone.is_naive(at):
        raise ValueError(f"{verb}: a moment without a time zone is ambiguous")
    _refuse_strangers(target, by)
    fit = checked(details or {}, target=target)
    said = Said(
        verb=verb,
        target=_name_of(target),
        by_id=by.pk if by is not None else None,
        at=at.astimezone(UTC),
        details=fit,
    )
    connection.lastly(_append, said)  # type: ignore[attr-defined]  # of tenants.backend


def _append(said: list[Said]) -> None:
    """The entries in the order in which they were said, behind the head of the schema that we stand in."""
    head, schema = _locked_head(), schema_of(connection)
    entries, before = [], head.hash
    for position, one in enumerate(said, start=head.position + 1):
        entry = Entry(format=chain.FORMAT, position=position, before_hash=before, **one._asdict())
        before = entry.hash = chain.digest(schema, entry.as_line())
        entries.append(entry)
    Entry.objects.bulk_create(entries, batch_size=1000)
    Head.objects.filter(pk=head.pk).update(position=head.position + len(entries), hash=before)


def _locked_head() -> Head:
    """The head's row, ours until the transaction ends; made by whoever comes first where it is missing."""
    head: Head | None = Head.objects.select_for_update(no_key=True).first()
    if head is not None:
        return head
    Head.objects.bulk_create([Head()], ignore_conflicts=True)  # INSERT … ON CONFLICT DO NOTHING
    made: Head = Head.objects.select_for_update(no_key=True).get()
    return made


def _refuse_strangers(target: models.Model | str, by: User | None) -> None:
    """A row or a user of another school has no place in this chain; the city's users may act in a school."""
    if isinstance(target, Record):
        target.ensure_home()
    here = schema_of(connection)
    if by is not None and by.home_schema not in {here, PUBLIC}:
        raise WrongSchool(f"user {by.pk} comes from {by.home_schema}, not from {here}")


def _name_of(target: models.Model | str) -> str:
    return target if isinstance(target, str) else f"{target._meta.label_lower}:{target.pk}"
