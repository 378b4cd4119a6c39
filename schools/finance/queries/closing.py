"""Reads of months: what each holds, what became of it, and what was published."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import QuerySet

from afterbell.kernel.dates import Month, local_date
from afterbell.kernel.money import Fen
from schools.finance import ending, gathering, rules
from schools.finance.models import Statement
from schools.finance.queries.plans import policy_or_none
from schools.planning.models import Plan
from tenants.models import Term

LATER = "9999-12"
"""Than every month of a term without bookings."""
NO_FLOWS = gathering.Flows(Fen(0), Fen(0), Fen(0), Fen(0), Fen(0))


@dataclass(frozen=True)
class MonthState:
    """A month of the term's books and what became of it."""

    line: gathering.MonthLine
    statement: Statement | None
    due: date | None
    state: str
    """running, open, late, closed, closed_late; before: older than the term, it is in the first month's opening; none:
    over, without a booking, and no service has begun in the term so far"""

    @property
    def may_close(self) -> bool:
        return self.state in ("open", "late")


def months(term: Term, today: date) -> list[MonthState]:
    """From the term's first month to the present one, and every month with postings; none before the first is to close."""
    lines = {line.month: line for line in gathering.month_lines(term.code)}
    closed = {row.month: row for row in Statement.objects.filter(term_code=term.code)}
    labels = [str(month) for month in rules.days_of(term).months() if month <= Month.of(today)]
    policy = policy_or_none(min(today, term.last_date))
    days = policy.policy.deadlines.statement_days if policy else None
    booked = min(lines, default=LATER)
    is_asked = any(label < booked and label not in closed for label in labels)
    plans = ending.served(term) if is_asked else None
    first = rules.month_named(booked) if plans is None else ending.first_month(plans, lines)
    held, found = Fen(0), []
    for label in sorted({*labels, *lines, *closed}):
        line = lines.get(label) or gathering.MonthLine(label, held, NO_FLOWS, held)
        held = line.closing
        month = rules.month_named(label) or Month.of(today)
        due = None
        if days is not None and first is not None and label not in closed:
            due = gathering.due_day(month, days, first)
        found.append(_month_state(line, closed.get(label), month, due, today))
    found = [replace(state, state="none") if first is None and state.may_close else state for state in found]
    return [_placed(state, term, plans, today) for state in found]


def _placed(state: MonthState, term: Term, plans: Sequence[Plan] | None, today: date) -> MonthState:
    """Books from before a rule may have rows in months before the term."""
    if state.statement is None and state.line.month < str(Month.of(term.first_date)):
        return replace(state, state="before", due=None)
    return _early(state, term, plans, today)


def _early(state: MonthState, term: Term, plans: Sequence[Plan] | None, today: date) -> MonthState:
    """The term's last month may be closed once its service is over."""
    month = rules.month_named(state.line.month)
    if state.state != "running" or month is None or not ending.is_last_month_over(term, month, today, plans):
        return state
    return replace(state, state="open")


def _month_state(
    line: gathering.MonthLine, statement: Statement | None, month: Month, due: date | None, today: date
) -> MonthState:
    if statement is not None:
        is_late = local_date(statement.published_at) > statement.due_date
        return MonthState(line, statement, statement.due_date, "closed_late" if is_late else "closed")
    if today <= month.period.last:
        return MonthState(line, None, due, "running")
    return MonthState(line, None, due, "late" if due is not None and today > due else "open")


def statements() -> QuerySet[Statement]:
    """All published ones, newest first."""
    return Statement.objects.order_by("-month", "-term_code", "pk")


def statements_of(month: str) -> list[Statement]:
    """Of one month; two terms may share one."""
    return list(Statement.objects.filter(month=month).order_by("term_code", "pk"))


def statement(term_code: str, month: str) -> Statement:
    """Raises Statement.DoesNotExist."""
    return Statement.objects.get(term_code=term_code, month=month)
