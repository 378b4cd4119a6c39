"""Reads of how the chains stand, for the audit administrator's pages."""

from collections import Counter
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Subquery, Value, When

from tenants.anchors import queries
from tenants.anchors.models import ChainAnchor, ChainFlaw, ChainState, Verdict, Verification
from tenants.models import District
from tenants.states import SchoolState

CITY: Final = "city"
"""In addresses, for the city's own chain."""


class Standing(StrEnum):
    """One word for a chain; the first that holds, in this order."""

    BROKEN = "broken"
    AWAY = "away"
    UNREAD = "unread"
    LATE = "late"
    NEW = "new"
    HOLDS = "holds"


def chains(*, now: datetime) -> QuerySet[Any]:
    """Every chain with `standing` and its last anchor's position and moment."""
    citys = Q(school__isnull=True) & Exists(ChainFlaw.objects.filter(anchor__school=None))
    schools = Exists(ChainFlaw.objects.filter(anchor__school=OuterRef("school")))
    broken = ~Q(flaw="") | Q(verdict=Verdict.BROKEN) | citys | schools
    standing = Case(
        When(broken, then=Value(Standing.BROKEN.value)),
        When(Q(school__isnull=False) & ~Q(school__state=SchoolState.ACTIVE), then=Value(Standing.AWAY.value)),
        When(~Q(failure="") | Q(verdict=Verdict.UNREAD), then=Value(Standing.UNREAD.value)),
        When(Q(seen_at__isnull=True) | Q(seen_at__lt=now - queries.LATE), then=Value(Standing.LATE.value)),
        When(verdict=Verdict.NONE, then=Value(Standing.NEW.value)),
        default=Value(Standing.HOLDS.value),
        output_field=CharField(),
    )
    return queries.states().annotate(
        standing=standing,
        anchored_position=_last_anchor("position"),
        anchored_at=_last_anchor("at"),
    )


def narrowed(
    found: QuerySet[Any], *, school: str = "", district: str = "", standing: str = ""
) -> QuerySet[Any]:
    """By the filters of the address; the city's own chain comes first, then the schools by code."""
    if school:
        found = found.filter(Q(school__name__icontains=school) | Q(school__code__startswith=school))
    if district:
        found = found.filter(school__district__code=district)
    if standing:
        found = found.filter(standing=standing)
    return found.order_by(F("school__code").asc(nulls_first=True))


def counts(found: QuerySet[Any]) -> dict[str, int]:
    """How many chains stand how. One query."""
    return dict(Counter(found.order_by().values_list("standing", flat=True)))


def chain_of(code: str, *, now: datetime) -> Any:
    """By its school's code, or "city". Raises ChainState.DoesNotExist."""
    found = chains(now=now)
    return found.get(school=None) if code == CITY else found.get(school__code=code)


def anchors_of(state: ChainState) -> QuerySet[ChainAnchor]:
    """The newest first."""
    return ChainAnchor.objects.filter(school=state.school_id).order_by("-position", "-at")


def flaws_of(state: ChainState) -> list[ChainFlaw]:
    """What passes found of it, ever; the newest first. One query."""
    rows = ChainFlaw.objects.filter(anchor__school=state.school_id).select_related("anchor")
    return list(rows.order_by("-at", "-pk")[:50])


def last_verification() -> Verification | None:
    """The one that runs, or that was begun last. One query."""
    return Verification.objects.select_related("by", "school").order_by("-begun_at", "-pk").first()


def district_choices() -> list[tuple[str, str]]:
    return list(District.objects.order_by("position", "code").values_list("code", "name"))


def _last_anchor(field: str) -> Case:
    """Of the chain of the row outside; NULL equals nothing in SQL, so that the city's own is asked for by itself."""
    rows = ChainAnchor.objects.order_by("-position", "-at")
    citys = Subquery(rows.filter(school=None).values(field)[:1])
    schools = Subquery(rows.filter(school=OuterRef("school")).values(field)[:1])
    return Case(When(school__isnull=True, then=citys), default=schools)
