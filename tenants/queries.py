"""Reads of the public register: schools by host and code."""

from datetime import date
from itertools import combinations
from typing import NamedTuple, TypedDict
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from afterbell.kernel.dates import Period
from tenants.models import District, School, Term
from tenants.stamps import code_stamp
from tenants.states import SchoolState


class RegisterCounts(TypedDict):
    """Schools by state, and how many active ones have an old schema."""

    states: dict[str, int]
    behind: int


class Overlap(NamedTuple):
    """Two terms, the earlier first, and the days that lie in both."""

    one: Term
    other: Term
    days: Period


def overlapping_terms() -> list[Overlap]:
    """What an older version let in: no term can be added or moved over another any more. One query."""
    found = []
    for one, other in combinations(Term.objects.order_by("first_date", "pk"), 2):
        if days := Period(one.first_date, one.last_date).overlap(Period(other.first_date, other.last_date)):
            found.append(Overlap(one, other, days))
    return found


def school_by_host(host: str) -> School | None:
    """The school of an exact host name, or None. One query."""
    return School.objects.select_related("district").filter(domains__domain=host.lower()).first()


def school_by_id(school_id: UUID | str) -> School:
    """Raises School.DoesNotExist."""
    return School.objects.select_related("district").get(pk=school_id)


def schools() -> QuerySet[School]:
    """All schools by code."""
    return School.objects.select_related("district").order_by("code")


def district_scopes(today: date | None) -> list[tuple[str, str]]:  # noqa: ARG001  (what settings.ACCOUNT_SCOPES calls)
    """(code, name) of what a role of the bureau may be for, in the city's order."""
    return list(District.objects.order_by("position", "code").values_list("code", "name"))


def register_counts() -> RegisterCounts:
    """For health checks and metrics. One query, whatever the number of schools."""
    behind = Count("pk", filter=Q(state=SchoolState.ACTIVE) & ~Q(schema_stamp=code_stamp()))
    by_state = {state: Count("pk", filter=Q(state=state)) for state in SchoolState.values}
    row = School.objects.aggregate(behind=behind, **by_state)
    return RegisterCounts(states={state: row[state] for state in SchoolState.values}, behind=row["behind"])
