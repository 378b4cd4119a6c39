"""Writes of clearance: worked out anew, ended with the contract, taken away by a dismissal."""

from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db import transaction

from afterbell.accounts import actions as accounts
from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from afterbell.audit.actions import record
from afterbell.kernel import locks
from afterbell.kernel.dates import ONE_DAY, Period, local_date
from afterbell.kernel.states import move
from afterbell.kernel.strings import dotted
from schools.staffing import clearing, queries
from schools.staffing.marks import staff_changed
from schools.staffing.models import Candidate, Clearance, Contract
from schools.staffing.refusals import NoReason, NotInForce, StillRunning
from schools.staffing.states import CANDIDATE_MOVES, CONTRACT_MOVES, CandidateState, ContractState
from tenants.policies.documents import Policy


class Released(NamedTuple):
    """What care answers: the sessions that now need somebody else, and the last day of a duty that stays."""

    sessions: list[UUID]
    last_date: date | None


def clear(*, contract: Contract, policy: Policy, by: User, now: datetime) -> Clearance | None:
    """Contract ∩ all checks that the policy in force requires; None: nobody may put the person on a session.

    Duties after the new last day are removed first, because the database refuses to shorten a clearance under them.
    Days that have passed stay covered: what was held then was held rightly.
    """
    with transaction.atomic():
        row = locked_contract(contract)
        span = clearing.cleared_span(
            Period(row.from_date, row.until_date),
            checks=row.candidate.checks.all(),
            required=queries.required_checks(policy, row.candidate),
        )
        held = locks.lockable(Clearance.objects.filter(contract=row)).first()
        if held is None and span is not None:
            held = Clearance(contract=row, from_date=span.first, until_date=span.last)
            held.save(force_insert=True)
            _record(held, by=by, now=now)
        elif held is not None and span is not None:
            if span.last < held.until_date:
                _release(held, after=span.last, by=by, now=now)
            _stretch(held, first=min(held.from_date, span.first), last=span.last, by=by, now=now)
        elif held is not None:
            _withdraw(held, by=by, now=now)
        return held if span else None


def dismiss(*, contract: Contract, reason: str, by: User, now: datetime) -> list[UUID]:
    """S19: contract, clearance, duties and login end at once; returns the sessions that now need somebody else.

    The person stands on the list again: no decision or vote of before this moment hires anew.
    """
    if not reason.strip():
        raise NoReason
    today = local_date(now)
    with transaction.atomic():
        row = locked_contract(contract)
        if row.state != ContractState.ACTIVE:
            raise NotInForce
        move(
            row,
            to=ContractState.DISMISSED,
            moves=CONTRACT_MOVES,
            at=now,
            also={"ended_date": today, "end_reason": reason.strip()},
        )
        also = {"resolution_id": None, "dismissed_at": now}
        move(row.candidate, to=CandidateState.PROPOSED, moves=CANDIDATE_MOVES, at=now, also=also)
        held = locks.lockable(Clearance.objects.filter(contract=row)).first()
        left_open = _withdraw(held, by=by, now=now) if held else []
        _end_account(row, now=now)
        staff_changed(first=row.from_date, last=row.until_date, now=now)
        details = {"sessions_left": len(left_open)}
        record(verb="staffing.contract.dismiss", target=row, by=by, at=now, details=details)
    return left_open


def end_contract(*, contract: Contract, by: User, now: datetime) -> None:
    """After its last day a contract is over; the person may sign the next one."""
    with transaction.atomic():
        row = locked_contract(contract)
        if row.until_date >= local_date(now):
            raise StillRunning(until=row.until_date)
        also = {"ended_date": row.until_date}
        move(row, to=ContractState.ENDED, moves=CONTRACT_MOVES, at=now, also=also)
        staff_changed(first=row.from_date, last=row.until_date, now=now)
        record(verb="staffing.contract.end", target=row, by=by, at=now)
    locks.follow(contract, row)


def locked_contract(contract: Contract) -> Contract:
    """The contract as it stands, under the lock of its person: everything about one person stands in line there."""
    contract.ensure_home()
    list(locks.locked_rows(Candidate, [contract.candidate_id]).values_list("pk"))
    return locks.locked(contract, also=("candidate__user",))


def _stretch(held: Clearance, *, first: date, last: date, by: User, now: datetime) -> None:
    """Set the two dates; duties beyond the last have been released."""
    if (held.from_date, held.until_date) == (first, last):
        return
    held.from_date, held.until_date = first, last
    held.save(update_fields=["from_date", "until_date"])
    _record(held, by=by, now=now)


def _withdraw(held: Clearance, *, by: User, now: datetime) -> list[UUID]:
    """From today on the person is cleared for nothing; a duty done today keeps today. A span is never empty."""
    yesterday = local_date(now) - ONE_DAY
    released = _release(held, after=yesterday, by=by, now=now)
    last = max(yesterday, released.last_date or yesterday)
    if last >= held.from_date:
        _stretch(held, first=held.from_date, last=min(last, held.until_date), by=by, now=now)
    else:
        record(verb="staffing.clearance.withdraw", target=held, by=by, at=now)
        held.delete()
    return released.sessions


def _release(held: Clearance, *, after: date, by: User, now: datetime) -> Released:
    """Duties belong to care, which stands above: wired by name."""
    released: Released = dotted(settings.DUTY_RELEASE)(clearance_id=held.pk, after=after, by=by, now=now)
    return released


def _end_account(contract: Contract, *, now: datetime) -> None:
    """A parent or a class teacher who is dismissed keeps the other roles; everybody else can't log in any more.

    The role goes in any case: whoever opens the account again gives nothing of the service back (S19).
    """
    user = contract.candidate.user
    if user is None:
        return
    is_active = locks.locked(user).is_active
    held = list(user.assignments.all())
    for assignment in held:
        if assignment.role == Role.CARE_STAFF:
            accounts.withdraw_role(assignment=assignment, by=None, now=now)
    if is_active and all(assignment.role == Role.CARE_STAFF for assignment in held):
        accounts.deactivate_user(user=user, by=None, now=now)


def _record(held: Clearance, *, by: User, now: datetime) -> None:
    details = {"from": held.from_date, "until": held.until_date}
    record(verb="staffing.clearance.set", target=held, by=by, at=now, details=details)
