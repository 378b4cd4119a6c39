"""Reads of incidents, and of who was told of them (S23)."""

from uuid import UUID

from django.db.models import QuerySet

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from schools.care.models import Incident
from schools.care.states import IncidentState
from schools.notices.models import Delivery


def incidents_for(user: User) -> QuerySet[Incident]:
    """Leaders see all, everybody else what they reported. Not ordered."""
    found: QuerySet[Incident] = Incident.objects.select_related("session__activity__plan", "pupil", "by")
    return found if user.has(Permission.INCIDENTS_MANAGE) else found.filter(by=user)


def incident_for(user: User, incident_id: UUID) -> Incident:
    """Raises Incident.DoesNotExist."""
    return incidents_for(user).get(pk=incident_id)


def deliveries_of(incident: Incident) -> list[Delivery]:
    """Who was told, and who has read it (S23)."""
    return deliveries_of_notice(incident.notice_id)


def deliveries_of_notice(notice_id: UUID | None) -> list[Delivery]:
    """With the way to the phone, where there was one."""
    if notice_id is None:
        return []
    rows = Delivery.objects.filter(notice=notice_id).select_related("guardian", "user__candidate", "dispatch")
    return list(rows.order_by("sent_at", "pk"))


def open_incidents() -> int:
    """How many wait for an outcome."""
    return int(Incident.objects.filter(state=IncidentState.OPEN).count())
