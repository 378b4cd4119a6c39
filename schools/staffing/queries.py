"""Reads of staffing: candidates with their state, checks that run out, who is cleared on a day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, NamedTuple
from uuid import UUID

from django.db.models import (
    Case,
    DateField,
    F,
    OuterRef,
    Prefetch,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from afterbell.accounts import queries as account_queries
from afterbell.accounts.models import Assignment, User, in_force
from afterbell.accounts.roles import Role
from afterbell.audit import queries as audit
from schools.committee import queries as committee
from schools.committee.models import Resolution, Subject
from schools.people.models import WordKind
from schools.people.words import Doubt
from schools.staffing import clearing, organisations
from schools.staffing.models import Candidate, Check, CheckKind, Clearance, Contract
from schools.staffing.states import CandidateState, ContractState
from tenants.policies.documents import Policy

SOON: Final = timedelta(days=60)
"""How long before it runs out a check or a contract is shown for renewal."""

STANDINGS: Final[dict[str, tuple[str, str | Promise]]] = {
    "proposed": ("now", _("待审核")),
    "approved": ("info", _("待签协议")),
    "refused": ("quiet", _("不予聘用")),
    "cleared": ("good", _("可上岗")),
    "expiring": ("warn", _("即将到期")),
    "uncleared": ("bad", _("核查不全，不可上岗")),
    "ended": ("quiet", _("期满")),
    "dismissed": ("quiet", _("已解聘")),
}
"""Where a person stands today: colour and word. Worked out, never stored."""


@dataclass(frozen=True)
class Expiring:
    """A check or contract that runs out soon, for the renewal page."""

    candidate: Candidate
    what: str | Promise
    last_date: date


def candidates(*, today: date, search: str = "", standing: str = "", origin: str = "") -> QuerySet[Candidate]:
    """All people with `contract_until`, `cleared_until` and `standing`; not ordered. One query."""
    latest = Contract.objects.filter(candidate=OuterRef("pk")).order_by("-signed_at", "-pk")
    running = Clearance.objects.filter(
        contract__candidate=OuterRef("pk"), contract__state=ContractState.ACTIVE
    )
    found: QuerySet[Candidate] = Candidate.objects.annotate(
        contract_state=Subquery(latest.values("state")[:1]),
        contract_decision=Subquery(latest.values("resolution_id")[:1]),
        contract_until=Subquery(latest.values("until_date")[:1], output_field=DateField()),
        cleared_until=Subquery(running.values("until_date")[:1], output_field=DateField()),
    ).annotate(standing=_standing(today))
    if search:
        found = found.filter(
            Q(name__icontains=search) | Q(phone__contains=search) | Q(skills__icontains=search)
        )
    if standing:
        found = found.filter(Q(standing=standing))
    return found.filter(origin=origin) if origin else found


def standings(*, today: date) -> dict[UUID, str]:
    """Where everybody stands today. One query."""
    found = candidates(today=today).values_list("pk", "standing")  # type: ignore[misc]  # annotated there
    return dict(found)


def to_put_to_the_vote(*, today: date) -> QuerySet[Candidate]:
    """Proposed people about whom no vote runs. Not ordered."""
    asked = committee.under_vote(Subject.HIRE)
    return candidates(today=today, standing="proposed").exclude(pk__in=list(asked))


def candidate_for(candidate_id: UUID) -> Candidate:
    """With checks and contracts, newest first. Raises Candidate.DoesNotExist."""
    found: Candidate = (
        Candidate.objects.select_related("user")
        .prefetch_related(
            Prefetch(
                "checks", queryset=Check.objects.select_related("by").order_by("-checked_date", "kind", "pk")
            ),
            Prefetch(
                "contracts",
                queryset=Contract.objects.select_related("clearance").order_by("-signed_at", "-pk"),
            ),
        )
        .get(pk=candidate_id)
    )
    return found


def contract_for(contract_id: UUID) -> Contract:
    """Raises Contract.DoesNotExist."""
    found: Contract = Contract.objects.select_related("candidate__user").get(pk=contract_id)
    return found


def running_contract(candidate: Candidate) -> Contract | None:
    """The one contract that has not ended."""
    found: Contract | None = Contract.objects.filter(candidate=candidate, state=ContractState.ACTIVE).first()
    return found


def still_decides(resolution: Resolution, candidate: Candidate) -> bool:
    """Not used up by a contract, and put to the vote after the last dismissal (S19)."""
    if candidate.dismissed_at is not None and resolution.opened_at <= candidate.dismissed_at:
        return False
    return not Contract.objects.filter(resolution_id=resolution.pk).exists()


def decision_for(candidate: Candidate) -> Resolution | None:
    """The passed resolution by which the person may be hired now (S16), or None."""
    found = committee.passed_resolution(Subject.HIRE, candidate.pk)
    return found if found is not None and still_decides(found, candidate) else None


def required_checks(policy: Policy, candidate: Candidate) -> list[str]:
    """Kinds that the policy asks of a person of this origin (S17)."""
    return [check.code for check in policy.checks_for(clearing.POLICY_NAMES[candidate.origin])]


def validity_months(policy: Policy, candidate: Candidate, kind: str) -> int | None:
    """How long a check of this kind counts; None never runs out."""
    asked = policy.checks_for(clearing.POLICY_NAMES[candidate.origin])
    return next((check.validity_months for check in asked if check.code == kind), None)


def gaps(candidate: Candidate, policy: Policy, *, today: date) -> list[clearing.Gap]:
    """What still keeps the person from being cleared."""
    return clearing.gaps(candidate.checks.all(), required=required_checks(policy, candidate), on=today)


def expiring(*, today: date) -> list[Expiring]:
    """Checks and contracts of people in service that run out within SOON, the soonest first. Three queries.

    The latest check of a kind counts, as it does for the clearance.
    """
    until = today + SOON
    contracts = Contract.objects.filter(state=ContractState.ACTIVE, until_date__lte=until).select_related(
        "candidate"
    )
    latest = (
        Check.objects.filter(candidate__contracts__state=ContractState.ACTIVE)
        .order_by("candidate", "kind", "-checked_date")
        .distinct("candidate", "kind")
        .values_list("candidate", "kind", "expires_date")
    )
    rows = [row for row in latest if row[2] <= until]
    people = Candidate.objects.in_bulk({candidate for candidate, _kind, _latest in rows})
    found = [Expiring(people[candidate], CheckKind(kind).label, last) for candidate, kind, last in rows]
    found += [Expiring(contract.candidate, _("聘用协议"), contract.until_date) for contract in contracts]
    return sorted(found, key=lambda each: (each.last_date, each.candidate.name, str(each.what)))


def cleared_on_some(days: Collection[date]) -> list[Clearance]:
    """Who may be put on a session on at least one of these days, be it before the contract begins; by name. One query."""
    if not days:
        return []
    found: QuerySet[Clearance] = Clearance.objects.select_related("contract__candidate").filter(
        contract__state=ContractState.ACTIVE, from_date__lte=max(days), until_date__gte=min(days)
    )
    rows = found.order_by("contract__candidate__name", "pk")
    return [row for row in rows if any(row.from_date <= day <= row.until_date for day in days)]


def _standing(today: date) -> Case:
    soon = today + SOON
    over = Q(contract_state=ContractState.ENDED) | Q(contract_until__lt=today)
    decided_anew = Q(contract_decision__isnull=False) & ~Q(contract_decision=F("resolution_id"))
    return Case(
        When(state=CandidateState.PROPOSED, contract_state=ContractState.DISMISSED, then=Value("dismissed")),
        When(state=CandidateState.PROPOSED, then=Value("proposed")),
        When(state=CandidateState.REFUSED, then=Value("refused")),
        When(contract_state__isnull=True, then=Value("approved")),
        When(contract_state=ContractState.DISMISSED, then=Value("approved")),  # by a vote after it
        When(over & decided_anew, then=Value("approved")),
        When(over, then=Value("ended")),
        When(Q(cleared_until__isnull=True) | Q(cleared_until__lt=today), then=Value("uncleared")),
        When(Q(cleared_until__lte=soon) & Q(cleared_until__lt=F("contract_until")), then=Value("expiring")),
        When(contract_until__lte=soon, then=Value("expiring")),
        default=Value("cleared"),
        output_field=TextField(),
    )


def doubts_about(candidate: Candidate) -> list[Doubt]:
    """Whether the name is one person's, where no rule can tell (S16)."""
    found = organisations.may_be_one(candidate.name)
    return [Doubt(WordKind.PERSON, found, candidate.name, candidate.pk)] if found else []


def proposer_of(candidate: Candidate) -> User | None:
    """Who put the name on the list, by the audit log."""
    _position, by_id = audit.last_hands(["staffing.candidate.propose"]).get(str(candidate.pk), (0, None))
    return User.objects.filter(pk=by_id).first() if by_id else None


def numbers_of(users: Collection[UUID]) -> QuerySet[Candidate]:
    """Rows with the numbers that these people gave when they were proposed (settings.STAFF_NUMBERS)."""
    return Candidate.objects.filter(user__in=users)


class Namesake(NamedTuple):
    """Somebody who works here under the name of a candidate, but not under that number."""

    user_id: UUID
    words: str
    """Login and roles."""


def namesakes(candidate: Candidate, *, today: date) -> list[Namesake]:
    """Empty once the person has an account, or where an account has the number. One or two queries."""
    if candidate.user_id or account_queries.user_by_phone(candidate.phone):
        return []
    held = Assignment.objects.filter(in_force(today), user__is_active=True, user__name=candidate.name)
    rows = held.exclude(role=Role.GUARDIAN).order_by("user__login", "role")
    found: dict[tuple[UUID, str], dict[str, None]] = {}
    for pk, login, role in rows.values_list("user", "user__login", "role"):
        found.setdefault((pk, login), {})[str(Role(role).label)] = None
    return [Namesake(pk, f"{login}：{'、'.join(roles)}") for (pk, login), roles in found.items()]
