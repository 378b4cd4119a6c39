"""Reads of the filing desk: what schools filed, of the whole city or of the supervisor's districts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F, Q, QuerySet

from afterbell.accounts.models import User
from afterbell.accounts.roles import Role
from oversight.indicators.caps import breach
from schools.planning.rules import GRADES
from tenants.exchange import queries as exchange
from tenants.exchange.models import Envelope, EnvelopeKind
from tenants.exchange.states import EnvelopeState
from tenants.models import District, School, Stage

WAITING, LATE, ANSWERED = "waiting", "late", "answered"


@dataclass(frozen=True)
class Filing:
    """A filing as the page shows it."""

    envelope: Envelope
    school: School
    payload: dict[str, Any]

    @property
    def fees(self) -> list[dict[str, Any]]:
        """One a stage that pays its own; a filing from before there were several has one for all."""
        sent = self.payload
        grades = GRADES[Stage(self.school.stage)]
        alone = {
            "grade_from": grades[0], "grade_to": grades[-1], "fee_fen": sent["fee_fen"], "cap_fen": sent["cap_fen"],
            "fee_term_fen": None, "cap_term_fen": None,
        }  # fmt: skip
        return sent.get("fees") or [alone]

    @property
    def is_over_cap(self) -> bool:
        """Of its own unit, or of another over the term."""
        return any(
            breach(fee["fee_fen"], fee["cap_fen"], fee["fee_term_fen"], fee["cap_term_fen"])
            for fee in self.fees
        )

    @property
    def is_above_cost(self) -> bool:
        """S3: the fee comes to more than the planned cost of one child."""
        return bool(self.payload["fee_per_term_fen"] > self.payload["cost_per_participant_fen"])

    @property
    def is_waiting(self) -> bool:
        return self.envelope.state == EnvelopeState.SENT


def filings_for(user: User) -> QuerySet[Envelope]:
    """Of the user's districts; school and district stand beside each. One query."""
    found = exchange.sent_to_city(EnvelopeKind.PLAN_FILING, districts=districts_of(user))
    return found.annotate(term_code=F("payload__term_code"))


def districts_of(user: User) -> frozenset[str] | None:
    """None: the whole city."""
    if Role.BUREAU_SUPERVISOR not in user.rights.scopes:
        return frozenset()
    return user.rights.scope_of(Role.BUREAU_SUPERVISOR)


def narrowed(
    filings: QuerySet[Envelope],
    *,
    now: datetime,
    school: str = "",
    district: str = "",
    term: str = "",
    state: str = "",
) -> QuerySet[Envelope]:
    """By the filters of the address; an empty one does not filter."""
    if school:
        filings = filings.filter(Q(school_name__icontains=school) | Q(school_code__startswith=school))
    if district:
        filings = filings.filter(Q(district_code=district))
    if term:
        filings = filings.filter(payload__term_code=term)
    states = {
        WAITING: Q(state=EnvelopeState.SENT),
        LATE: Q(state=EnvelopeState.SENT, due_at__lt=now),
        ANSWERED: Q(state=EnvelopeState.ANSWERED),
    }
    return filings.filter(states[state]) if state else filings


def waiting_first(filings: QuerySet[Envelope]) -> QuerySet[Envelope]:
    """Unanswered ones by their deadline, then the answered ones: 'sent' comes after 'answered' in the alphabet."""
    return filings.order_by("-state", "due_at", "pk")


def filing_for(user: User, filing_id: UUID) -> Filing:
    """Raises Envelope.DoesNotExist for another district's, too."""
    envelope = filings_for(user).get(pk=filing_id)
    school = School.objects.select_related("district").get(pk=envelope.school_id)
    return Filing(envelope=envelope, school=school, payload=envelope.payload)


def district_choices(user: User) -> list[tuple[str, str]]:
    """The districts that the user may filter by."""
    found = District.objects.order_by("position", "code")
    mine = districts_of(user)
    return list((found if mine is None else found.filter(code__in=mine)).values_list("code", "name"))
