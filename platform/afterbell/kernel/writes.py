"""Which rows a statement has written, for whoever keeps a record of it: the one thing that nobody can forget to say.

The database's own compilers say it of every INSERT, UPDATE and DELETE that Django makes (tenants.backend), COPY says it
(kernel.copying), and whoever writes SQL by hand says it here. Only tables that somebody listens to cost anything.
"""

from collections.abc import Collection, Iterable
from typing import Protocol
from uuid import UUID

from django.db import models


class Listener(Protocol):
    """Keeps a record of writes."""

    def wants(self, model: type[models.Model], columns: Collection[str] | None) -> bool:
        """Whether it matters that these columns were written; None: the whole row."""

    def hear(self, model: type[models.Model], keys: list[str]) -> None:
        """The rows with these keys were written or deleted, inside the transaction that is open."""


_listeners: list[Listener] = []


def listen(listener: Listener) -> None:
    """Once, when the applications are ready."""
    _listeners[:] = [listener]


def wanted(model: type[models.Model], columns: Collection[str] | None = None) -> bool:
    return any(listener.wants(model, columns) for listener in _listeners)


def tell(model: type[models.Model], keys: Iterable[UUID | str]) -> None:
    """Rows were written or deleted; for statements that are not Django's own."""
    if not wanted(model):
        return
    kept = list(map(str, keys))
    if kept:
        for listener in _listeners:
            listener.hear(model, kept)
