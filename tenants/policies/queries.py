"""Which rules are in force: by district, kind of school and day."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from afterbell.kernel.errors import Refused
from tenants.models import District, PolicyProfile, School
from tenants.policies import national
from tenants.policies.documents import Policy


class NoPolicyInForce(Refused):
    """Nobody has said yet which rules apply."""

    code = "policy.none_in_force"
    message = _("%(date)s 没有生效的政策档案，请先由市级管理员设置。")


@dataclass(frozen=True)
class PolicyInForce:
    """The rules of one day, and which profile they come from."""

    profile_id: UUID
    name: str
    valid_from_date: date
    source: str
    policy: Policy
    is_collector_forbidden: bool
    """On the day that was asked for; see policies.national."""


def policy_on(*, district: District | None, kind: str, date: date) -> PolicyInForce:
    """The most specific scope wins: district and kind, then kind, then district, then city. One query.

    Within a scope the latest profile that has begun is in force. Raises NoPolicyInForce.
    """
    profile: PolicyProfile | None = (
        covering(district=district, kind=kind).filter(valid_from_date__lte=date).first()
    )
    if profile is None:
        raise NoPolicyInForce(date=date)
    return _in_force(profile, date)


def for_school(school: School, date: date) -> PolicyInForce:
    """The rules of a school on a day. One query; raises NoPolicyInForce."""
    return policy_on(district=school.district, kind=school.kind, date=date)


def covering(*, district: District | None, kind: str) -> QuerySet[PolicyProfile]:
    """Profiles of this scope and of every wider one, most specific first, within a scope the latest first."""
    rank = Case(
        When(district__isnull=False, kind__gt="", then=Value(3)),
        When(kind__gt="", then=Value(2)),
        When(district__isnull=False, then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
    here = Q(district__isnull=True)
    if district is not None:
        here |= Q(district=district)
    found: QuerySet[PolicyProfile] = PolicyProfile.objects.filter(here, kind__in={"", kind})
    return found.annotate(rank=rank).order_by("-rank", "-valid_from_date", "pk")


def profiles() -> QuerySet[PolicyProfile]:
    """All profiles, city first, the newest of each scope on top."""
    return PolicyProfile.objects.select_related("district").order_by(
        "district__position", "district__code", "kind", "-valid_from_date", "pk"
    )


def _in_force(profile: PolicyProfile, on: date) -> PolicyInForce:
    policy = Policy.from_document(profile.document)
    return PolicyInForce(
        profile_id=profile.pk,
        name=profile.name,
        valid_from_date=profile.valid_from_date,
        source=profile.source,
        policy=policy,
        is_collector_forbidden=national.is_collector_forbidden(policy, on),
    )
