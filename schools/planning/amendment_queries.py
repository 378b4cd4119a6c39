"""Reads of amendments: whose they are to see, what differs, who decides next, what waits for whom."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.kernel.waiting import Waiting
from schools.committee import queries as committee
from schools.committee.models import Resolution, Subject
from schools.planning import amending, amendment_wording
from schools.planning.amending import Content, Cost, Group
from schools.planning.models import Amendment, Plan
from schools.planning.queries import INSIDE
from schools.planning.states import AMENDMENT_MOVES, AmendmentState
from tenants.exchange.models import Envelope

UNDER_WAY: Final = [state for state in AmendmentState if AMENDMENT_MOVES[state]]
DROPPABLE: Final = [state for state, moves in AMENDMENT_MOVES.items() if AmendmentState.DROPPED in moves]


@dataclass(frozen=True)
class Parts:
    """What a draft has that may be taken out again."""

    new_groups: list[Group]
    costs: tuple[Cost, ...]


def amendments_for(user: User) -> QuerySet[Amendment]:
    """Drafts are for who works on them; families see what is in force. Not ordered."""
    found: QuerySet[Amendment] = Amendment.objects.select_related("plan")
    if any(user.has(permission) for permission in INSIDE):
        return found
    return found.filter(state=AmendmentState.IN_FORCE)


def amendment_for(user: User, amendment_id: UUID) -> Amendment:
    """Raises Amendment.DoesNotExist for what is not there or not for this user."""
    return amendments_for(user).get(pk=amendment_id)


def of_plan(user: User, plan: Plan) -> list[Amendment]:
    """The newest first."""
    return list(amendments_for(user).filter(plan=plan).order_by("-version", "-created_at", "pk"))


def after(row: Amendment) -> Content:
    return Content.read(row.after)


def changes(row: Amendment) -> list[str]:
    """Field by field, in words."""
    return amendment_wording.difference(row)


def parts(row: Amendment) -> Parts:
    own = after(row)
    return Parts(amending.new_groups(Content.read(row.before), own), own.costs)


def is_under_vote(row: Amendment) -> bool:
    return committee.open_resolution(Subject.PLAN, row.pk) is not None


def resolution_of(row: Amendment) -> Resolution | None:
    """The one that carried it, or the one that is being voted on."""
    if row.resolution_id:
        return Resolution.objects.filter(pk=row.resolution_id).first()
    return committee.open_resolution(Subject.PLAN, row.pk)


def filing_of(row: Amendment) -> Envelope | None:
    return Envelope.objects.filter(pk=row.filing_id).first() if row.filing_id else None


def waiting_for(user: User, now: datetime) -> list[Waiting]:  # noqa: ARG001  (what settings.WAITING calls)
    """Each state names who carries on, and with which words."""
    steps = {
        AmendmentState.DRAFT: (Permission.PLAN_DRAFT, _("请完成方案变更并交家委会表决：%(name)s")),
        AmendmentState.RESOLVED: (Permission.PLAN_REVIEW, _("请审核方案变更并报备：%(name)s")),
        AmendmentState.RETURNED: (Permission.PLAN_DRAFT, _("教育局退回了方案变更，请修改：%(name)s")),
        AmendmentState.ACCEPTED: (Permission.FEE_NOTICE_PUBLISH, _("教育局已受理，请公示方案变更：%(name)s")),
    }
    mine = [state for state, (permission, _words) in steps.items() if user.has(permission)]
    rows = list(Amendment.objects.filter(state__in=mine).select_related("plan").order_by("created_at", "pk"))
    voting = committee.under_vote(Subject.PLAN) if rows else frozenset()
    return [
        Waiting(
            steps[AmendmentState(row.state)][1] % {"name": row.plan.name},
            reverse("planning:amendment", args=[row.pk]),
        )
        for row in rows
        if row.pk not in voting
    ]
