"""What to mend: for each kind of alert what a school can do about it, and the page where it is done."""

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from oversight.redlines.queries import Shown
from oversight.redlines.states import UNRESOLVED, RuleCode

Text = str | Promise


class Advice(NamedTuple):
    """What to do, and where on this host."""

    text: Text
    url: str


class Mend(NamedTuple):
    """An alert with its advice."""

    shown: Shown
    advice: Advice


ADVICE: Final[Mapping[str, Advice]] = {
    RuleCode.OVER_CAP: Advice(
        _("请按政策上限重新核定收费标准，经家长委员会通过并报备后再公示；多收的请退还。"), "/desk/plans/"
    ),
    RuleCode.NO_NOTICE: Advice(_("请先公示收费项目和标准，再开具费用。"), "/finance/charges/"),
    RuleCode.DOUBLE_CHARGE: Advice(
        _("请核对应收，撤回重复的那次开具；已经收了钱的，退给家长。"), "/finance/charges/"
    ),
    RuleCode.WRONG_COLLECTOR: Advice(_("请按规定变更收费主体，并在方案和公示中改正。"), "/desk/plans/"),
    RuleCode.NO_SESSION: Advice(_("这个月收了费却没有服务记录：请补录服务，或把费用退给家长。"), "/finance/"),
    RuleCode.SURPLUS_LATE: Advice(_("请尽快完成学期结算，把结余退给家长。"), "/finance/settlement/"),
    RuleCode.SHORTFALL: Advice(
        _("支出和退费超过了收入：请查明原因，补足应退给家长的款项，再补充结算。"), "/finance/settlement/"
    ),
    RuleCode.STATEMENT: Advice(_("请月结并公示到期的账目。"), "/finance/months/"),
    RuleCode.UNCHECKED_DUTY: Advice(_("请先完成核查再安排上岗；核查过期的人员请停止排班。"), "/desk/staff/"),
    RuleCode.COERCION: Advice(
        _("请向家长说明参加自愿，核实这个班的意愿征询和申请是不是家长本人办理。"), "/desk/consultations/"
    ),
    RuleCode.COMPLAINTS: Advice(
        _("投诉明显多于同等规模的学校：请逐件答复，找出共同的原因。"), "/desk/complaints/"
    ),
    RuleCode.SURVEY: Advice(_("请核实评价是不是家长本人填写；学校不得代填或要求填高分。"), "/voice/surveys/"),
}


def mends(alerts: Sequence[Shown]) -> list[Mend]:
    """Unresolved ones, in their order: red first."""
    return [Mend(shown, ADVICE[shown.alert.rule]) for shown in alerts if shown.alert.state in UNRESOLVED]
