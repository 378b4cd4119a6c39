"""The step of a term that this room keeps (settings.TERM_GATES): somebody is hired before the first lesson (S16, S18)."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from afterbell.accounts.permissions import Permission
from afterbell.accounts.roles import Side, labels_with
from afterbell.kernel.dates import local_date
from schools.committee import queries as committee
from schools.committee.models import Subject
from schools.planning.gates import DONE, NOW, Gate
from schools.planning.models import Plan
from schools.planning.states import PlanState
from schools.staffing import queries
from schools.staffing.models import Contract
from schools.staffing.states import ContractState


def gates(
    term_code: str,  # noqa: ARG001  (what settings.TERM_GATES calls)
    served: Plan | None,
    now: datetime,
) -> list[Gate]:
    """One query once somebody is hired; till then two more, for who is next."""
    hired = 0
    if served is not None:
        running = Contract.objects.filter(state=ContractState.ACTIVE, until_date__gte=served.first_date)
        hired = running.filter(from_date__lte=served.last_date).count()
    name, page = _("服务人员"), reverse("staffing:people")
    if hired or (served is not None and served.state == PlanState.ENDED):
        return [Gate(name, DONE, _("已签聘用协议 %(n)s 人") % {"n": hired}, url=page, is_beside=True)]
    if served is None:  # waits for the plan, whatever is said here
        return [Gate(name, NOW, url=page, is_beside=True)]
    why, may = _next(now)
    who = labels_with(may, Side.SCHOOL)
    return [Gate(name, NOW, why, who, page, may=may, is_beside=True)]


def _next(now: datetime) -> tuple[str, Permission]:
    """What the furthest of them waits for, and the right to do it (S16 to S18)."""
    found = queries.standings(today=local_date(now))
    approved = sum(standing == "approved" for standing in found.values())
    if approved:
        said = _("%(n)s 人已同意聘用，请签订聘用协议") % {"n": approved}
        return said, Permission.STAFFING_DECIDE
    proposed = {pk for pk, standing in found.items() if standing == "proposed"}
    unasked = proposed - committee.under_vote(Subject.HIRE) if proposed else proposed
    if unasked:
        said = _("%(n)s 名应聘人已登记，请核查后提请家长委员会表决") % {"n": len(unasked)}
        return said, Permission.MEETINGS_HOLD
    if proposed:
        said = _("%(n)s 名应聘人正由家长委员会表决") % {"n": len(proposed)}
        return said, Permission.RESOLUTIONS_VOTE
    said = _("请登记服务人员：核查通过、家长委员会表决、签聘用协议之后才能排班")
    return said, Permission.STAFFING_MANAGE
