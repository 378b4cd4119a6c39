"""The one write of the audit log: append an entry to this schema's chain, in the action's own transaction."""

from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import connection, models
from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.audit import chain
from afterbell.audit.details import checked
from afterbell.audit.models import Entry, Head
from afterbell.kernel.records import Record, WrongSchool, schema_of

PUBLIC = "public"


class NoTransaction(RuntimeError):
    """An entry could stay when its action is rolled back, or get lost when it is not: a programming error."""


def record(
    *,
    verb: str,
    target: models.Model | str,
    by: User | None,
    at: datetime,
    details: Mapping[str, object] | None = None,
) -> Entry:
    """Append what was done. Call it last in the action: until the transaction ends, others wait for the head.

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
    head = _locked_head()
    entry = Entry(
        format=chain.FORMAT,
        position=head.position + 1,
        at=at.astimezone(UTC),
        by_id=by.pk if by is not None else None,
        verb=verb,
        target=_name_of(target),
        details=fit,
        before_hash=head.hash,
    )
    entry.hash = chain.digest(schema_of(connection), entry.as_line())
    entry.save(force_insert=True)
    Head.objects.filter(pk=head.pk).update(position=entry.position, hash=entry.hash)
    return entry


def _locked_head() -> Head:
    """The head's row, ours until the transaction ends; made by whoever comes first where it is missing."""
    head: Head | None = Head.objects.select_for_update().first()
    if head is not None:
        return head
    Head.objects.bulk_create([Head()], ignore_conflicts=True)  # INSERT … ON CONFLICT DO NOTHING
    made: Head = Head.objects.select_for_update().get()
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
