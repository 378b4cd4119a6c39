"""The rule on people: nobody is on duty without valid checks (S17, S18)."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.pages.templatetags.show import day
from oversight.redlines.evidence import Evidence
from oversight.redlines.findings import Figure, Finding, Numbers, Rule
from oversight.redlines.states import Level, RuleCode
from schools.staffing.models import CheckKind
from tenants.policies.documents import Check, Policy


def unchecked_duty(evidence: Evidence) -> Iterator[Finding]:
    """One cause a month: held sessions whose responsible person lacked a required check on the day."""
    for line in evidence.unchecked:
        if line.duties > 0:
            numbers = {
                "month": line.month, "days": line.days, "duties": line.duties,
                "first_date": line.first_date.isoformat(), "last_date": line.last_date.isoformat(),
            }  # fmt: skip
            yield Finding(RuleCode.UNCHECKED_DUTY, Level.RED, line.month, line.duties, numbers)


def _say(numbers: Numbers) -> str:
    return _("%(month)s 有 %(days)s 天、%(duties)s 班次由核查不全或已过期的人员负责。") % numbers


def _figures(numbers: Numbers) -> list[Figure]:
    first, last = (day(date.fromisoformat(numbers[name])) for name in ("first_date", "last_date"))
    return [
        (_("月份"), numbers["month"]),
        (_("天数"), f"{numbers['days']:,}"),
        (_("班次"), f"{numbers['duties']:,}"),
        (_("日期"), first if first == last else f"{first} — {last}"),
    ]


def _thresholds(policy: Policy) -> list[Figure]:
    return [(CheckKind(check.code).label, _validity(check)) for check in policy.checks_for("professional")]


def _validity(check: Check) -> str:
    if check.validity_months is None:
        return _("长期有效")
    return _("%(months)s 个月内有效") % {"months": check.validity_months}


RULES: Final = (
    Rule(
        RuleCode.UNCHECKED_DUTY, ("S17", "S18", "S44"),
        gettext_lazy("没有有效核查的人员不得上岗。"),
        gettext_lazy("已开展的服务中，负责人当天缺少任何一项规定核查或核查已过期的班次 > 0；按月计。"),
        gettext_lazy("补录当时有效的核查后自动了结；确实发生过的，由监管人员查看后了结。"),
        "/staffing/", unchecked_duty, _say, _figures, _thresholds,
    ),
)  # fmt: skip
