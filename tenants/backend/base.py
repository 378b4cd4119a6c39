"""Before the first statement of each piece of work: the role and the search path, together, in one round trip.

What PostgreSQL has may differ from what we asked for: a rolled back savepoint takes a SET with it, the pool hands out
a connection that worked for another school. So what was applied is forgotten at each of these events, and applied
again before the next statement. A wrong guess costs 0.1 ms; a trusted one costs a child's data.
"""

from typing import Any, NamedTuple

from django_tenants.postgresql_backend.base import DatabaseWrapper as TenantsWrapper
from psycopg import pq


class Place(NamedTuple):
    """Where statements run: as which role ('none' is the login role), with which schemas in sight."""

    role: str
    schemas: tuple[str, ...]


OWNER = Place(role="none", schemas=("public",))
SET_PLACE = "SELECT pg_catalog.set_config('role', %s, false), pg_catalog.set_config('search_path', %s, false)"


class DatabaseWrapper(TenantsWrapper):  # type: ignore[misc]  # django-tenants ships no types
    """Knows the place its work belongs to, and makes sure of it before each statement's cursor."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.place = OWNER
        self._applied: Place | None = None
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

    def close(self) -> None:
        self._forget()
        super().close()

    def _rollback(self) -> None:
        self._forget()
        super()._rollback()

    def savepoint_rollback(self, sid: str) -> None:
        try:
            super().savepoint_rollback(sid)
        finally:
            self._forget()


__all__ = ["OWNER", "DatabaseWrapper", "Place"]
