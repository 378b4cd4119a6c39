"""The row of strips: this school, its peers' median and their middle half, one line an indicator. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

from django.utils.translation import gettext as _
from plotly import graph_objects as go

from afterbell.pages.figures import Note
from afterbell.pages.sheets import Badge, Cell, Column, Kind, Sheet, Sign
from dashboards.frame import figures, words
from dashboards.frame.cards import Card, definition
from dashboards.frame.look import Look
from dashboards.schoolpage import words as said
from dashboards.schoolpage.peering import Position, why_not
from oversight.indicators.catalogue import Indicator

EDGE: Final = 1.25
"""Of the strips; behind it stands the value."""


@dataclass(frozen=True)
class Strips(Card):
    """Its file holds the definitions; the page has them in a part of their own, to be opened."""

    indicators: Sequence[Indicator] = ()

    def sheet(self, look: Look) -> Sheet:
        return replace(self, notes=[*self.notes, *definition(*self.indicators)])._plain(look)

    def _plain(self, look: Look) -> Sheet:
        return super().sheet(look)


def card(positions: Sequence[Position], *, months: float | None) -> Card:
    """All figures of the school, compared or not; why not is said in the title."""
    rows = [_row(each) for each in positions]
    drawn = [each for each in positions if each.is_compared and isinstance(each.own, float)]
    known = [each for each in positions if isinstance(each.own, float)]
    return Strips(
        id="peers", indicators=[each.indicator for each in positions], question=_("这所学校与同类学校相比怎么样？"),
        answer=_answer(positions, months), columns=_columns(),
        rows=rows if known else (), figure=_figure(drawn) if drawn else {}, size="long" if len(drawn) > 8 else "tall",
        notes=[
            Note(_("同类"), _("同学段、同城乡，按参加人数、每周时长、困难学生占比、外聘人员占比最接近的 30 所；"
                "不到 10 所不比较。在全市范围内寻找，不显示是哪些学校。")),
            Note(_("读法"), _("竖线是同类学校的中位数，粗条是中间一半的学校，圆点是这所学校。"
                "每一行各用自己的尺度，右边写着本校的值和同类中间一半的两端。")),
            Note(_("结论"), _("高于第 90 或低于第 10 百分位，而且相差达到政策规定的幅度时标出；"
                "有波动范围的比率，看是否越过外限（界限也由政策规定）。标出是查看的理由，不是结论。")),
        ],
        empty=_("这所学校本学期还没有上报数据。上报后，这里会与同类学校比较。"),
    )  # fmt: skip


def definitions(positions: Sequence[Position]) -> list[Note]:
    """How each figure is made, in the order of the strips."""
    return [Note(each.indicator.name, each.indicator.formula) for each in positions]


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("指标")), Column(_("结论")), Column(_("本校"), Kind.TENTH), Column(_("上学期"), Kind.TENTH),
        Column(_("同类中位数"), Kind.TENTH), Column(_("同类的中间一半"), Kind.TENTH), Column(_("百分位"), Kind.TENTH),
        Column(_("同类学校"), Kind.WHOLE, _("所")), Column("n"),
    )  # fmt: skip


def _row(position: Position) -> tuple[Cell, ...]:
    """Units differ from row to row, so numbers are written out; without a comparison its cells do not apply."""
    one = position.indicator
    state, word = said.position_word(position)
    compared: tuple[Cell, ...] = (Sign.NOT_APPLICABLE,) * 3
    if position.is_compared:
        half = _("%(low)s 至 %(high)s") % {
            "low": words.number(one, position.lower),
            "high": words.number(one, position.upper),
        }
        compared = (words.number(one, position.median), half, position.percentile)
    n = (
        position.n_own
        if isinstance(position.n_own, Sign)
        else f"{words.count(_float(position.n_own))} {one.n_of}"
    )
    was = words.number(one, position.was) if position.was is not None else Sign.NOT_AVAILABLE
    name = str(Column(one.name, unit=words.UNITS[one.unit]))
    peers: Cell = position.n if position.n else Sign.NOT_APPLICABLE
    return (name, Badge(state, word), words.number(one, position.own), was, *compared, peers, n)


def _answer(positions: Sequence[Position], months: float | None) -> str:
    if not any(isinstance(each.own, float) for each in positions):
        return _("本学期还没有这所学校的数据")
    reason = why_not(positions)
    if reason is not None:
        return said.without_peers(reason, months)
    compared = [each for each in positions if each.is_compared]
    out = [str(each.indicator.name) for each in compared if each.stands_out]
    if not out:
        return _("%(n)s 项指标都没有值得特别查看的") % {"n": len(compared)}
    return _("%(n)s 项指标中，%(out)s 项值得看一看：%(names)s") % {
        "n": len(compared), "out": len(out), "names": "、".join(out),
    }  # fmt: skip


def _figure(drawn: Sequence[Position]) -> dict[str, Any]:
    """Every line has its own scale: the farthest of the school's value and the middle half's ends is at the edge."""
    places = [_scaled(each) for each in drawn]
    names = [str(each.indicator.name) for each in drawn]
    texts = [
        _("本校 %(own)s<br>同类中位数 %(median)s，中间一半 %(low)s 至 %(high)s（%(n)s 所）") % {
            "own": words.value(each.indicator, each.own), "median": words.value(each.indicator, each.median),
            "low": words.number(each.indicator, each.lower), "high": words.number(each.indicator, each.upper), "n": each.n,
        }
        for each in drawn
    ]  # fmt: skip
    own = [
        _("%(own)s<br>同类 %(low)s–%(high)s") % {
            "own": words.value(each.indicator, each.own), "low": words.number(each.indicator, each.lower),
            "high": words.number(each.indicator, each.upper),
        }
        for each in drawn
    ]  # fmt: skip
    traces: list[Any] = [
        go.Bar(orientation="h", name=_("同类的中间一半"), meta="city", y=names, base=[low for low, _high, _own in places],
               x=[round(high - low, 3) for low, high, _own in places], width=0.35, opacity=0.45, hoverinfo="skip"),
        go.Scatter(mode="markers", name=_("同类中位数"), meta="limit", y=names, x=[0] * len(names), hoverinfo="skip",
                   marker={"symbol": "line-ns-open", "size": 18, "line": {"width": 2}}),
        go.Scatter(
            mode="markers", name=_("本校"), meta="school", y=names, x=[place for _low, _high, place in places],
            customdata=texts,
            hovertemplate="%{y}<br>%{customdata}<extra></extra>", marker={"symbol": "circle", "size": 12},
        ),
        go.Scatter(
            mode="text", y=names, x=[EDGE] * len(names), text=own, textposition="middle right", hoverinfo="skip",
            showlegend=False, cliponaxis=False, textfont={"size": 11},
        ),
    ]  # fmt: skip
    return figures.figure(
        traces,
        xaxis={"range": [-EDGE, 2.4], "showticklabels": False, "showgrid": False, "zeroline": False,
            "fixedrange": True},
        yaxis={"type": "category", "autorange": "reversed", "showgrid": True, "rangemode": "normal", "fixedrange": True},
        hovermode="closest", barmode="overlay", legend={"y": -0.02},
    )  # fmt: skip


def _scaled(position: Position) -> tuple[float, float, float]:
    """Lower and upper quartile and the school's own value, measured from the median: each between -1 and 1."""
    median = position.median or 0.0
    steps = [_float(each) - median for each in (position.lower, position.upper, position.own)]
    most = max(abs(step) for step in steps) or 1.0
    low, high, own = (round(step / most, 3) for step in steps)
    return low, high, own


def _float(cell: Cell) -> float:
    return float(cell) if isinstance(cell, int | float) else 0.0
