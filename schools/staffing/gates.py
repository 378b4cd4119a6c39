"""The step of a term that this room keeps (settings.TERM_GATES): somebody is hired before the first lesson (S16, S18)."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from schools.planning.gates import DONE, NOW, OFFICE, Gate
from schools.planning.models import Plan
from schools.planning.states import PlanState
from schools.staffing.models import Contract
from schools.staffing.states import ContractState


def gates(
    term_code: str,  # noqa: ARG001  (what settings.TERM_GATES calls)
    served: Plan | None,
    now: datetime,  # noqa: ARG001
) -> list[Gate]:
    """One query."""
    hired = 0
    if served is not None:
        running = Contract.objects.filter(state=ContractState.ACTIVE, until_date__gte=served.first_date)
        hired = running.filter(from_date__lte=served.last_date).count()
    why = (
        _("已签聘用协议 %(n)s 人") % {"n": hired}
        if hired
        else _("请登记服务人员：核查通过、家长委员会表决、签聘用协议之后才能排班")
    )
    page, is_over = reverse("staffing:people"), served is not None and served.state == PlanState.ENDED
    return [Gate(_("服务人员"), DONE if hired or is_over else NOW, why, OFFICE, page, is_beside=True)]
