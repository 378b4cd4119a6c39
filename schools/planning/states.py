"""Lives of a consultation and of a plan; the gates of S38 stand between the plan's states."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ConsultationState(models.TextChoices):
    """S11, S12."""

    DRAFT = "draft", _("草稿")
    OPEN = "open", _("征询中")
    CLOSED = "closed", _("已结束")


class PlanState(models.TextChoices):
    """Draft → resolved by the committee → filed at the bureau → accepted → published to families → ended."""

    DRAFT = "draft", _("草拟")
    RESOLVED = "resolved", _("家委会已通过")
    FILED = "filed", _("已报备")
    RETURNED = "returned", _("教育局退回")
    ACCEPTED = "accepted", _("教育局已受理")
    PUBLISHED = "published", _("已公示")
    ENDED = "ended", _("已结束")


class AmendmentState(models.TextChoices):
    """A change of a published plan goes through the same gates, and is in force when families were told."""

    DRAFT = "draft", _("草拟")
    RESOLVED = "resolved", _("家委会已通过")
    FILED = "filed", _("已报备")
    RETURNED = "returned", _("教育局退回")
    ACCEPTED = "accepted", _("教育局已受理")
    IN_FORCE = "in_force", _("已生效")
    DROPPED = "dropped", _("已放弃")


CONSULTATION_MOVES: dict[str, frozenset[str]] = {
    ConsultationState.DRAFT: frozenset({ConsultationState.OPEN}),
    ConsultationState.OPEN: frozenset({ConsultationState.CLOSED}),
    ConsultationState.CLOSED: frozenset(),
}
PLAN_MOVES: dict[str, frozenset[str]] = {
    PlanState.DRAFT: frozenset({PlanState.RESOLVED}),
    PlanState.RESOLVED: frozenset({PlanState.FILED, PlanState.DRAFT}),
    PlanState.FILED: frozenset({PlanState.ACCEPTED, PlanState.RETURNED}),
    PlanState.RETURNED: frozenset({PlanState.DRAFT}),
    PlanState.ACCEPTED: frozenset({PlanState.PUBLISHED}),
    PlanState.PUBLISHED: frozenset({PlanState.ENDED}),
    PlanState.ENDED: frozenset(),
}
AMENDMENT_MOVES: dict[str, frozenset[str]] = {
    AmendmentState.DRAFT: frozenset({AmendmentState.RESOLVED, AmendmentState.DROPPED}),
    AmendmentState.RESOLVED: frozenset({AmendmentState.FILED, AmendmentState.DRAFT, AmendmentState.DROPPED}),
    AmendmentState.FILED: frozenset({AmendmentState.ACCEPTED, AmendmentState.RETURNED}),
    AmendmentState.RETURNED: frozenset({AmendmentState.DRAFT, AmendmentState.DROPPED}),
    AmendmentState.ACCEPTED: frozenset({AmendmentState.IN_FORCE, AmendmentState.DROPPED}),
    AmendmentState.IN_FORCE: frozenset(),
    AmendmentState.DROPPED: frozenset(),
}
