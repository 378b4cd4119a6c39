"""Rows read again under their lock: what an action decides on, in one order for the whole house.

Two people who lock the same two rows in two orders wait for each other for ever. So settings.LOCK_ORDER names every
model that is ever locked, and a transaction locks down that list only: the plan before an agreement, an agreement
before the books. Rows of one model are locked by primary key, in one statement. Who holds a row may ask for it again.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db import connection, models
from django.db.models import QuerySet

from afterbell.kernel.records import Record

R = TypeVar("R", bound=Record)


class OutOfOrder(RuntimeError):
    """A lock above one that is held already: a programming error, looked for in tests (settings.WATCH_LOCKS)."""


def locked(row: R, *, also: Sequence[str] = ()) -> R:
    """The row as it stands now, ours until the transaction ends; an object that was read before decides nothing.

    `also` names relations that are read with it, and that no deed ever changes: PostgreSQL looks at the join again after
    a wait, and a row that meanwhile points elsewhere would be left out as if it were gone.
    Raises the model's DoesNotExist when the row is gone.
    """
    row.ensure_home()
    model = cast("type[R]", row._meta.model)  # also of a lazy object, such as request.user
    return locked_rows(model, [row.pk], also=also).get()


def locked_rows(model: type[R], pks: Iterable[Any], *, also: Sequence[str] = ()) -> QuerySet[R]:
    """These rows by primary key, locked as they are read. Others may still insert rows that point to them."""
    wanted = list(pks)
    if not _holds(model, wanted):
        watch(model)
    _note(model, wanted)
    return _rows(cast("QuerySet[R]", model._default_manager.filter(pk__in=wanted)), also)


def lockable(rows: QuerySet[R], *, also: Sequence[str] = ()) -> QuerySet[R]:
    """Any rows of one model, locked by primary key as they are read."""
    watch(rows.model)
    return _rows(rows, also)


def follow(handed: R, row: R) -> None:
    """Let the object that the caller holds show what was done. Nothing was decided on it."""
    for field in row._meta.concrete_fields:
        setattr(handed, field.attname, getattr(row, field.attname))


def watch(model: type[models.Model]) -> None:
    """Note that a row of this model is locked now; in tests, that no row of a later model was before."""
    if not settings.WATCH_LOCKS or not connection.in_atomic_block:
        return
    label = model._meta.label
    if label not in settings.LOCK_ORDER:
        raise OutOfOrder(f"{label} has no place in settings.LOCK_ORDER")
    place, held = settings.LOCK_ORDER.index(label), connection.lock_place  # type: ignore[attr-defined]  # of tenants.backend
    if place < held:
        raise OutOfOrder(f"{label} is locked after {settings.LOCK_ORDER[held]}")
    connection.lock_place = place  # type: ignore[attr-defined]


def _rows(rows: QuerySet[R], also: Sequence[str]) -> QuerySet[R]:
    found = rows.select_related(*also) if also else rows
    return found.select_for_update(of=("self",), no_key=True).order_by("pk")


def _holds(model: type[models.Model], pks: Sequence[Any]) -> bool:
    """Whether this transaction has locked all of these rows before: asking for them again waits for nobody."""
    held: set[tuple[str, Any]] = connection.locks_held  # type: ignore[attr-defined]  # of tenants.backend
    return bool(pks) and {(model._meta.label, pk) for pk in pks} <= held


def _note(model: type[models.Model], pks: Sequence[Any]) -> None:
    if settings.WATCH_LOCKS and connection.in_atomic_block:
        connection.locks_held.update((model._meta.label, pk) for pk in pks)  # type: ignore[attr-defined]
