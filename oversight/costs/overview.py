"""What the first page of the desk says: districts, what stands out and why, who reports nothing, statements due. Pure."""

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.utils.translation import gettext as _

from afterbell.kernel.money import Fen, format_fen
from oversight.costs import summary as summaries
from oversight.costs.peers import Flag
from oversight.costs.report import COSTS, Report
from oversight.costs.summary import Reason, Row, State

MOST: Final = 12
"""Lines of a list; how many there are in all stands above it."""


class DistrictLine(NamedTuple):
    """One district, or all of them: how far its figures go, and their sums over schools whose figure is known."""

    code: str
    name: str
    schools: int
    states: dict[str, int]
    totals: dict[str, Any]


class Notable(NamedTuple):
    """A school that stands out, and why, in words."""

    row: Row
    reasons: list[str]


def of(report: Report) -> dict[str, Any]:
    """What the page shows of the report."""
    summary = report.summary
    missing = [row for row in summary.rows if row.state == State.MISSING]
    notable = _notable(report)
    return {
        "lines": district_lines(report),
        "missing": missing[:MOST],
        "missing_count": len(missing),
        "notable": notable[:MOST],
        "notable_count": len(notable),
        "overdue": summary.overdue[:MOST],
        "overdue_count": len(summary.overdue),
        "overdue_months": sum(one.months for one in summary.overdue),
        "query": urlencode({"term": summary.term}),
        "most": MOST,
    }


def district_lines(report: Report) -> list[DistrictLine]:
    """In the city's order, districts without a school left out; all together at the end when there are several."""
    rows = report.summary.rows
    lines = [
        _line(code, name, [row for row in rows if row.district == code], report)
        for code, name in report.districts.items()
    ]
    seen = [line for line in lines if line.schools]
    return [*seen, _line("", _("合计"), rows, report)] if len(seen) > 1 else seen


def in_words(reasons: Sequence[Reason]) -> list[str]:
    """每生每小时成本 ¥8.20，高于 96.7% 的同类学校（30 所，中位数 ¥5.10）; those that follow are told in short."""
    return [_in_full(reasons[0]), *(_in_short(reason) for reason in reasons[1:])] if reasons else []


def _in_full(reason: Reason) -> str:
    if reason.flag is Flag.HIGH:
        return _(
            "%(cost)s %(value)s，高于 %(share)s%% 的同类学校（%(n)s 所，中位数 %(median)s，相差 %(apart)s%%）"
        ) % _values(reason)
    return _(
        "%(cost)s %(value)s，低于 %(share)s%% 的同类学校（%(n)s 所，中位数 %(median)s，相差 %(apart)s%%）"
    ) % _values(reason)


def _in_short(reason: Reason) -> str:
    if reason.flag is Flag.HIGH:
        return _("%(cost)s %(value)s 高于同类（中位数 %(median)s）") % _values(reason)
    return _("%(cost)s %(value)s 低于同类（中位数 %(median)s）") % _values(reason)


def _values(reason: Reason) -> dict[str, Any]:
    return {
        "cost": COSTS[reason.cost],
        "value": format_fen(Fen(reason.value_fen)),
        "median": format_fen(Fen(reason.median_fen)),
        "n": reason.n,
        "apart": round(abs(reason.value_fen - reason.median_fen) * 100 / max(reason.median_fen, 1)),
        "share": reason.percentile if reason.flag is Flag.HIGH else 100 - reason.percentile,
    }


def _line(code: str, name: str, rows: Iterable[Row], report: Report) -> DistrictLine:
    seen = list(rows)
    states = {state.value: sum(row.state == state for row in seen) for state in State}
    return DistrictLine(code, name, len(seen), states, summaries.total(seen, report.summary.children))


def _notable(report: Report) -> list[Notable]:
    """Farthest from the peers' median first, in proportion to it."""
    summary = report.summary
    flagged = [row for row in summary.rows if row.school_code in summary.reasons]
    flagged.sort(key=lambda row: (-_distance(summary.reasons[row.school_code]), row.school_code))
    return [Notable(row, in_words(summary.reasons[row.school_code])) for row in flagged]


def _distance(reasons: tuple[Reason, ...]) -> float:
    """Of the whole cost and of staff only: other kinds are small sums, of which a fen is soon a half."""
    told = [one for one in reasons if one.cost in ("cost_per_pupil_hour", "staff_cost_per_pupil_hour")]
    return max((abs(one.value_fen - one.median_fen) / max(one.median_fen, 1) for one in told), default=0.0)
