"""Asks one school for its facts. Call it inside the school; what comes back holds counts and sums, never a child.

Each function gives the fields of the fact tables by bucket. A bucket that was asked for and is not in the answer has
no fact (any more): its row is taken away.
"""

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from afterbell.kernel.dates import local_date
from schools.care import facts as care
from schools.enrolment import facts as enrolment
from schools.finance import facts as finance
from schools.people import facts as people
from schools.planning import facts as planning
from schools.staffing import facts as staffing
from schools.voice import facts as voice
from tenants.models import School, Term
from tenants.policies import queries as policies

Fields = dict[str, Any]
MonthKey = tuple[str, str]
NO_COMPLAINTS = dict.fromkeys(
    ("complaints", "complaints_forced", "complaints_answered_in_time", "complaints_overdue"), 0
)


def days(school: School, wanted: Collection[date]) -> dict[date, Fields]:
    """Facts of these days; a day without sessions has none."""
    if not wanted:
        return {}
    return {
        day: dict(row)
        for day, row in care.of_days(wanted, required_checks=_required(school, max(wanted))).items()
    }


def months(wanted: Collection[str], *, now: datetime) -> dict[MonthKey, Fields]:
    """Facts of these months, by month and term; a month without money and complaints has none."""
    money, voices = finance.of_months(wanted), voice.of_months(wanted, now=now)
    return {
        key: {**(money.get(key) or finance.nothing()), **NO_COMPLAINTS, **voices.get(key, {})}
        for key in money.keys() | voices.keys()
    }


def term(school: School, code: str, *, now: datetime) -> Fields | None:
    """The fact of one term, or None while the school has neither asked nor planned."""
    if code not in planning.terms():
        return None
    known = Term.objects.filter(code=code).first()
    today = local_date(now)
    first, last = (known.first_date, known.last_date) if known else (today, today)
    on = min(max(today, first), last)
    return {
        "pupils_on_roll": people.on_roll(on),
        **planning.of_term(code),
        **enrolment.of_term(code),
        **staffing.of_period(first, last, on=on, required_checks=_required(school, on)),
        **voice.of_term(code),
        **finance.of_term(code),
    }


def everything() -> tuple[list[date], list[str], list[str]]:
    """All days, months and terms that this school has facts of."""
    all_months = sorted({*finance.months_in_the_books(), *voice.months_with_complaints()})
    return care.days_with_sessions(), all_months, planning.terms()


def moved_by_time(*, now: datetime) -> tuple[list[date], list[str], list[str]]:
    """Days, months and terms whose facts the clock alone may have changed."""
    today = local_date(now)
    terms = Term.objects.filter(first_date__lte=today, last_date__gte=today).values_list("code", flat=True)
    return [], voice.months_with_open_complaints(), list(terms)


def _required(school: School, day: date) -> tuple[str, ...]:
    """Kinds of checks that everybody on duty needs on the day; none while no policy is in force."""
    try:
        policy = policies.for_school(school, day).policy
    except policies.NoPolicyInForce:
        return ()
    return tuple(check.code for check in policy.checks_for("professional"))
