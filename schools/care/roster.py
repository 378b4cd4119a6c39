"""The duty roster of a week as a table: a row for each time of the day, a column for each day with sessions. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from afterbell.kernel.dates import Period
from schools.care.models import DutyRole, Session


@dataclass(frozen=True)
class Cell:
    """One session on the roster."""

    session: Session
    responsible: str
    leader: str


@dataclass(frozen=True)
class Week:
    """Days across, times down."""

    days: list[date]
    rows: list[tuple[str, list[tuple[date, list[Cell]]]]]


def week_table(sessions: Iterable[Session], period: Period) -> Week:
    """Monday to Friday always, the weekend when there are make-up days."""
    found = list(sessions)
    used = {session.date for session in found}
    days = [day for day in period if day.isoweekday() <= 5 or day in used]
    times = sorted({_time(session) for session in found})
    rows = [
        (
            time,
            [
                (day, [_cell(session) for session in found if session.date == day and _time(session) == time])
                for day in days
            ],
        )
        for time in times
    ]
    return Week(days, rows)


def _cell(session: Session) -> Cell:
    names = {duty.role: duty.clearance.contract.candidate.name for duty in session.duties.all()}
    return Cell(session, names.get(DutyRole.RESPONSIBLE, ""), names.get(DutyRole.LEADER, ""))


def _time(session: Session) -> str:
    return f"{timezone.localtime(session.starts_at):%H:%M}—{timezone.localtime(session.ends_at):%H:%M}"
