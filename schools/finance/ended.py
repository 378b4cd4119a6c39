"""What a family is told when its service has ended: on which day, and that nothing is owed for what was cancelled (S36)."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Final
from uuid import UUID

from django.utils.translation import gettext as _

from afterbell.kernel.money import Fen, format_fen
from schools.enrolment.models import Agreement
from schools.enrolment.states import AgreementState
from schools.finance import families
from schools.planning.models import Plan

NOTHING: Final = Fen(0)


def taken_off(agreements: Iterable[Agreement]) -> dict[UUID, Fen]:
    """By agreement, what it no longer owes for lessons cancelled since the service ended; the settlement books it.

    With their plans read. Nothing is asked while no plan has ended before its last day.
    """
    by_plan: dict[Plan, list[UUID]] = defaultdict(list)
    for agreement in agreements:
        if agreement.plan.ended_date is not None:
            by_plan[agreement.plan].append(agreement.pk)
    return {pk: fen for plan, keys in by_plan.items() for pk, fen in families.to_come(plan, keys).items()}


def taken_off_in(term_code: str) -> dict[UUID, Fen]:
    """The same of every family of a term. One query while none of its plans has ended before its last day."""
    plans = Plan.objects.filter(term_code=term_code, ended_date__isnull=False).order_by("pk")
    return {pk: fen for plan in plans for pk, fen in families.to_come(plan).items()}


def sentence(agreement: Agreement, off: Fen = NOTHING) -> str:
    """Empty while the service runs. Who left, or never began, hears that; the others what the school's end means."""
    ended = agreement.plan.ended_date
    if agreement.state == AgreementState.VOID:
        return _("这份协议没有生效，没有开始服务，不需要缴费。")
    if agreement.state == AgreementState.ENDED and (ended is None or agreement.until_date < ended):
        left = _("已退出，最后一天是 %(date)s。") % {"date": agreement.until_date}
        if not off:
            return left
        said = _("退出之后又有课时取消，按现在的课表应缴再减少 %(fen)s，下面的金额已经减去，学期结算时记账。")
        return left + said % {"fen": format_fen(off)}
    if ended is None:
        return ""
    if off:
        return _(
            "服务已于 %(date)s 结束，之后取消的课时不收费：应缴减少 %(fen)s，下面的金额已经减去，学期结算时记账。"
        ) % {"date": ended, "fen": format_fen(off)}
    return _("服务已于 %(date)s 结束，之后取消的课时不收费。") % {"date": ended}
