"""The one write of the audit log: append an entry to this schema's chain, in the action's own transaction.

With it go the seals of the rows that the transaction wrote (audit.seals). Entries are gathered and written as the
transaction's last statements. Everybody who does anything needs the head of the chain; held while an action still waits for
other rows, it would stand in a circle with every other lock of the school.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from django.db import connection, models
from django.db.models import Max
from django.utils import timezone

from afterbell.accounts.models import User
from afterbell.audit import chain, seals
from afterbell.audit.details import checked
from afterbell.audit.models import Entry, Head, Seal
from afterbell.audit.seals import CatchUp, Found, Written
from afterbell.kernel.records import Record, WrongSchool, schema_of

PUBLIC = "public"
HEAD = ("position", "hash", "sealed", "seals", "salt", "forms", "tables", "known")
"""What moves; forms and tables where they were read."""


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


def write_seals(written: Written) -> None:
    """Rows of a sealed table were written or deleted: they are sealed as the transaction leaves them."""
    connection.lastly(_append, written)  # type: ignore[attr-defined]


def seal(rows: Iterable[models.Model]) -> None:
    """A whole set that was open until now (Sealed.open_rows), all at once and in no order, by the deed that closes it."""
    keys: dict[str, list[str]] = {}
    for row in rows:
        keys.setdefault(row._meta.label_lower, []).append(str(row.pk))
    for label, some in keys.items():
        write_seals(Written(label, some))


def catch_up(*, now: datetime) -> None:
    """After a migration of the schema at hand: seal what is there as it is found, with one entry that says so."""
    connection.lastly(_append, CatchUp(now))  # type: ignore[attr-defined]


def begin() -> None:
    """In the template, whose rows every new school begins with: a head that knows all sealed tables, and has no salt yet."""
    Head.objects.update_or_create(singleton=True, defaults=seals.of_nothing())


def _append(items: list[Said | Written | CatchUp]) -> None:
    """Entries in the order in which they were said, behind the head of the schema that we stand in, and the seals."""
    said = [one for one in items if isinstance(one, Said)]
    written = [one for one in items if isinstance(one, Written)]
    late = [one for one in items if isinstance(one, CatchUp)]
    if not said and all(one.by_migration for one in written) and not seals.is_there():
        return  # a migration from before there were seals: what it wrote is found later
    head, schema = _locked_head(), schema_of(connection)
    seals.bind(head, written)
    if late:
        said += _said_of(seals.find(head, late[-1].at))
    entries, before = [], head.hash
    for position, one in enumerate(said, start=head.position + 1):
        entry = Entry(
            format=chain.FORMAT, position=position, seals=head.seals, before_hash=before, **one._asdict()
        )
        before, head.seals = chain.digest(schema, entry.as_line()), ""
        entry.hash = before
        entries.append(entry)
    if entries:
        Entry.objects.bulk_create(entries, batch_size=1000)
    head.position, head.hash = head.position + len(entries), before
    moved = {name: getattr(head, name) for name in HEAD if name in head.__dict__}
    Head.objects.filter(pk=head.pk).update(**moved)


def _said_of(found: Found) -> list[Said]:
    if not found.rows:
        return []
    details: dict[str, object] = {"rows": sum(found.rows.values()), "tables": sorted(found.rows)}
    return [Said("audit.rows.found", "audit.seal", None, found.at.astimezone(UTC), details)]


def _locked_head() -> Head:
    """The head's row, ours until the transaction ends; made by whoever comes first where it is missing."""
    rows = Head.objects.select_for_update(no_key=True).defer("forms", "tables")
    head: Head | None = rows.first()
    if head is not None:
        return head
    last = Seal.objects.aggregate(last=Max("number"))["last"] or 0
    Head.objects.bulk_create([Head(sealed=last)], ignore_conflicts=True)  # INSERT … ON CONFLICT DO NOTHING
    made: Head = rows.get()
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
