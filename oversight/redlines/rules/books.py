"""Rules on the books: the surplus returned in time, a statement for every month (S36, S37)."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.kernel.money import Fen, format_fen
from afterbell.pages.templatetags.show import day
from oversight.redlines.evidence import Evidence
from oversight.redlines.findings import Figure, Finding, Numbers, Rule
from oversight.redlines.states import Level, RuleCode
from tenants.policies.documents import Policy

NOT_SETTLED, NOT_RETURNED, MISSING, LATE = "not_settled", "not_returned", "missing", "late"


def surplus_late(evidence: Evidence) -> Iterator[Finding]:
    """After the due day: money was taken and the term is not settled, or less than the surplus is with the families.

    Due today is not late. A settled term without surplus, and one in which nothing was taken, owe nothing. Money that
    came after the last settlement is owed, too, and its way back begins with another settlement: by a day of its own.
    """
    term, due = evidence.term, evidence.term.surplus_due_date
    if due is None or evidence.today <= due:
        return
    if term.settled_date is None:
        if (received := term.received_fen or 0) > 0:
            numbers = {"due_date": due.isoformat(), "received_fen": received}
            yield Finding(RuleCode.SURPLUS_LATE, Level.RED, "surplus", received, numbers, (NOT_SETTLED,))
        return
    if term.surplus_fen is None or term.surplus_returned_fen is None:
        return
    owed = term.surplus_fen - term.surplus_returned_fen - _not_due_yet(evidence)
    if owed > 0:
        numbers = {
            "due_date": due.isoformat(),
            "surplus_fen": term.surplus_fen,
            "returned_fen": term.surplus_returned_fen,
            "unsettled_fen": term.surplus_unsettled_fen or 0,
            "owed_fen": owed,
        }
        yield Finding(RuleCode.SURPLUS_LATE, Level.RED, "surplus", owed, numbers, (NOT_RETURNED,))


def _not_due_yet(evidence: Evidence) -> int:
    """What later rounds have on its way, or waits for one, until a day of its own; unknown in older facts: all is due."""
    term = evidence.term
    due = term.surplus_later_due_date
    return 0 if due is None or evidence.today > due else term.surplus_later_fen or 0


def shortfall(evidence: Evidence) -> Iterator[Finding]:
    """A settled term whose account does not hold what families are to get of their own: shown, and told at once."""
    missing = evidence.term.shortfall_fen or 0
    if missing > 0:
        yield Finding(RuleCode.SHORTFALL, Level.RED, "shortfall", missing, {"missing_fen": missing})


def statement(evidence: Evidence) -> Iterator[Finding]:
    """One cause a month: not published after its due day (red), or published after it (a notice).

    Only months in the books have a due day. A late one stays late: its notice ends when an officer closes it.
    """
    for line in evidence.months:
        due, published = line.statement_due_date, line.statement_published_date
        if due is None:
            continue
        numbers = {"month": line.month, "due_date": due.isoformat()}
        if published is None and evidence.today > due:
            yield Finding(RuleCode.STATEMENT, Level.RED, line.month, 1, numbers, (MISSING,))
        elif published is not None and published > due:
            numbers = {**numbers, "published_date": published.isoformat()}
            yield Finding(RuleCode.STATEMENT, Level.NOTICE, line.month, 1, numbers, (LATE,))


def _day(numbers: Numbers, name: str) -> str:
    return day(date.fromisoformat(numbers[name]))


def _days_late(numbers: Numbers) -> int:
    return (date.fromisoformat(numbers["published_date"]) - date.fromisoformat(numbers["due_date"])).days


def _say_surplus(numbers: Numbers) -> str:
    if "surplus_fen" not in numbers:
        return _("本学期实收 %(received)s，应于%(due)s前结算并退还结余，至今没有结算。") % {
            "received": format_fen(numbers["received_fen"]), "due": _day(numbers, "due_date"),
        }  # fmt: skip
    said = _("退还期限%(due)s已过：结余 %(surplus)s，家长已到账 %(returned)s，还差 %(owed)s。") % {
        "surplus": format_fen(numbers["surplus_fen"]), "due": _day(numbers, "due_date"),
        "returned": format_fen(numbers["returned_fen"]),
        "owed": format_fen(_owed(numbers)),
    }  # fmt: skip
    if waits := _unsettled(numbers):
        said += _("其中 %(waits)s 是上次结算之后收到的，要先补充结算。") % {"waits": format_fen(waits)}
    return said


def _unsettled(numbers: Numbers) -> Fen:
    """Alerts from before it was known say nothing of it."""
    return Fen(numbers.get("unsettled_fen", 0))


def _owed(numbers: Numbers) -> Fen:
    """Alerts from before later rounds had days of their own say the difference."""
    return Fen(numbers.get("owed_fen", numbers["surplus_fen"] - numbers["returned_fen"]))


def _say_shortfall(numbers: Numbers) -> str:
    return _("学期已结算，应退给家长的款项有 %(missing)s 账上没有。") % {
        "missing": format_fen(numbers["missing_fen"])
    }


def _shortfall_figures(numbers: Numbers) -> list[Figure]:
    return [(_("缺口"), format_fen(numbers["missing_fen"]))]


def _surplus_figures(numbers: Numbers) -> list[Figure]:
    due = (_("退还期限"), _day(numbers, "due_date"))
    if "surplus_fen" not in numbers:
        return [(_("本学期实收"), format_fen(numbers["received_fen"])), (_("结算"), _("没有结算")), due]
    return [
        (_("结余"), format_fen(numbers["surplus_fen"])),
        (_("已到账"), format_fen(numbers["returned_fen"])),
        (_("未退还"), format_fen(_owed(numbers))),
        (_("等待补充结算"), format_fen(_unsettled(numbers))),
        due,
    ]


def _say_statement(numbers: Numbers) -> str:
    given = {"month": numbers["month"], "due": _day(numbers, "due_date")}
    if "published_date" not in numbers:
        return _("%(month)s 的收支应于%(due)s前向家长公示，至今没有公示。") % given
    given |= {"published": _day(numbers, "published_date"), "days": str(_days_late(numbers))}
    return _("%(month)s 的收支应于%(due)s前公示，%(published)s才公示，晚了 %(days)s 天。") % given


def _statement_figures(numbers: Numbers) -> list[Figure]:
    found: list[Figure] = [(_("月份"), numbers["month"]), (_("公示期限"), _day(numbers, "due_date"))]
    if "published_date" not in numbers:
        return [*found, (_("公示"), _("没有公示"))]
    return [
        *found,
        (_("公示日期"), _day(numbers, "published_date")),
        (_("晚了（天）"), str(_days_late(numbers))),
    ]


def _surplus_thresholds(policy: Policy) -> list[Figure]:
    return [
        (_("学期结束前几天结算"), str(policy.deadlines.settlement_days_before_term_end)),
        (_("结算后几天内退还"), str(policy.deadlines.refund_days)),
    ]


def _statement_thresholds(policy: Policy) -> list[Figure]:
    return [(_("月底后几天内公示"), str(policy.deadlines.statement_days))]


RULES: Final = (
    Rule(
        RuleCode.SURPLUS_LATE, ("S37",),
        gettext_lazy("学期结束前结算，结余按时退还家长。"),
        gettext_lazy(
            "过了退还期限：有实收而没有结算，或到账的退费 < 结余"
            "（各次结算的结余，加上结算之后收到、等待补充结算的款项）。期限当天不算逾期。"
            "补充结算的款项另算期限：从补充结算、或从收到款项之日起，按规定的退还天数。"
        ),
        gettext_lazy("结算并全部退还到账后自动了结。"),
        "/fees/", surplus_late, _say_surplus, _surplus_figures, _surplus_thresholds,
    ),
    Rule(
        RuleCode.SHORTFALL, ("S37", "S4"),
        gettext_lazy("结算后，应退给家长的钱都在账上。"),
        gettext_lazy("已结算的学期：在途退费加各家多缴 > 账上的钱。没有结算的学期不看。"),
        gettext_lazy("补足款项并补充结算后自动了结。"),
        "/fees/", shortfall, _say_shortfall, _shortfall_figures,
    ),
    Rule(
        RuleCode.STATEMENT, ("S36", "S43"),
        gettext_lazy("每月收支按时向家长公示。"),
        gettext_lazy("有账目的月份过了公示期限：没有公示为红线，公示晚于期限为提醒。期限当天不算逾期。"),
        gettext_lazy("补公示后由红线降为提醒；晚公示的事实不会消失，由监管人员查看后了结。"),
        "/fees/", statement, _say_statement, _statement_figures, _statement_thresholds,
    ),
)  # fmt: skip
