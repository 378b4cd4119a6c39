"""Before the first statement of each piece of work: the role and the search path, together, in one round trip.

What PostgreSQL has may differ from what we asked for: a rolled back savepoint takes a SET with it, the pool hands out
a connection that worked for another school. So what was applied is forgotten at each of these events, and applied
again before the next statement. A wrong guess costs 0.1 ms; a trusted one costs a child's data.

Also here: what is written last in a transaction (`lastly`), and where a transaction is over for the order of locks.
"""

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any, NamedTuple

from django.conf import settings
from django.db.backends.postgresql.operations import DatabaseOperations
from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantsWrapper
from psycopg import pq
from psycopg_pool import PoolTimeout


class Place(NamedTuple):
    """Where statements run: as which role ('none' is the login role), with which schemas in sight."""

    role: str
    schemas: tuple[str, ...]


class Last(NamedTuple):
    """Something to write just before the commit, in the place where it was said; gone with its savepoint."""

    savepoints: frozenset[str | None]
    place: Place
    tenant: Any
    write: Callable[[list[Any]], None]
    item: Any


OWNER = Place(role="none", schemas=("public",))
SET_PLACE = "SELECT pg_catalog.set_config('role', %s, false), pg_catalog.set_config('search_path', %s, false)"


class Operations(DatabaseOperations):
    """Statements that say which rows they wrote."""

    compiler_module = "tenants.backend.compiler"


class DatabaseWrapper(TenantsWrapper):  # type: ignore[misc]  # django-tenants ships no types
    """Knows the place its work belongs to, and makes sure of it before each statement's cursor."""

    ops_class = Operations

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.place = OWNER
        self._applied: Place | None = None
        self._last: list[Last] = []
        self.lock_place = 0
        """How far down settings.LOCK_ORDER this transaction has locked (afterbell.kernel.locks)."""
        self.locks_held: set[tuple[str, Any]] = set()
        """Rows that it named by key when it locked them."""
        super().__init__(*args, **kwargs)

    def stand_in(self, place: Place) -> None:
        """From now on, statements of this thread run here. Called by tenants.context alone."""
        self.place = place

    def _cursor(self, name: str | None = None) -> Any:
        # The grandparent's cursor: the parent would add its own SET search_path.
        cursor = super(TenantsWrapper, self)._cursor(name)
        self._take_place()
        return cursor

    def _take_place(self) -> None:
        if self._applied == self.place:
            return
        if self.connection.info.transaction_status == pq.TransactionStatus.INERROR:
            return  # nothing but a rollback can follow, and that forgets the place anyway
        paths = ", ".join('"{}"'.format(schema.replace('"', '""')) for schema in self.place.schemas)
        self._applied = None
        with self.connection.cursor() as plain, self.wrap_database_errors:
            plain.execute(SET_PLACE, [self.place.role, paths])
        self._applied = self.place

    def _forget(self) -> None:
        self._applied = None

    def connect(self) -> None:
        self._forget()
        super().connect()

    def get_new_connection(self, conn_params: Mapping[str, Any]) -> Any:
        """From the pool: waited for while others have all of them, and not when PostgreSQL refuses a new one, for a page
        would hold its thread for seconds only to say 503. `OPTIONS["pool"]["timeout"]` is how long one look lasts."""
        deadline, failed = monotonic() + settings.DB_POOL_WAIT, self._failed_attempts()
        while True:
            try:
                return super().get_new_connection(conn_params)
            except PoolTimeout:
                if monotonic() >= deadline or self._failed_attempts() > failed:
                    raise

    def _failed_attempts(self) -> int:
        """Connections that the pool could not open, since it was made."""
        return 0 if self.pool is None else self.pool.get_stats().get("connections_errors", 0)

    def close(self) -> None:
        self._forget()
        self._over()
        super().close()

    def _rollback(self) -> None:
        self._forget()
        super()._rollback()

    def savepoint_rollback(self, sid: str) -> None:
        self._last = [last for last in self._last if sid not in last.savepoints]
        self.locks_held = (
            set()
        )  # its locks are gone; others may still be held, and are asked for in their order
        try:
            super().savepoint_rollback(sid)
        finally:
            self._forget()

    def savepoint_commit(self, sid: str) -> None:
        """A test's own block around everything is no transaction of ours: inside it, a savepoint ends one."""
        if self._is_outermost():
            self._write_last()
        super().savepoint_commit(sid)

    def commit(self) -> None:
        try:
            self._write_last()
        except BaseException:
            self.rollback()
            raise
        super().commit()

    def rollback(self) -> None:
        self._over()
        super().rollback()

    def lastly(self, write: Callable[[list[Any]], None], item: Any) -> None:
        """Have `write` called once with all its items as the transaction's last statements, each school's by itself.

        So that a lock which everybody needs, such as the end of the audit chain, is held for a moment and never while
        waiting for another one. What belongs to a savepoint that is rolled back is forgotten with it.
        """
        self._last.append(Last(frozenset(self.savepoint_ids), self.place, self.tenant, write, item))

    def _is_outermost(self) -> bool:
        return bool(self.atomic_blocks) and all(block._from_testcase for block in self.atomic_blocks)

    def _write_last(self) -> None:
        """One order for all: by schema."""
        last, here = self._last, (self.place, self.tenant)
        self._over()
        groups: dict[tuple[str, Place, Callable[[list[Any]], None]], list[Last]] = {}
        for one in last:
            groups.setdefault((one.tenant.schema_name, one.place, one.write), []).append(one)
        try:
            for (_schema, place, write), found in sorted(groups.items(), key=lambda group: group[0][:2]):
                self.set_tenant(found[0].tenant)
                self.stand_in(place)
                write([one.item for one in found])
        finally:
            self.set_tenant(here[1])
            self.stand_in(here[0])

    def _over(self) -> None:
        self._last, self.lock_place, self.locks_held = [], 0, set()


__all__ = ["OWNER", "DatabaseWrapper", "Place"]
