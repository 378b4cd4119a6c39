"""Does steps in many schools: 25 a transaction, halved on failure down to the one school that can't."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import DatabaseError, connection, transaction
from psycopg.errors import DeadlockDetected, LockNotAvailable

from afterbell.audit import actions as audit
from tenants import context
from tenants.fleet.steps import Step
from tenants.models import School

BATCH = 25


@dataclass(frozen=True)
class Patience:
    """How long to wait for a table that somebody uses: short for many schools, longer and again for one."""

    many_ms: int = 500
    one_ms: int = 2000
    tries: int = 5
    pause_seconds: float = 0.5


@dataclass(frozen=True)
class Failure:
    """One school that could not be migrated, and why in one line."""

    school: School
    step: str
    reason: str


@dataclass
class Replay:
    """One step after the other in one batch; who fails a step takes no more of them."""

    now: datetime
    patience: Patience
    failures: list[Failure]

    def run(self, schools: Sequence[School], steps: Sequence[Step], stamp: str) -> list[School]:
        """Returns the schools that have all steps now; they get the stamp with the last step."""
        left = list(schools)
        if not steps:  # everything is there already but the stamp
            with transaction.atomic():
                self._seal(left)
            School.objects.filter(pk__in=[school.pk for school in left]).update(schema_stamp=stamp)
        for step in steps:
            last = step is steps[-1]
            left = self._take(left, step, stamp if last else None)
        return left

    def _take(self, schools: list[School], step: Step, stamp: str | None) -> list[School]:
        """Returns those in which it succeeded."""
        if not schools:
            return []
        error = self._try(schools, step, stamp)
        if error is None:
            return schools
        if len(schools) > 1:
            middle = len(schools) // 2
            return [*self._take(schools[:middle], step, stamp), *self._take(schools[middle:], step, stamp)]
        self.failures.append(Failure(school=schools[0], step=step.name, reason=one_line(error)))
        return []

    def _try(self, schools: list[School], step: Step, stamp: str | None) -> Exception | None:
        tries = self.patience.tries if len(schools) == 1 else 1
        for attempt in range(1, tries + 1):
            try:
                self._transaction(schools, step, stamp)
            except Exception as error:  # noqa: BLE001  (a migration's Python may raise anything; it is reported)
                _go_on_only_with_a_database(error)
                if not _in_use(error) or attempt == tries:
                    return error
                time.sleep(self.patience.pause_seconds)
            else:
                return None
        return None

    def _transaction(self, schools: list[School], step: Step, stamp: str | None) -> None:
        wait = self.patience.many_ms if len(schools) > 1 else self.patience.one_ms
        with context.as_owner(), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"SET LOCAL lock_timeout = {wait:d}")
            for school in schools:
                step.take(school, now=self.now)
            if stamp is not None:
                self._seal(schools)
                School.objects.filter(pk__in=[school.pk for school in schools]).update(schema_stamp=stamp)

    def _seal(self, schools: Sequence[School]) -> None:
        """With the stamp: what the migrations have changed is sealed before anybody works there."""
        for school in schools:
            with context.as_owner(school.schema_name):
                audit.catch_up(now=self.now)


def one_line(error: Exception) -> str:
    """An error as a reason for people: its first line, with its kind where the text alone says too little."""
    if _in_use(error):
        return "a table is in use and was not let go; run again when the school is quiet"
    first = str(error).strip().partition("\n")[0]
    return first if first and isinstance(error, DatabaseError) else f"{type(error).__name__}: {first}"


def _in_use(error: Exception) -> bool:
    return isinstance(error.__cause__, LockNotAvailable | DeadlockDetected)


def _go_on_only_with_a_database(error: Exception) -> None:
    """A lost server is not the fault of 2,000 schools: stop, and let the next run go on."""
    if not _in_use(error) and not connection.is_usable():
        raise error
