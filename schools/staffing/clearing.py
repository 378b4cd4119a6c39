"""Works out on which days a person may be with children: the contract and every required check at once. Pure."""

from collections.abc import Iterable
from datetime import date
from typing import Final, NamedTuple, Protocol

from afterbell.kernel.dates import ONE_DAY, Period, add_months
from schools.staffing.models import Origin

NEVER_RUNS_OUT: Final = date(2999, 12, 31)
"""Written as the expiry of a check that the policy never asks for again."""

POLICY_NAMES: Final[dict[str, str]] = {
    Origin.PARENT: "parent",
    Origin.PROFESSIONAL: "professional",
    Origin.SCHOOL: "school_staff",
}
"""How the policy documents call the three origins."""


class CheckFacts(Protocol):
    """What counts of a check."""

    kind: str
    passed: bool
    checked_date: date
    expires_date: date


class Gap(NamedTuple):
    """Why a person is not cleared: the check that is missing, failed or expired."""

    kind: str
    reason: str


def expiry(checked: date, *, validity_months: int | None) -> date:
    """The last day on which a check counts under the policy."""
    return NEVER_RUNS_OUT if validity_months is None else add_months(checked, validity_months)


def valid_span(checks: Iterable[CheckFacts]) -> Period | None:
    """The days covered without a break up to the end of the latest check of one kind; None when that one failed.

    A later failed check ends what the earlier ones allowed.
    """
    by_date = sorted(checks, key=lambda check: check.checked_date, reverse=True)
    if not by_date or not by_date[0].passed:
        return None
    first, last = by_date[0].checked_date, by_date[0].expires_date
    for earlier in by_date[1:]:
        if not earlier.passed or earlier.expires_date < first - ONE_DAY:
            break
        first = earlier.checked_date
    return Period(first, last)


def cleared_span(contract: Period, *, checks: Iterable[CheckFacts], required: Iterable[str]) -> Period | None:
    """Contract ∩ all required checks, or None: then nobody may put the person on a session (S17, S18)."""
    known = list(checks)
    span: Period | None = contract
    for kind in required:
        valid = valid_span(check for check in known if check.kind == kind)
        span = span.overlap(valid) if span and valid else None
    return span


def gaps(checks: Iterable[CheckFacts], *, required: Iterable[str], on: date) -> list[Gap]:
    """What is missing on a day, for people: `missing`, `failed` or `expired`."""
    known = list(checks)
    found = []
    for kind in required:
        of_kind = sorted(
            (check for check in known if check.kind == kind), key=lambda check: check.checked_date
        )
        if not of_kind:
            found.append(Gap(kind, "missing"))
        elif not of_kind[-1].passed:
            found.append(Gap(kind, "failed"))
        elif of_kind[-1].expires_date < on:
            found.append(Gap(kind, "expired"))
    return found
