"""Who works in a term, and what is counted anew when its dates move: each school is asked and marked by itself."""

from datetime import datetime

import structlog
from django.db import transaction

from afterbell.outbox import actions as outbox
from oversight.facts.models import MonthFact, TermMark
from schools.planning import facts as planning
from tenants import context, queries
from tenants.models import School
from tenants.states import SchoolState
from tenants.term_actions import Use

log = structlog.get_logger(__name__)


def uses(code: str) -> list[Use]:
    """Schools that have asked families or planned in a term, archived ones too; by code. Two queries a school."""
    found = []
    for school in queries.schools().exclude(state=SchoolState.OPENING):
        with context.in_school(school):
            days = planning.days_of_plans(code)
        if days is not None:
            found.append(Use(school.name, *days))
    return found


def changed(*, code: str, now: datetime) -> None:
    """The dates of a term have moved. In that deed's transaction; the next sweep hands it on to every school."""
    TermMark.objects.create(term_code=code, marked_at=now)


def hand_on(*, now: datetime) -> None:
    """Marks each school for the terms that have moved. A kill in between marks some schools twice, and none too few.

    A school that can't be marked, as when its schema is behind, is left to its nightly pass, which counts every term.
    """
    waiting = list(TermMark.objects.order_by("pk"))
    codes = sorted({mark.term_code for mark in waiting})
    for school in queries.schools().filter(state=SchoolState.ACTIVE) if codes else ():
        try:
            _mark(school, codes, now)
        except Exception:
            log.exception("facts.term_not_marked", school=school.code)
    TermMark.objects.filter(pk__in=[mark.pk for mark in waiting]).delete()


def _mark(school: School, codes: list[str], now: datetime) -> None:
    """The terms, and the months of their books: a month before the first day is no month of its own."""
    months = MonthFact.objects.filter(school=school, term_code__in=codes).values_list("month", flat=True)
    dirty = sorted(set(months))
    with context.in_school(school), transaction.atomic():
        outbox.mark(now=now, months=dirty, terms=codes)
