"""A summary with what its readers need beside the rows: names of districts, the filters in words, one sentence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from afterbell.pages import values
from oversight.costs.children import Children
from oversight.costs.peers import Flag
from oversight.costs.summary import Row, State, Summary

Text = str | Promise
STATES: Final[Mapping[str, Text]] = {
    State.FINAL: gettext_lazy("定案"),
    State.ESTIMATE: gettext_lazy("估计"),
    State.MISSING: gettext_lazy("缺失"),
}
FLAGS: Final[Mapping[str, Text]] = {
    Flag.HIGH: gettext_lazy("高于同类"),
    Flag.LOW: gettext_lazy("低于同类"),
    Flag.NONE: gettext_lazy("与同类相当"),
    Flag.TOO_FEW: gettext_lazy("同类太少，不比较"),
    Flag.PART_PERIOD: gettext_lazy("服务时间短，不比较"),
    Flag.INCOMPLETE: gettext_lazy("数据不全，不比较"),
}
COSTS: Final[Mapping[str, Text]] = {
    "cost_per_pupil_hour": gettext_lazy("每生每小时成本"),
    "staff_cost_per_pupil_hour": gettext_lazy("每生每小时人员支出"),
    "materials_per_pupil_hour": gettext_lazy("每生每小时材料支出"),
    "other_per_pupil_hour": gettext_lazy("每生每小时其他支出"),
}


COMPARED: Final = ("peer_median_fen", "percentile")


CHILDREN: Final = ("participants", "complaints_per_1000")


def why_empty(row: Row, code: str, children: Children) -> str:
    """The symbol of an empty cell: children are hidden; what was not compared, or has no cap, does not apply; the rest is
    not known yet."""
    if code in CHILDREN and children.hides([row.school_code]):
        return values.HIDDEN
    not_compared = code in COMPARED and row.flag not in ("", Flag.INCOMPLETE)
    without_cap = code == "cap_fen" and row.fee_standard_fen is not None
    return values.NOT_APPLICABLE if not_compared or without_cap else values.NOT_AVAILABLE


@dataclass(frozen=True)
class Report:
    """What a page, a file or a document is made of."""

    summary: Summary
    term_name: str
    districts: Mapping[str, str]
    """Names by code, of the districts that the reader may see, in the city's order."""
    filters: Sequence[tuple[str, str]] = ()
    """Name and value of each filter, in words."""

    @property
    def name(self) -> str:
        """Of the file, without its ending."""
        return f"cost-summary-{self.summary.term}"

    @property
    def headline(self) -> str:
        """How many schools, and how far their figures can be relied on."""
        count, states = len(self.summary.rows), self.summary.states
        if not count:
            return _("没有符合条件的学校。")
        if not self.summary.has_data:
            return ngettext(
                "这 %(count)s 所学校在%(term)s还没有任何数据，各项数字为空。",
                "这 %(count)s 所学校在%(term)s还没有任何数据，各项数字为空。",
                count,
            ) % {"count": f"{count:,}", "term": self.term_name}
        return _("%(count)s 所学校：定案 %(final)s 所，估计 %(estimate)s 所，缺失 %(missing)s 所。") % {
            "count": f"{count:,}",
            **{state.value: f"{number:,}" for state, number in states.items()},
        }
