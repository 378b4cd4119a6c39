"""One `afterbell migrate` at a time: who works on the fleet holds a lock that dies with the process."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.recorder import MigrationRecorder
from psycopg.errors import LockNotAvailable, UniqueViolation

from tenants import context
from tenants.fleet.errors import AnotherMigrate

LOCK = "LOCK TABLE public.django_migrations IN SHARE UPDATE EXCLUSIVE MODE NOWAIT"
"""Conflicts with itself, not with reading or writing rows; an empty table has no row that could be locked."""
TRIES = 8
PAUSE_SECONDS = 0.25


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else migrates inside this block. Raises AnotherMigrate."""
    _make_sure_of_the_table()
    holder = connection.copy()  # its open transaction is the lock: the fleet's own transactions come and go
    try:
        holder.set_autocommit(False)
        _lock(holder)
        yield
    finally:
        if holder.connection is not None:
            holder.rollback()
        holder.close()


def _lock(holder: BaseDatabaseWrapper) -> None:
    for attempt in range(1, TRIES + 1):
        try:
            with holder.cursor() as cursor:
                cursor.execute(LOCK)
        except DatabaseError as error:
            holder.rollback()
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
            if attempt == TRIES:
                raise AnotherMigrate from error
            time.sleep(PAUSE_SECONDS)  # a passing autovacuum holds the same lock for a moment
        else:
            return


def _make_sure_of_the_table() -> None:
    with context.as_owner():
        try:
            MigrationRecorder(connection).ensure_schema()
        except DatabaseError as error:
            if isinstance(error.__cause__, UniqueViolation):
                raise AnotherMigrate from error  # both found an empty database and made the same table
            raise
