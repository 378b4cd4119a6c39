"""Rules on charging: over the cap, before the notice, twice, by the wrong collector, without a session (S3, S27, S46)."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.kernel.dates import Month, Period
from afterbell.kernel.money import Fen, format_fen
from afterbell.pages import values
from afterbell.pages.templatetags.show import day
from oversight.facts.rollups import OFFERING
from oversight.indicators.caps import Breach, breach
from oversight.protection.decisions import CITY_K
from oversight.redlines.evidence import Evidence, MonthLine
from oversight.redlines.findings import Figure, Finding, Numbers, Rule, count
from oversight.redlines.states import Level, RuleCode
from schools.planning.models import FeeUnit
from tenants.policies.documents import Collector

LEAST_WEEKDAYS: Final = 5
"""A month of which the term has less than a week can have its charges without a session of its own."""
COLLECTORS: Final = {
    Collector.COMMITTEE: gettext_lazy("家长委员会"),
    Collector.SCHOOL: gettext_lazy("学校专户"),
}


def over_cap(evidence: Evidence) -> Iterator[Finding]:
    """fee > cap of the term's plan in the same unit, or what it comes to in the term > what the other caps allow there.

    A plan that nobody offers or charges is not looked at. Worked: 4.20 against 3.50 is a finding, 3.50 against 3.50 is
    none; 80.00 a month from September to January is 400.00, and a finding against 300.00 a term.
    """
    term = evidence.term
    if not _in_use(evidence) or term.fee_fen is None:
        return
    numbers = {"fee_fen": term.fee_fen, "cap_fen": term.cap_fen, "fee_unit": term.fee_unit}
    found = breach(term.fee_fen, term.cap_fen, term.fee_term_fen, term.cap_term_fen)
    if found is None:
        return
    if found is Breach.TERM:
        numbers |= {"fee_term_fen": term.fee_term_fen, "cap_term_fen": term.cap_term_fen}
    fee, cap = _compared(numbers)
    yield Finding(RuleCode.OVER_CAP, Level.RED, "fee", fee - cap, numbers)


def no_notice(evidence: Evidence) -> Iterator[Finding]:
    """A month with charges that ended before the plan was published, or a plan never published."""
    term = evidence.term
    if not term.is_planned:
        return
    for line in _charged(evidence):
        published = term.plan_published_date
        if published is None or published > _days(line).last:
            numbers = {
                "month": line.month,
                "charged_fen": line.charged_fen,
                "published_date": published.isoformat() if published else None,
            }
            yield Finding(RuleCode.NO_NOTICE, Level.RED, line.month, line.charged_fen or 0, numbers)


def double_charge(evidence: Evidence) -> Iterator[Finding]:
    """Children with two standing charges for one day, whatever the periods are called: one is one too many."""
    children = evidence.term.children_charged_twice or 0
    if children > 0:
        yield Finding(RuleCode.DOUBLE_CHARGE, Level.RED, "charges", children, {"children": children})


def wrong_collector(evidence: Evidence) -> Iterator[Finding]:
    """Who collects by the plan is not who had to by the rules of the term's first day (S3)."""
    term = evidence.term
    if not _in_use(evidence) or not term.collector or not term.collector_due:
        return
    if term.collector != term.collector_due:
        numbers = {"collector": term.collector, "collector_due": term.collector_due}
        yield Finding(RuleCode.WRONG_COLLECTOR, Level.RED, "collector", 1, numbers)


def charged_without_session(evidence: Evidence) -> Iterator[Finding]:
    """A month that is over, lies in the term by a week or more, has charges and no day with a held session."""
    if evidence.period is None:
        return
    for line in _charged(evidence):
        days = _days(line)
        inside = days.overlap(evidence.period)
        if (
            inside is None
            or days.last >= evidence.today
            or line.days_held
            or _weekdays(inside) < LEAST_WEEKDAYS
        ):
            continue
        numbers = {"month": line.month, "charged_fen": line.charged_fen, "days_held": 0}
        yield Finding(RuleCode.NO_SESSION, Level.RED, line.month, line.charged_fen or 0, numbers)


def _in_use(evidence: Evidence) -> bool:
    """A draft's fee is nobody's fee."""
    return evidence.term.plan_state in OFFERING or (evidence.term.charged_fen or 0) > 0


def _charged(evidence: Evidence) -> Iterator[MonthLine]:
    return (line for line in evidence.months if (line.charged_fen or 0) > 0)


def _days(line: MonthLine) -> Period:
    return Month(int(line.month[:4]), int(line.month[5:])).period


def _weekdays(period: Period) -> int:
    return sum(one.weekday() < 5 for one in period)


def _say_over_cap(numbers: Numbers) -> str:
    fee, cap = _compared(numbers)
    given = {
        "unit": FeeUnit(numbers["fee_unit"]).label, "fee": format_fen(numbers["fee_fen"]), "sum": format_fen(fee),
        "cap": format_fen(cap), "more": format_fen(Fen(fee - cap)),
        "percent": values.tenths(fee - cap, cap) if cap else "100.0",
    }  # fmt: skip
    if "fee_term_fen" in numbers:
        return (
            _(
                "收费标准%(unit)s %(fee)s，本学期合计 %(sum)s，高于封顶折算的 %(cap)s，多 %(more)s（%(percent)s%%）。"
            )
            % given
        )
    return _("收费标准%(unit)s %(fee)s，高于封顶 %(cap)s，多 %(more)s（%(percent)s%%）。") % given


def _over_cap_figures(numbers: Numbers) -> list[Figure]:
    fee, cap = _compared(numbers)
    standard = (_("收费标准"), f"{FeeUnit(numbers['fee_unit']).label} {format_fen(numbers['fee_fen'])}")
    if "fee_term_fen" not in numbers:
        return [standard, (_("封顶"), format_fen(cap)), (_("超出"), format_fen(Fen(fee - cap)))]
    return [
        standard,
        (_("本学期合计"), format_fen(fee)),
        (_("本学期封顶"), format_fen(cap)),
        (_("超出"), format_fen(Fen(fee - cap))),
    ]


def _compared(numbers: Numbers) -> tuple[Fen, Fen]:
    """Fee and cap of one unit: of the term, where that is what was found."""
    over = "_term" if "fee_term_fen" in numbers else ""
    return numbers[f"fee{over}_fen"], numbers[f"cap{over}_fen"]


def _published(numbers: Numbers) -> str:
    return day(date.fromisoformat(numbers["published_date"])) if numbers["published_date"] else _("未公示")


def _say_no_notice(numbers: Numbers) -> str:
    given = {
        "month": numbers["month"], "charged": format_fen(numbers["charged_fen"]), "published": _published(numbers),
    }  # fmt: skip
    if numbers["published_date"]:
        return _("%(month)s 已开具费用 %(charged)s，收费公示到 %(published)s才发布。") % given
    return _("%(month)s 已开具费用 %(charged)s，没有收费公示。") % given


def _no_notice_figures(numbers: Numbers) -> list[Figure]:
    return [
        (_("月份"), numbers["month"]),
        (_("应收"), format_fen(numbers["charged_fen"])),
        (_("收费公示"), _published(numbers)),
    ]


def _say_double_charge(numbers: Numbers) -> str:
    """How many of a few they are is theirs (k = 5)."""
    if numbers["children"] < CITY_K:
        return _("有个别学生同一天的服务被收了两次费用。")
    return _("有 %(n)s 名学生同一天的服务被收了两次费用。") % {"n": count(numbers["children"])}


def _double_charge_figures(numbers: Numbers) -> list[Figure]:
    return [(_("被重复收费的学生"), count(numbers["children"]))]


def _collector(code: str) -> str:
    return str(COLLECTORS.get(Collector(code), code))


def _say_wrong_collector(numbers: Numbers) -> str:
    return _("方案写明由%(collector)s收费，按规定应由%(due)s收费。") % {
        "collector": _collector(numbers["collector"]), "due": _collector(numbers["collector_due"]),
    }  # fmt: skip


def _wrong_collector_figures(numbers: Numbers) -> list[Figure]:
    return [
        (_("方案的收费主体"), _collector(numbers["collector"])),
        (_("规定的收费主体"), _collector(numbers["collector_due"])),
    ]


def _say_no_session(numbers: Numbers) -> str:
    return _("%(month)s 开具费用 %(charged)s，整月没有一次服务记录。") % {
        "month": numbers["month"], "charged": format_fen(numbers["charged_fen"]),
    }  # fmt: skip


def _no_session_figures(numbers: Numbers) -> list[Figure]:
    return [
        (_("月份"), numbers["month"]),
        (_("应收"), format_fen(numbers["charged_fen"])),
        (_("开展服务的天数"), str(numbers["days_held"])),
    ]


RULES: Final = (
    Rule(
        RuleCode.OVER_CAP, ("S3", "S46"),
        gettext_lazy("收费标准不得高于政策封顶。"),
        gettext_lazy(
            "方案的收费标准 > 同一计费单位的封顶，或按月、按学期的标准在本学期合计 > "
            "其他计费单位的封顶按本学期校历折算的金额；一校有几个学段的，看超出最多的学段。只看已公示或已收费的方案，等于封顶不算。"
        ),
        gettext_lazy("收费标准降到封顶以内后自动了结。"),
        "/fees/", over_cap, _say_over_cap, _over_cap_figures,
    ),
    Rule(
        RuleCode.NO_NOTICE, ("S27", "S46"),
        gettext_lazy("没有公示的费用不得收取。"),
        gettext_lazy("某月有应收，而服务方案到当月最后一天还没有公示。"),
        gettext_lazy("当月费用冲回后自动了结。"),
        "/fees/", no_notice, _say_no_notice, _no_notice_figures,
    ),
    Rule(
        RuleCode.DOUBLE_CHARGE, ("S27", "S46"),
        gettext_lazy("同一名学生的同一天，只能收一次费用。"),
        gettext_lazy(
            "同一名学生有两笔金额大于 0、没有撤回的应收，所管的日子有一天相同，"
            "不论计费时段叫什么、按哪份协议收；这样的学生数 > 0。"
        ),
        gettext_lazy("学校撤回重复的那次开具后自动了结；只退款、减免而不撤回的，由监管人员核实后了结。"),
        "/fees/", double_charge, _say_double_charge, _double_charge_figures,
    ),
    Rule(
        RuleCode.WRONG_COLLECTOR, ("S3", "S27"),
        gettext_lazy("只有规定的主体可以收费。2024年春季学期起，不得通过家长委员会收费。"),
        gettext_lazy("方案的收费主体 ≠ 学期第一天的政策规定的收费主体。"),
        gettext_lazy("方案改由规定的主体收费后自动了结。"),
        "/fees/", wrong_collector, _say_wrong_collector, _wrong_collector_figures,
    ),
    Rule(
        RuleCode.NO_SESSION, ("S27", "S46"),
        gettext_lazy("收了钱就要提供服务。"),
        gettext_lazy("已过完的月份有应收，却没有一天开展服务；当月在学期内不足五个工作日的不看。"),
        gettext_lazy("补记服务或冲回费用后自动了结。"),
        "/fees/", charged_without_session, _say_no_session, _no_session_figures,
    ),
)  # fmt: skip
"""In the order of the list."""
