"""Facts and flags of one school in words."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Final, NamedTuple

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.pages import sheets
from afterbell.pages.sheets import Sign
from dashboards.frame import breakdown, words
from dashboards.schoolpage.peering import Position
from oversight.costs.peers import Flag
from oversight.costs.report import FLAGS
from oversight.indicators.catalogue import Unit
from oversight.indicators.statistics import Flag as Chance

COLLECTORS: Final[dict[str, str | Promise]] = {
    "school": gettext_lazy("学校"),
    "committee": gettext_lazy("家长委员会"),
}


class Standing(NamedTuple):
    """A flag: badge and sentence with its numbers."""

    state: str
    word: str
    sentence: str


def standings(positions: Sequence[Position]) -> list[Standing]:
    """What stands out, with numbers; a reason to look, not a verdict."""
    return [_standing(each) for each in positions if each.stands_out]


def position_word(position: Position) -> tuple[str, str]:
    """State and word of one row: the funnel's, as the dashboards say it, or that against peers, as the costs say it."""
    if position.chance is not None:
        badge = breakdown.flag_cell(position.chance.value, position.indicator)
        return badge.state, str(badge.word)
    if position.is_favourable:
        return "good", _("好于同类")
    if position.flag is Flag.INCOMPLETE and isinstance(position.own, Sign):
        return "quiet", _("没有数据")
    state = "warn" if position.is_flagged else "good" if position.flag is Flag.NONE else "quiet"
    return state, str(FLAGS[position.flag])


def without_peers(flag: Flag, months: float | None) -> str:
    """Why there is no comparison at all, in a sentence."""
    if flag is Flag.PART_PERIOD:
        held = f"{months or 0:.0f}"
        return _("只有 %(n)s 个月的数据，服务天数不到同类学校的一半，本学期不作比较。") % {"n": held}
    if flag is Flag.TOO_FEW:
        return _("同学段、同城乡的可比学校不到 10 所，不作比较。")
    return _("比较所需的数据不全，不作比较。")


def day(moment: date | datetime | None) -> str:
    """2026-09-01, or – where there is none."""
    if moment is None:
        return "–"
    here = timezone.localtime(moment) if isinstance(moment, datetime) else moment
    return f"{here:%Y-%m-%d}"


def _standing(position: Position) -> Standing:
    indicator = position.indicator
    parts = [f"{indicator.name} {words.value(indicator, position.own)}"]
    is_high = position.flag is Flag.HIGH if position.is_flagged else position.chance is Chance.FLAG_HIGH
    if position.percentile is not None:
        numbers = {
            "share": f"{position.percentile if is_high else 100 - position.percentile:.0f}",
            "n": position.n,
            "median": words.value(indicator, position.median),
            "apart": _apart(position),
        }
        above = _("高于 %(share)s%% 的同类学校（%(n)s 所，中位数 %(median)s，相差 %(apart)s）")
        below = _("低于 %(share)s%% 的同类学校（%(n)s 所，中位数 %(median)s，相差 %(apart)s）")
        parts.append((above if is_high else below) % numbers)
    if position.is_beyond_chance:
        parts.append(_("高出全市平均，不是波动能解释的") if is_high else _("低于全市平均，不是波动能解释的"))
    return Standing(*position_word(position), _("，").join(parts))


def _apart(position: Position) -> str:
    """The difference of what is shown, in the unit of the figure."""
    own, median = (sheets.rounded(float(each), 2) for each in (position.own, position.median))  # type: ignore[arg-type]
    if own is None or median is None:
        return ""
    step = abs(own - median)
    if position.indicator.unit is Unit.PERCENT:
        return _("%(n)s 个百分点") % {"n": sheets.rounded(float(step), 1)}
    return words.value(position.indicator, float(step))
