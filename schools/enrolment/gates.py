"""The gates of a term that this room keeps (settings.TERM_GATES): applications, and both reviews with the agreement."""

from datetime import datetime

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from schools.enrolment.models import LIVE, Application
from schools.enrolment.states import ApplicationState
from schools.planning.gates import BLOCKED, DONE, NOW, Gate
from schools.planning.models import Plan
from schools.planning.states import PlanState

PARENTS = gettext_lazy("家长自愿申请")
SIDES = gettext_lazy("学校和家长委员会")


def gates(
    term_code: str,  # noqa: ARG001  (what settings.TERM_GATES calls)
    served: Plan | None,
    now: datetime,  # noqa: ARG001
) -> list[Gate]:
    """One query. Nobody is hurried: the first gate is open as soon as one family has applied."""
    applications = Application.objects.filter(plan=served) if served else Application.objects.none()
    counts = applications.aggregate(
        sent=Count("pk", filter=Q(state__in=LIVE)),
        open=Count("pk", filter=Q(state=ApplicationState.SUBMITTED)),
        approved=Count("pk", filter=Q(state=ApplicationState.APPROVED)),
    )
    sent = _("%(n)s 份申请") % {"n": counts["sent"]}
    reviewed = _("待审核 %(open)s 份，已签协议 %(approved)s 份") % counts
    is_over = served is not None and served.state == PlanState.ENDED
    is_signed = is_over or (bool(counts["approved"]) and not counts["open"])
    desk = reverse("enrolment:desk")
    return [
        Gate(_("家长申请"), DONE if counts["sent"] or is_over else NOW, sent, PARENTS, desk),
        Gate(_("审核并签协议"), _state(is_signed, bool(counts["sent"])), reviewed, SIDES, desk),
    ]


def _state(is_done: bool, is_begun: bool) -> str:  # noqa: FBT001  (two facts of one line)
    if is_done:
        return DONE
    return NOW if is_begun else BLOCKED
