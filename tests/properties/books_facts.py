"""What the random books remember: pages opened earlier with their rows, tables as they are, statements that break."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass, field
from typing import Any, Final

from django.db import OperationalError, connection
from django.db.models import Model

from schools.care.models import Session
from schools.committee.models import Resolution
from schools.enrolment.models import Agreement, Application
from schools.finance.models import (
    Charge,
    ChargeRun,
    Expenditure,
    Refund,
    Settlement,
    Transfer,
    Waiver,
)

ROWS: Final[dict[str, tuple[type[Any], tuple[str, ...]]]] = {
    "application": (Application, ("pupil", "plan")),
    "agreement": (Agreement, ("pupil", "plan")),
    "charge": (Charge, ("agreement",)),
    "run": (ChargeRun, ("plan",)),
    "waiver": (Waiver, ("charge__agreement",)),
    "transfer": (Transfer, ("debit", "credit")),
    "refund": (Refund, ("agreement",)),
    "settlement": (Settlement, ()),
    "expenditure": (Expenditure, ()),
    "session": (Session, ("activity__plan",)),
    "resolution": (Resolution, ()),
}
"""What a page shows, with what it shows beside it."""
OLD: Final = 2
"""A number's rest by four: what was read before is picked."""
Ready = Callable[[Any], bool]


@dataclass
class Hand:
    """Rows as somebody read them, by kind and in the order in which they were read: the last of a row is how it stands."""

    seen: dict[str, dict[tuple[Any, ...], Any]] = field(default_factory=dict)
    now: dict[str, dict[Any, tuple[Any, ...]]] = field(default_factory=dict)

    def look(self, changed: Collection[str]) -> None:
        """Open every page once more whose table has changed."""
        for kind, (model, beside) in ROWS.items():
            if model._meta.db_table not in changed:
                continue
            names = [each.attname for each in model._meta.concrete_fields]
            known, now = self.seen.setdefault(kind, {}), {}
            for row in model.objects.select_related(*beside).order_by("pk"):
                look = (row.pk, *(str(getattr(row, name)) for name in names))
                known.setdefault(look, row)
                now[row.pk] = look
            self.now[kind] = now

    def rows(self, kind: str) -> list[Any]:
        """As they stand."""
        return [self.seen[kind][look] for look in self.now[kind].values()]

    def has(self, kind: str, ready: Ready) -> bool:
        return any(ready(row) for row in self.seen[kind].values())

    def pick(self, kind: str, number: int, ready: Ready) -> Any:
        """Most often a row that is ready for the deed; else one that was when it was read, and is another one now; else
        any. A copy, so that what is remembered stays as it was read."""
        fresh = [row for row in self.rows(kind) if ready(row)]
        standing = set(self.now[kind].values())
        old = [row for look, row in self.seen[kind].items() if look not in standing and ready(row)]
        which, place = number % 4, number // 4
        choice = old or fresh if which == OLD else fresh or old
        if which == 3 and place % 3 == 0:
            choice = list(self.seen[kind].values())
        return as_read(choice[place % len(choice)])

    def clone(self) -> "Hand":
        return Hand({kind: dict(rows) for kind, rows in self.seen.items()}, dict(self.now))


def as_read(row: Model) -> Any:
    """Another object of the same reading."""
    found = copy(row)
    found._state = copy(row._state)
    found._state.fields_cache = dict(row._state.fields_cache)
    return found


class Fault(OperationalError):
    """The machine stops in the middle of a deed."""


@contextmanager
def breaks(at: int) -> Iterator[None]:
    """The statement of this number is not done; taking back is never hindered."""
    n, takes_back = 0, False

    def broken(execute: Callable[..., Any], statement: Any, params: Any, many: Any, around: Any) -> Any:
        nonlocal n, takes_back
        goes_on = takes_back and str(statement).startswith("RELEASE")
        takes_back = str(statement).startswith("ROLLBACK")
        if not (takes_back or goes_on):
            n += 1
            if n == at:
                raise Fault(str(statement)[:60])
        return execute(statement, params, many, around)

    with connection.execute_wrapper(broken):
        yield


class Tables:
    """Every row of the school as one number for each table, so that a deed that was refused can be seen to do nothing."""

    def __init__(self, schema: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT table_name FROM information_schema.tables WHERE table_schema = %s AND table_type = 'BASE TABLE'"
                " ORDER BY 1",
                [schema],
            )
            self.names = [name for (name,) in cursor.fetchall() if not name.startswith("django_")]
        parts = [
            f'(SELECT coalesce(sum(hashtextextended(t::text, 0)), 0) FROM "{name}" AS t)'
            for name in self.names
        ]
        self._statement = f"SELECT ARRAY[{', '.join(parts)}]"

    def read(self) -> list[int]:
        with connection.cursor() as cursor:
            cursor.execute(self._statement)
            (found,) = cursor.fetchone()
        return list(found)

    def changed(self, before: list[int], after: list[int]) -> list[str]:
        return [name for name, one, other in zip(self.names, before, after, strict=True) if one != other]
