"""Rows read again under their lock: what an action decides on, in one order for the whole house.

Two people who lock the same two rows in two orders wait for each other for ever. So settings.LOCK_ORDER names every
model that is ever locked, and a transaction locks down that list only: the plan before an agreement, an agreement
before the books. Rows of one model are locked by primary key, in one statement.
"""

from collections.abc import Iterable, Sequence
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection, models
from django.db.models import QuerySet

from afterbell.kernel.records import Record

R = TypeVar("R", bound=Record)


class OutOfOrder(RuntimeError):
    """A lock above one that is held already: a programming error, looked for in tests (settings.WATCH_LOCKS)."""


def locked(row: R, *, also: Sequence[str] = ()) -> R:
    """The row as it stands now, ours until the transaction ends; an object that was read before decides nothing.

    `also` names relations that are read with it. Raises the model's DoesNotExist when the row is gone.
    """
    row.ensure_home()
    return locked_rows(type(row), [row.pk], also=also).get()


def locked_rows(model: type[R], pks: Iterable[Any], *, also: Sequence[str] = ()) -> QuerySet[R]:
    """These rows by primary key, locked as they are read. Others may still insert rows that point to them."""
    rows: QuerySet[R] = model._default_manager.filter(pk__in=list(pks))  # type: ignore[assignment]  # of the base in stubs
    return lockable(rows, also=also)


def lockable(rows: QuerySet[R], *, also: Sequence[str] = ()) -> QuerySet[R]:
    """Any rows of one model, locked by primary key as they are read."""
    watch(rows.model)
    found = rows.select_related(*also) if also else rows
    return found.select_for_update(of=("self",), no_key=True).order_by("pk")


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
