"""Reads of waivers: rows for the pages and the API, and what waits for whom because of them."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet

from afterbell.accounts.models import User
from schools.finance.models import Charge, Waiver
from schools.finance.states import WaiverState
from schools.people import queries as people

TOLD_FOR = timedelta(days=14)
"""How long a refusal stands in the asker's list, unless it is asked again before."""


def waivers(term_code: str, *, state: str = "") -> QuerySet[Waiver]:
    """With charge, child and both persons."""
    rows = Waiver.objects.filter(charge__term_code=term_code).select_related(
        "charge__agreement__pupil__school_class", "requested_by", "decided_by", "withdrawn_by"
    )
    return rows.filter(state=state) if state else rows


def waiver(waiver_id: UUID) -> Waiver:
    """Raises Waiver.DoesNotExist."""
    rows = Waiver.objects.select_related("charge__agreement__pupil__school_class", "requested_by")
    return rows.get(pk=waiver_id)


def of_charge(charge: Charge) -> list[Waiver]:
    """Every question that was asked about it, with all persons, the latest first."""
    rows = charge.waivers.select_related("requested_by", "decided_by", "withdrawn_by")
    return list(rows.order_by("-requested_at", "-pk"))


def to_decide(user: User) -> int:
    """How many wait for this person: neither asked by him or her, nor for an own child."""
    own = people.ties_of(user).values("pupil")
    rows = Waiver.objects.filter(state=WaiverState.REQUESTED).exclude(requested_by=user)
    return rows.exclude(charge__agreement__pupil__in=own).count()


def refused_lately(user: User, now: datetime) -> int:
    """How many that this person asked for were refused and not asked for again."""
    later = Waiver.objects.filter(charge=OuterRef("charge"), requested_at__gte=OuterRef("decided_at"))
    rows = Waiver.objects.filter(state=WaiverState.REFUSED, requested_by=user, decided_at__gte=now - TOLD_FOR)
    return rows.exclude(Exists(later.exclude(pk=OuterRef("pk")))).count()
