"""Which school this is, which of the city's terms and rules hold here: the room's one look at the floor below."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy as _

from afterbell.kernel.dates import Month, Period
from afterbell.kernel.errors import Refused
from schools.enrolment.models import Agreement
from schools.finance.charging import Tariff
from schools.planning import fees
from schools.planning.models import Plan
from tenants.exchange.queries import school_here
from tenants.models import Kind, School, Term
from tenants.policies import queries as policies
from tenants.policies.documents import Per, Policy, TeachingStage, stage_of
from tenants.policies.queries import PolicyInForce

__all__ = [
    "Billing",
    "PeriodOutsideTerm",
    "UnknownTerm",
    "billing",
    "days_of",
    "month_named",
    "policy_on",
    "school_here",
    "stage",
    "tariff",
    "term",
    "term_of_day",
    "waiver_names",
]


class UnknownTerm(Refused):
    """The city has no such term."""

    code = "finance.unknown_term"
    message = _("没有“%(term)s”这个学期，请核对。")
    status = 400


class PeriodOutsideTerm(Refused):
    """A period of fees lies inside one term (reference facts: never across terms)."""

    code = "finance.period_outside_term"
    message = _("“%(period)s”不在学期 %(term)s 之内，不能跨学期收费。")


@dataclass(frozen=True)
class Billing:
    """A period of fees: its label, its days inside the term."""

    label: str
    days: Period
    is_term: bool


def term(code: str) -> Term:
    """Raises UnknownTerm."""
    found = Term.objects.filter(code=code).first()
    if found is None:
        raise UnknownTerm(term=code[:20])
    return found


def term_of_day(day: date) -> Term | None:
    """The term that has begun last; before all of them, the first."""
    begun = Term.objects.filter(first_date__lte=day).order_by("-first_date", "pk").first()
    return begun or Term.objects.order_by("first_date", "pk").first()


def policy_on(day: date) -> PolicyInForce:
    """The rules of this school on a day. Two queries; raises NoPolicyInForce."""
    return policies.for_school(school_here(), day)


def waiver_names() -> dict[str, str]:
    """Every reason for a waiver that the rules of this school have had, by its code. Two queries."""
    school = school_here()
    named: dict[str, str] = {}
    profiles = policies.covering(district=school.district, kind=school.kind)
    for document in profiles.values_list("document", flat=True):
        for reason in document["waivers"]:
            named.setdefault(reason["code"], reason["name"])
    return named


def stage(agreement: Agreement, school: School) -> TeachingStage:
    """The stage of a child's grade: caps and refunds differ by it."""
    return stage_of(school.stage, agreement.pupil.school_class.grade)


def tariff(plan: Plan, policy: Policy, school: School, grade: int) -> Tariff:
    """A plan's fee for a grade with its own cap, which is per fee unit, and the policy's."""
    fee, plan_cap = fees.fee_of(plan, grade)
    caps = policy.caps_for(stage_of(school.stage, grade), Kind(school.kind), grade)
    return Tariff(unit=Per(plan.fee_unit), fen=fee, plan_cap=plan_cap, caps=caps)


def days_of(term: Term) -> Period:
    return Period(term.first_date, term.last_date)


def billing(label: str, term: Term) -> Billing:
    """A month (2026-09) or the whole term by its code. Raises PeriodOutsideTerm, also for nonsense."""
    whole = days_of(term)
    if label == term.code:
        return Billing(label, whole, is_term=True)
    month = month_named(label)
    days = month.period.overlap(whole) if month else None
    if days is None:
        raise PeriodOutsideTerm(period=label[:20], term=term.code)
    return Billing(label, days, is_term=False)


def month_named(label: str) -> Month | None:
    """2026-09; None for anything else."""
    year, _dash, number = label.partition("-")
    if len(label) != 7 or not (year.isdecimal() and number.isdecimal() and label.isascii()):
        return None
    return Month(int(year), int(number)) if 1 <= int(number) <= 12 and int(year) >= 2000 else None
