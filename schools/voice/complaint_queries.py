"""Reads of complaints at the school: a guardian's own, the school's, counts by kind, what waits for whom.

Nobody here reads what was said to the bureau and not passed on, and nobody reads what is about oneself.
"""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Case, Count, QuerySet, Value, When
from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.waiting import Waiting
from schools.voice import accused, letters, survey_queries
from schools.voice.models import Addressee, Complaint, Survey
from schools.voice.states import ComplaintState, SurveyState
from tenants.exchange.models import Envelope
from tenants.letterbox.models import ComplaintKind

TO_ANSWER = (ComplaintState.OPEN, ComplaintState.ESCALATED)


@dataclass(frozen=True)
class Counts:
    """Complaints of a stretch of days; those about forcing stand out (they are a signal by themselves)."""

    all: int
    forced: int
    by_kind: dict[str, int]


def of_family(user: User) -> QuerySet[Complaint]:
    """The user's own to the school. Not ordered; those to the bureau are in letters.py."""
    found: QuerySet[Complaint] = Complaint.objects.filter(
        guardian__user=user, addressee=Addressee.SCHOOL
    ).select_related("guardian")
    return found


def heard() -> QuerySet[Complaint]:
    """What the school may know of: said to it, or passed on. Others are from before, and on their way to the bureau."""
    found: QuerySet[Complaint] = Complaint.objects.exclude(addressee=Addressee.BUREAU, passed_on_at=None)
    return found


def family_complaint(user: User, complaint_id: UUID) -> Complaint:
    """Raises Complaint.DoesNotExist for another family's, too."""
    found: Complaint = of_family(user).get(pk=complaint_id)
    return found


def complaints(by: User, *, state: str = "", kind: str = "", search: str = "") -> QuerySet[Complaint]:
    """For those who may read them and are not the accused. Not ordered; `urgency` puts what waits for an answer first."""
    found = heard().exclude(accused.concerns(by)).select_related("guardian", "answered_by")
    found = found.annotate(urgency=Case(When(state__in=TO_ANSWER, then=Value(0)), default=Value(1)))
    if state:
        found = found.filter(state=state)
    if kind:
        found = found.filter(kind=kind)
    return found.filter(number__icontains=search) if search else found


def complaint(by: User, complaint_id: UUID) -> Complaint:
    """Raises Complaint.DoesNotExist, for the accused too."""
    found: Complaint = complaints(by).get(pk=complaint_id)
    return found


def at_the_bureau(complaint: Complaint) -> Envelope | None:
    """The envelope, with the bureau's answer when there is one."""
    if complaint.envelope_id is None:
        return None
    found: Envelope | None = Envelope.objects.filter(pk=complaint.envelope_id).first()
    return found


def counts(first: date, last: date) -> Counts:
    """By the day on which they came, both days inside. One query."""
    rows = (
        heard()
        .filter(submitted_at__date__range=(first, last))
        .values_list("kind")
        .annotate(n=Count("pk"))
        .order_by("kind")
    )
    by_kind = dict(rows)
    return Counts(sum(by_kind.values()), by_kind.get(ComplaintKind.FORCED.value, 0), by_kind)


def waiting_for(user: User, now: datetime) -> list[Waiting]:
    """Complaints to answer with their deadline, surveys to close, invitations to answer, answers to look at."""
    return [*_complaints_waiting(user), *_surveys_waiting(user, now), *_family_waiting(user, now)]


def _complaints_waiting(user: User) -> list[Waiting]:
    if not user.has(Permission.COMPLAINTS_ANSWER):
        return []
    return [
        Waiting(_("投诉待答复：%(number)s") % {"number": row.number}, _desk(row), due=row.due_at)
        for row in complaints(user).filter(state__in=TO_ANSWER).order_by("due_at", "pk")
    ]


def _surveys_waiting(user: User, now: datetime) -> list[Waiting]:
    if not user.has(Permission.SURVEYS_MANAGE):
        return []
    due = Survey.objects.filter(state=SurveyState.OPEN, closes_at__lte=now).order_by("closes_at", "pk")
    return [
        Waiting(_("满意度评价已到期，请结束"), reverse("voice:survey", args=[row.pk]), due=row.closes_at)
        for row in due
    ]


def _family_waiting(user: User, now: datetime) -> list[Waiting]:
    if not user.has(Permission.SURVEYS_ANSWER):
        return []
    invited = survey_queries.invitations_of(user, now).order_by("survey__closes_at", "pk")
    answered = of_family(user).filter(state=ComplaintState.ANSWERED).order_by("answered_at", "pk")
    return [
        *(
            Waiting(
                _("请评价 %(name)s") % {"name": row.survey.contract.candidate.name},
                reverse("voice:answer", args=[row.pk]),
                due=row.survey.closes_at,
            )
            for row in invited
        ),
        *(
            Waiting(
                _("投诉 %(number)s 有了答复") % {"number": row.number},
                reverse("voice:own_complaint", args=[row.pk]),
            )
            for row in answered
        ),
        *(letters.waiting_for(user) if user.has(Permission.COMPLAINTS_MAKE) else ()),
    ]


def _desk(row: Complaint) -> str:
    return reverse("voice:complaint", args=[row.pk])
