"""Reading at one moment: while others write, one statement would see their rows and the one before it would not."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def snapshot() -> Iterator[None]:
    """Everything that is read inside stands as it stood at the first statement; nothing can be written.

    Inside another transaction that one's own rule holds: PostgreSQL sets it before the first statement alone.
    """
    with connection.cursor():
        pass  # the schema and role that we stand in are set by a statement of their own (tenants.backend)
    is_outermost = not connection.in_atomic_block
    with transaction.atomic():
        if is_outermost:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        yield
