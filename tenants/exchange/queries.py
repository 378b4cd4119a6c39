"""Reads of the exchange: each side its own rows."""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db.models import CharField, OuterRef, QuerySet, Subquery

from tenants import context
from tenants.exchange.models import Direction, Envelope, EnvelopeKind
from tenants.exchange.states import EnvelopeState
from tenants.models import School
from tenants.states import SchoolState


def school_here() -> School:
    """The school that this thread works in; raises School.DoesNotExist in the city."""
    return School.objects.select_related("district").get(schema_name=context.current_schema())


def envelope(envelope_id: UUID) -> Envelope:
    """Of the side that one stands on; raises Envelope.DoesNotExist."""
    return Envelope.objects.get(pk=envelope_id)


def waiting_up() -> QuerySet[Envelope]:
    """In a school: written, and not yet carried."""
    return Envelope.objects.filter(direction=Direction.UP, state=EnvelopeState.WAITING).order_by(
        "sent_at", "pk"
    )


def to_carry_down(school_id: UUID) -> QuerySet[Envelope]:
    """In the city: answered, and the school does not know yet."""
    return Envelope.objects.filter(
        school_id=school_id, state=EnvelopeState.ANSWERED, answer_carried=False
    ).order_by("answered_at", "pk")


def sent_to_city(kind: EnvelopeKind, *, districts: Collection[str] | None) -> QuerySet[Envelope]:
    """In the city: what came of one kind, beside its school and district; of some districts only, or of all (None)."""
    found = Envelope.objects.filter(direction=Direction.UP, kind=kind)
    if districts is not None:
        found = found.filter(school_id__in=School.objects.filter(district__code__in=districts).values("pk"))
    school = School.objects.filter(pk=OuterRef("school_id"))
    return found.annotate(
        school_name=Subquery(school.values("name")[:1], output_field=CharField()),
        school_code=Subquery(school.values("code")[:1], output_field=CharField()),
        district_name=Subquery(school.values("district__name")[:1], output_field=CharField()),
        district_code=Subquery(school.values("district__code")[:1], output_field=CharField()),
    )


def reports_about(about: str, ids: Iterable[UUID]) -> QuerySet[Envelope]:
    """In a school: what it reported of these things, the newest first, with the bureau's answer when there is one."""
    return Envelope.objects.filter(
        direction=Direction.UP,
        kind=EnvelopeKind.REPORT,
        payload__about=about,
        payload__about_id__in=[*map(str, ids)],
    ).order_by("-sent_at", "-pk")


def schools_in_service() -> list[School]:
    """Whom the relay visits."""
    return list(School.objects.filter(state=SchoolState.ACTIVE).select_related("district").order_by("code"))
