"""Reads of surveys: who is asked, who still may answer, what the answers say together; never who said what."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from afterbell.accounts.models import User
from schools.care.models import DutyRole, RollEntry
from schools.enrolment.states import AgreementState
from schools.people.models import Tie
from schools.people.queries import LIVE
from schools.staffing.models import Contract
from schools.staffing.states import ContractState
from schools.voice import scoring
from schools.voice.models import Invitation, Rating, Survey
from schools.voice.scoring import Results
from schools.voice.states import SurveyState


@dataclass(frozen=True)
class Rated:
    """A contract with what its families said, latest survey first; results is None before the first close."""

    contract: Contract
    survey: Survey | None
    results: Results | None


def families_of(contract: Contract, term_code: str) -> list[UUID]:
    """The guardians who signed for the children whom this person had in the term, each once. One query."""
    rows = RollEntry.objects.filter(
        session__duties__clearance__contract=contract,
        session__duties__role=DutyRole.RESPONSIBLE,
        session__activity__plan__term_code=term_code,
        arrived_at__isnull=False,
        agreement__state=AgreementState.ACTIVE,
    )
    return sorted(set(rows.values_list("agreement__application__guardian", flat=True)))


def surveys() -> QuerySet[Survey]:
    """With the person. Not ordered."""
    found: QuerySet[Survey] = Survey.objects.select_related("contract__candidate").annotate(
        answers=Count("invitations", filter=Q(invitations__used_date__isnull=False))
    )
    return found


def survey(survey_id: UUID) -> Survey:
    """Raises Survey.DoesNotExist."""
    found: Survey = surveys().get(pk=survey_id)
    return found


def results(survey: Survey) -> Results | None:
    """None before the close: nobody watches the answers come in."""
    return results_of([survey]).get(survey.pk)


def results_of(found: Sequence[Survey]) -> dict[UUID, Results]:
    """Of the closed ones among these. One query."""
    closed = {row.pk: row for row in found if row.state == SurveyState.CLOSED}
    scores: dict[UUID, list[int]] = defaultdict(list)
    for key, score in Rating.objects.filter(survey__in=list(closed)).values_list("survey_id", "score"):
        scores[key].append(score)
    return {key: scoring.results(row.invited, scores[key]) for key, row in closed.items()}


def comments(survey: Survey) -> list[str]:
    """After the close and from the threshold on; in the order of the random keys."""
    found = results(survey)
    if found is None or found.score is None:
        return []
    rows = Rating.objects.filter(survey=survey).exclude(comment="").order_by("pk")
    return list(rows.values_list("comment", flat=True))


def latest_results(contracts: Collection[UUID]) -> dict[UUID, Results]:
    """The last closed survey of each contract: what a decision on renewal cites (S42). Two queries."""
    rows = Survey.objects.filter(contract__in=list(contracts), state=SurveyState.CLOSED)
    latest = {row.contract_id: row for row in rows.order_by("closed_at", "pk")}
    found = results_of(list(latest.values()))
    return {contract: found[row.pk] for contract, row in latest.items()}


def for_renewal() -> list[Rated]:
    """Contracts that run, the soonest to end first, with what families said. Three queries."""
    contracts = list(
        Contract.objects.filter(state=ContractState.ACTIVE)
        .select_related("candidate")
        .order_by("until_date", "number", "pk")
    )
    rows = Survey.objects.filter(contract__in=contracts).order_by("opened_at", "pk")
    latest = {row.contract_id: row for row in rows}
    found = latest_results([contract.pk for contract in contracts])
    return [Rated(contract, latest.get(contract.pk), found.get(contract.pk)) for contract in contracts]


def contracts_to_survey(term_code: str) -> list[Contract]:
    """People whom children had in the term and who have no survey yet."""
    had = RollEntry.objects.filter(
        session__activity__plan__term_code=term_code,
        session__duties__role=DutyRole.RESPONSIBLE,
        arrived_at__isnull=False,
    ).values("session__duties__clearance__contract")
    done = Survey.objects.filter(term_code=term_code).values("contract")
    found = Contract.objects.filter(pk__in=had).exclude(pk__in=done).select_related("candidate")
    return list(found.order_by("candidate__name", "number", "pk"))


def invitations_of(user: User, now: datetime) -> QuerySet[Invitation]:
    """What this guardian may still answer. Not ordered."""
    return _own(user).filter(used_date=None, survey__state=SurveyState.OPEN, survey__closes_at__gt=now)


def invitation_for(user: User, invitation_id: UUID) -> Invitation:
    """Also used and expired ones, so that the page can say so. Raises Invitation.DoesNotExist."""
    found: Invitation = _own(user).get(pk=invitation_id)
    return found


def _own(user: User) -> QuerySet[Invitation]:
    """A guardian who lost every tie to the school's children sees nothing."""
    tied = Tie.objects.filter(LIVE, guardian__user=user).values("guardian")
    found: QuerySet[Invitation] = Invitation.objects.filter(guardian__in=tied).select_related(
        "survey__contract__candidate", "guardian"
    )
    return found
