"""Reads of the books: terms, the plan that they were charged by, and how its service ended."""

from datetime import date, datetime
from uuid import UUID

from django.db.models import QuerySet

from afterbell.kernel.dates import local_date
from schools.finance import rules
from schools.finance.models import Account
from schools.planning.models import Plan
from schools.planning.states import PlanState
from tenants.exchange.models import Envelope
from tenants.exchange.queries import reports_about
from tenants.models import Term
from tenants.policies.national import COMMITTEES_STOP
from tenants.policies.queries import NoPolicyInForce, PolicyInForce


def terms() -> list[Term]:
    """Terms with a plan or with books, newest first. Two queries."""
    planned, booked = Plan.objects.values_list("term_code"), Account.objects.values_list("term_code")
    codes = [code for (code,) in planned.order_by().union(booked.order_by())]
    return list(Term.objects.filter(code__in=codes).order_by("-first_date", "pk"))


def policy_or_none(day: date) -> PolicyInForce | None:
    """The rules of a day; None while the city has set none."""
    try:
        return rules.policy_on(day)
    except NoPolicyInForce:
        return None


def is_collector_forbidden(term: Term | None, today: date) -> bool:
    """A committee collects on a day on which the national rule forbids it: by the policy, or by the term's plan (S3)."""
    policy = policy_or_none(today)
    if policy is not None and policy.is_collector_forbidden:
        return True
    if term is None or term.last_date < COMMITTEES_STOP:
        return False
    live = [PlanState.ACCEPTED, PlanState.PUBLISHED, PlanState.ENDED]
    return Plan.objects.filter(term_code=term.code, collector="committee", state__in=live).exists()


def running_plan(term_code: str, now: datetime) -> Plan | None:
    """The published plan while it has days left."""
    rows = Plan.objects.filter(term_code=term_code, state=PlanState.PUBLISHED, last_date__gt=local_date(now))
    return rows.first()


def ended_plan(term_code: str) -> Plan | None:
    """The one that ended last before its time, where none has days left."""
    rows = Plan.objects.filter(term_code=term_code, ended_date__isnull=False)
    return rows.order_by("-ended_date", "-version", "pk").first()


def service_ends(term_code: str) -> QuerySet[Envelope]:
    """What the bureau was told of plans of the term that ended early, with what it said. Two statements."""
    ids = Plan.objects.filter(term_code=term_code).values_list("pk", flat=True)
    return reports_about("service_end", ids)


def plan(plan_id: UUID) -> Plan:
    """Raises Plan.DoesNotExist."""
    return Plan.objects.get(pk=plan_id)
