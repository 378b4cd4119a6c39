"""Writes of staffing up to the contract: candidates, checks, the committee's approval, the signature."""

from datetime import date, datetime
from typing import Final

from django.db import IntegrityError, transaction

from afterbell.accounts import actions as accounts
from afterbell.accounts import queries as account_queries
from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from afterbell.audit.actions import record
from afterbell.kernel import locks
from afterbell.kernel.dates import local_date
from afterbell.kernel.money import Fen, format_fen
from afterbell.kernel.numbers import number_for
from afterbell.kernel.states import move
from schools.committee.models import Resolution
from schools.committee.states import ResolutionState
from schools.people import word_actions, word_queries
from schools.staffing import clearing, organisations, queries, texts
from schools.staffing.clearance_actions import clear, end_contract
from schools.staffing.marks import staff_changed
from schools.staffing.models import Candidate, Check, Contract, Origin
from schools.staffing.refusals import (
    AlreadyContracted,
    CandidateKnown,
    CheckInTheFuture,
    CheckKnown,
    CheckLastsTooLong,
    ContractDates,
    DecisionUsed,
    NoConsent,
    NotHired,
    NotKnownAsAPerson,
    Organisation,
    OwnCase,
    PayTooLow,
    SecondAccount,
)
from schools.staffing.states import CANDIDATE_MOVES, CandidateState
from tenants.policies.documents import Policy

PREFIX: Final = "P"
"""Numbers of employment agreements: P20260901-….."""


def propose_candidate(
    *, name: str, phone: str, origin: Origin, skills: str, by: User, now: datetime
) -> Candidate:
    """Put a person of one of the three kinds on the list (S16). `phone` is E.164."""
    if organisations.looks_like_one(name):
        raise Organisation(name=name)
    candidate = Candidate(name=name.strip(), phone=phone, origin=origin, skills=skills, proposed_at=now)
    with transaction.atomic():
        try:
            with transaction.atomic():
                candidate.save(force_insert=True)
        except IntegrityError as error:
            raise CandidateKnown from error
        word_actions.ask(doubts=queries.doubts_about(candidate), by=by, now=now)
        record(
            verb="staffing.candidate.propose",
            target=candidate,
            by=by,
            at=now,
            details={"origin": origin.value},
        )
    return candidate


def record_check(
    *,
    candidate: Candidate,
    kind: str,
    passed: bool,
    checked_date: date,
    expires_date: date | None,
    document_number: str,
    consent_at: datetime | None,
    policy: Policy,
    by: User,
    now: datetime,
) -> Check:
    """Keep result, date, number and expiry, never the record itself (S17); the running contract is cleared anew.

    Without `expires_date` the check counts as long as the policy lets it.
    """
    if consent_at is None or consent_at > now:
        raise NoConsent
    if checked_date > local_date(now):
        raise CheckInTheFuture
    latest = clearing.expiry(checked_date, validity_months=queries.validity_months(policy, candidate, kind))
    expires = expires_date or latest
    if not checked_date < expires <= latest:
        raise CheckLastsTooLong(latest=latest)
    check = Check(
        candidate=candidate,
        kind=kind,
        passed=passed,
        checked_date=checked_date,
        expires_date=expires,
        document_number=document_number,
        consent_at=consent_at,
        by=by,
        recorded_at=now,
    )
    with transaction.atomic():
        person = locks.locked(candidate)
        _refuse_own(person, by)
        try:
            with transaction.atomic():
                check.save(force_insert=True)
        except IntegrityError as error:
            raise CheckKnown from error
        contract = queries.running_contract(person)
        if contract is not None:
            clear(contract=contract, policy=policy, by=by, now=now)
        staff_changed(first=checked_date, last=local_date(now), now=now)
        details = {"kind": kind, "passed": passed, "expires": expires}
        record(verb="staffing.check.record", target=check, by=by, at=now, details=details)
    return check


def approve_candidate(*, candidate: Candidate, by: User | None, now: datetime) -> None:
    """The committee's passed resolution on this person lets the person be hired (S16).

    One that was used for a contract, or that was opened before a dismissal, decides nothing any more (S19).
    """
    with transaction.atomic():
        row = locks.locked(candidate)
        resolution = queries.decision_for(row)
        if resolution is None:
            raise NotHired
        also = {"resolution_id": resolution.pk}
        move(row, to=CandidateState.APPROVED, moves=CANDIDATE_MOVES, at=now, also=also)
        details = {"resolution": resolution.pk}
        record(verb="staffing.candidate.approve", target=row, by=by, at=now, details=details)
    locks.follow(candidate, row)


def resolution_closed(*, resolution: Resolution, by: User | None, now: datetime) -> None:
    """The committee has voted on a person (settings.RESOLUTION_CLOSED): hired or not, without another click.

    Of somebody who is hired it decides the next contract; when it says no, the running one lasts to its end.
    """
    if resolution.object_id is None:
        return  # a decision on hiring as such, not on one person
    candidate = locks.locked_rows(Candidate, [resolution.object_id]).first()
    if candidate is None or not queries.still_decides(resolution, candidate):
        return
    is_yes = resolution.state == ResolutionState.PASSED
    if candidate.state == CandidateState.APPROVED:
        if is_yes:
            _renew(candidate, resolution, by=by, now=now)
    elif candidate.state == CandidateState.PROPOSED:
        (approve_candidate if is_yes else refuse_candidate)(candidate=candidate, by=by, now=now)


def _renew(candidate: Candidate, resolution: Resolution, *, by: User | None, now: datetime) -> None:
    Candidate.objects.filter(pk=candidate.pk).update(resolution_id=resolution.pk)
    details = {"resolution": resolution.pk}
    record(verb="staffing.candidate.renew", target=candidate, by=by, at=now, details=details)


def refuse_candidate(*, candidate: Candidate, by: User | None, now: datetime) -> None:
    """The person is not hired."""
    with transaction.atomic():
        row = locks.locked(candidate)
        move(row, to=CandidateState.REFUSED, moves=CANDIDATE_MOVES, at=now)
        record(verb="staffing.candidate.refuse", target=row, by=by, at=now)
    locks.follow(candidate, row)


def sign_contract(
    *,
    candidate: Candidate,
    from_date: date,
    until_date: date,
    pay_fen: Fen,
    school_name: str,
    policy: Policy,
    by: User,
    now: datetime,
    is_another_person: bool = False,
) -> Contract:
    """S18: the agreement in force from its signature; its text is frozen, the person gets an account.

    It uses up the committee's resolution: another contract, after this one or after a dismissal, needs another (S19).
    Where somebody of the name works here under another number, whoever signs says that it is another person, else
    SecondAccount is raised.
    """
    today = local_date(now)
    if until_date < max(from_date, today):
        raise ContractDates
    least = policy.least_staff_fen_per_class_hour
    if least is not None and pay_fen < least:
        raise PayTooLow(least=format_fen(least))
    with transaction.atomic():
        locked = locks.locked(candidate, also=("user",))
        _refuse_own(locked, by)
        if locked.state != CandidateState.APPROVED:
            raise NotHired
        for each in word_queries.unsettled(queries.doubts_about(locked)):
            raise NotKnownAsAPerson(name=each.doubt.text)
        namesakes = queries.namesakes(locked, today=today)
        if namesakes and not is_another_person:
            raise SecondAccount(who="；".join(each.words for each in namesakes))
        _end_the_last_one(locked, today, by=by, now=now)
        contract = _signed(locked, from_date, until_date, pay_fen, school_name=school_name, now=now)
        clear(contract=contract, policy=policy, by=by, now=now)
        locked.user = _account_of(locked, now=now)
        locked.save(update_fields=["user"])
        candidate.user = locked.user
        staff_changed(first=from_date, last=until_date, now=now)
        details = {
            "from": from_date,
            "until": until_date,
            "pay_fen": pay_fen,
            "sha256": contract.text_sha256,
            "resolution": contract.resolution_id,
            "not_the_same_as": [each.user_id for each in namesakes],
        }
        record(verb="staffing.contract.sign", target=contract, by=by, at=now, details=details)
    return contract


def _refuse_own(candidate: Candidate, by: User) -> None:
    if by.pk == candidate.user_id or by.phone == candidate.phone:
        raise OwnCase


def _end_the_last_one(candidate: Candidate, today: date, *, by: User, now: datetime) -> None:
    """A contract whose last day has passed makes room for the next; a running one does not."""
    running = queries.running_contract(candidate)
    if running is None:
        return
    if running.until_date >= today:
        raise AlreadyContracted(name=candidate.name, until=running.until_date)
    end_contract(contract=running, by=by, now=now)


def _signed(
    candidate: Candidate, from_date: date, until_date: date, pay_fen: Fen, *, school_name: str, now: datetime
) -> Contract:
    resolution = queries.decision_for(candidate)
    if resolution is None:
        raise DecisionUsed
    contract = Contract(
        candidate=candidate,
        resolution_id=resolution.pk,
        from_date=from_date,
        until_date=until_date,
        pay_fen=pay_fen,
        signed_at=now,
    )
    contract.number = number_for(PREFIX, local_date(now), contract.pk)
    contract.text = texts.agreement_text(
        number=contract.number,
        school=school_name,
        name=candidate.name,
        from_date=from_date,
        until_date=until_date,
        pay_fen=pay_fen,
        resolution=resolution.number,
    )
    contract.text_sha256 = texts.digest(contract.text)
    contract.save(force_insert=True)
    return contract


def _account_of(candidate: Candidate, *, now: datetime) -> User:
    """The person's own account with the role of care staff: an old one of the same phone, or a new one.

    Accounts are told "the system" as giver: the right to hire was checked here, the right to give roles is not asked.
    """
    user = candidate.user or account_queries.user_by_phone(candidate.phone)
    if user is None:
        user = accounts.create_user(name=candidate.name, phone=candidate.phone, by=None, now=now)
    user = locks.locked(user)
    if not user.is_active:
        accounts.reactivate_user(user=user, by=None, now=now)
    if not user.assignments.filter(role=Role.CARE_STAFF, scope="").exists():
        accounts.assign_role(user=user, role=Role.CARE_STAFF, by=None, now=now)
    return user
