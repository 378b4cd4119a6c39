"""What the city may know of the hired people: how many, from outside, with valid checks."""

from collections.abc import Collection
from datetime import date

from schools.staffing.models import Check, Contract, Origin


def of_period(first: date, last: date, *, on: date, required_checks: Collection[str]) -> dict[str, int]:
    """Contracts that touch the period; a check counts when it is the person's latest of its kind, passed and valid.

    Where nothing is required (no rules in force), nobody's checks are due and none are called valid.
    """
    contracts = list(
        Contract.objects.filter(from_date__lte=last, until_date__gte=first).values_list(
            "candidate_id", "candidate__origin"
        )
    )
    people = dict(contracts)
    latest: dict[tuple[object, str], Check] = {}
    for check in Check.objects.filter(
        candidate__in=people, kind__in=required_checks, checked_date__lte=on
    ).order_by("checked_date", "recorded_at", "pk"):
        latest[check.candidate_id, check.kind] = check
    valid = [
        person for person in people if all(_holds(latest.get((person, kind)), on) for kind in required_checks)
    ]
    return {
        "staff_contracted": len(people),
        "staff_outside": sum(origin != Origin.SCHOOL for origin in people.values()),
        "staff_checks_due": len(people) if required_checks else 0,
        "staff_checks_valid": len(valid) if required_checks else 0,
    }


def _holds(check: Check | None, on: date) -> bool:
    return check is not None and check.passed and check.expires_date >= on
