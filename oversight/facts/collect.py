"""Asks one school for its facts. Call it inside the school; what comes back holds counts and sums, never a child.

Each function gives the fields of the fact tables by bucket. A bucket that was asked for and is not in the answer has
no fact (any more): its row is taken away.
"""

from calendar import monthrange
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any, Final
from uuid import UUID

from afterbell.kernel.dates import local_date
from oversight.facts import columns
from schools.care import facts as care
from schools.care.facts import Required
from schools.enrolment import facts as enrolment
from schools.finance import facts as finance
from schools.people import facts as people
from schools.planning import facts as planning
from schools.staffing import facts as staffing
from schools.voice import facts as voice
from tenants.models import School, Term
from tenants.policies import national
from tenants.policies import queries as policies
from tenants.policies.documents import Collector, Policy

Fields = dict[str, Any]
MonthKey = tuple[str, str]
BURST_MINUTES: Final = 10
"""While no policy is in force; calculations.md, "Coercion signals"."""
AFTERMATH: Final = timedelta(days=120)
"""How long after a term its deadlines may still fall: settlement, refunds, the last statement."""
SETTLING: Final = timedelta(days=7)
"""How long after a term its classes are still counted: what was done on its last days may be asked for later. Holidays
have begun, and nobody has moved up yet."""
NO_COMPLAINTS = dict.fromkeys(columns.VOICES, 0)


def days(school: School, wanted: Collection[date]) -> dict[date, Fields]:
    """Facts of these days; a day without sessions has none."""
    if not wanted:
        return {}
    return {day: dict(row) for day, row in care.of_days(wanted, required=required_checks(school)).items()}


def required_checks(school: School) -> list[Required]:
    """Kinds of checks that everybody on duty needs, with the days on which the rules in force say so. One query."""
    rules = list(policies.covering(district=school.district, kind=school.kind))
    starts = sorted({rule.valid_from_date for rule in rules})
    found = []
    for first, after in pairwise([*starts, date.max]):
        rule = next(rule for rule in rules if rule.valid_from_date <= first)
        checks = Policy.from_document(rule.document).checks_for("professional")
        found += [Required(check.code, first, after - timedelta(days=1)) for check in checks]
    return found


def months(school: School, wanted: Collection[str], *, now: datetime) -> dict[MonthKey, Fields]:
    """Facts of these months, by month and term; a month without money and complaints has none.

    A month in the books has a due date of its statement also while there is none (S36): by the policy of its last day.
    One before the term's first is in that one's opening, and never closed by itself.
    """
    money, voices = finance.of_months(wanted), voice.of_months(wanted, now=now)
    begins = dict(Term.objects.values_list("code", "first_date"))
    for (month, code), fields in money.items():
        if code in begins and month < begins[code].isoformat()[:7]:
            continue
        fields["statement_due_date"] = fields["statement_due_date"] or _statement_due(school, month)
    return {
        key: {**(money.get(key) or finance.nothing()), **NO_COMPLAINTS, **voices.get(key, {})}
        for key in money.keys() | voices.keys()
    }


def with_letters(found: dict[MonthKey, Fields], letters: Mapping[MonthKey, Fields]) -> dict[MonthKey, Fields]:
    """The facts of months with what families said to the bureau added: the school itself does not know of it."""
    added = {key: dict(fields) for key, fields in found.items()}
    for key, counts in letters.items():
        fields = added.setdefault(key, {**finance.nothing(), **NO_COMPLAINTS})
        for name, count in counts.items():
            fields[name] += count
    return added


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
        **_dues(school, first, last),
    }


def classes_as_of(code: str, *, now: datetime) -> tuple[date, bool]:
    """The day as of which a term's classes are counted, its last one where it is over; and whether that was so long ago
    that children may have moved class: what was counted before stays."""
    known, today = Term.objects.filter(code=code).first(), local_date(now)
    if known is None:
        return today, False
    return min(today, known.last_date), today > known.last_date + SETTLING


def classes(school: School, code: str, *, on: date) -> dict[UUID, Fields]:
    """Facts of the classes in one term as of a day (classes_as_of), once it is asked about or planned.

    Which class a child is in is known of today alone.
    """
    if code not in planning.terms():
        return {}
    policy = _policy(school, on)
    found = people.classes_on(on)
    consents = enrolment.of_classes(
        code, burst_minutes=policy.coercion.burst_minutes if policy else BURST_MINUTES
    )
    answers = planning.of_classes(code)
    nothing = enrolment.NO_CONSENTS | planning.NO_ANSWERS
    return {
        class_id: {**fields, **nothing, **answers.get(class_id, {}), **consents.get(class_id, {})}
        for class_id, fields in found.items()
    }


def everything() -> tuple[list[date], list[str], list[str]]:
    """All days, months and terms that this school has facts of."""
    all_months = sorted({*finance.months_in_the_books(), *voice.months_with_complaints()})
    return care.days_with_sessions(), all_months, planning.terms()


def moved_by_time(*, now: datetime) -> tuple[list[date], list[str], list[str]]:
    """Days, months and terms whose facts the clock alone may have changed."""
    today = local_date(now)
    terms = Term.objects.filter(first_date__lte=today, last_date__gte=today - AFTERMATH)
    return [], voice.months_with_open_complaints(), list(terms.values_list("code", flat=True))


def _required(school: School, day: date) -> tuple[str, ...]:
    """Kinds of checks that everybody on duty needs on the day; none while no policy is in force."""
    policy = _policy(school, day)
    return tuple(check.code for check in policy.checks_for("professional")) if policy else ()


def _statement_due(school: School, month: str) -> date | None:
    last = date.fromisoformat(f"{month}-{monthrange(int(month[:4]), int(month[5:]))[1]:02d}")
    policy = _policy(school, last)
    return last + timedelta(days=policy.deadlines.statement_days) if policy else None


def _dues(school: School, first: date, last: date) -> Fields:
    """Who had to collect (S3), by when the term is to be settled and the surplus to be back with the families (S37)."""
    policy = _policy(school, first)
    if policy is None:
        return {"collector_due": "", "settlement_due_date": None, "surplus_due_date": None}
    settled = last - timedelta(days=policy.deadlines.settlement_days_before_term_end)
    is_forbidden = national.is_collector_forbidden(policy, first)
    return {
        "collector_due": Collector.SCHOOL if is_forbidden else policy.collector,
        "settlement_due_date": settled,
        "surplus_due_date": settled + timedelta(days=policy.deadlines.refund_days),
    }


def _policy(school: School, day: date) -> Policy | None:
    try:
        return policies.for_school(school, day).policy
    except policies.NoPolicyInForce:
        return None
