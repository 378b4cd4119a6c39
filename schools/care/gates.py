"""The step of a term that this room keeps (settings.TERM_GATES): lessons are made and somebody is on duty (S21, S22)."""

from datetime import datetime
from typing import Final

from django.db.models import Count, Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.permissions import Permission
from afterbell.kernel.dates import local_date
from schools.care import queries
from schools.care.models import Session
from schools.planning.gates import DONE, NOW, OFFICE, Gate
from schools.planning.models import Activity, Plan
from schools.planning.states import PlanState

ROSTER: Final = Permission.ROSTER_MANAGE


def gates(
    term_code: str,  # noqa: ARG001  (what settings.TERM_GATES calls)
    served: Plan | None,
    now: datetime,
) -> list[Gate]:
    """Two queries."""
    name = _("课次和排班")
    if served is None:
        return [Gate(name, NOW, who=OFFICE, is_beside=True)]
    made = Exists(Session.objects.filter(activity=OuterRef("pk")))
    without = Activity.objects.filter(plan=served).exclude(made).count()
    of_plan = Session.objects.filter(activity__plan=served)
    counts = of_plan.aggregate(
        n=Count("pk"), empty=Count("pk", filter=Q(date__gte=local_date(now)) & queries.needs_teacher())
    )
    if without and served.state != PlanState.ENDED:
        why = _("%(n)s 项活动还没有生成课次") % {"n": without}
        return [Gate(name, NOW, why, OFFICE, reverse("care:sessions"), may=ROSTER, is_beside=True)]
    if counts["empty"] and served.state != PlanState.ENDED:
        why = _("%(n)s 节课还没有人负责，请排班") % {"n": counts["empty"]}
        return [Gate(name, NOW, why, OFFICE, reverse("care:duties"), may=ROSTER, is_beside=True)]
    return [
        Gate(
            name, DONE, _("%(n)s 节课") % {"n": counts["n"]}, OFFICE, reverse("care:sessions"), is_beside=True
        )
    ]
