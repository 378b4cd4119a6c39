"""From bytes to a plan in one call: what the page and the command share."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from afterbell.accounts.models import User
from schools.people.roster import checking, planning, reading, reporting
from schools.people.roster.checking import Tick
from schools.people.roster.plans import Plan
from schools.people.roster.sheets import Sheet


def silent(done: int, of: int) -> None:
    """For whoever does not watch."""


@dataclass(frozen=True)
class Intake:
    """A workbook that could be read: its sheets, and what importing it would do."""

    sheets: list[Sheet]
    plan: Plan

    def error_workbook(self) -> bytes:
        """The clerk's rows with every flaw marked, every open question, and everybody who is left out."""
        return reporting.workbook(self.sheets, self.plan)

    def rest_workbook(self) -> bytes:
        """What an import of the good rows alone leaves: the others, to mend and send again."""
        return reporting.rest(self.sheets, self.plan)


def take(
    data: bytes,
    *,
    today: date,
    by: User | None = None,
    tick: Tick = silent,
    given: Mapping[str, str] | None = None,
) -> Intake:
    """Read, check, compare with the school at hand; raises a BadWorkbook. Writes nothing.

    `by` imports it: what it says about the own child is left out. `given` are answers that were given on the page, by the
    key of their question.
    """
    sheets = reading.read(data)
    roster = checking.check(sheets, today=today, tick=tick)
    return Intake(sheets, planning.plan(roster, today=today, by=by, given=given))


def digest(data: bytes) -> str:
    """Which file it was."""
    return sha256(data).hexdigest()
