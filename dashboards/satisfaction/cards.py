"""The other questions of the satisfaction page: what changed, who answers, and the sentence on top."""

from collections.abc import Mapping

import pandas as pd
from django.utils.translation import gettext as _
from plotly import graph_objects as go

from afterbell.pages import sheets
from afterbell.pages.figures import Note
from afterbell.pages.sheets import Cell, Column, Kind, Link, Sign
from dashboards.frame import against, breakdown, figures, words
from dashboards.frame.cards import Card, definition
from dashboards.frame.look import Look
from dashboards.frame.tiles import Tile, tile
from dashboards.satisfaction import areas
from dashboards.satisfaction.areas import MEAN, RESPONSE, SHARE
from oversight.costs.mattering import Key, Least


def tiles(
    schools: pd.DataFrame, before: pd.DataFrame | None, least: Mapping[Key, Least] | None = None
) -> list[Tile]:
    """Mean, share and response rate, with their change against the term before."""
    made = []
    for indicator in (MEAN, SHARE, RESPONSE):
        now = breakdown.whole(schools, indicator)
        step = against.step(indicator, schools, before, least=least)
        made.append(tile(indicator, now=now.cell, step=step, n=now.n))
    return made


def lede(look: Look, schools: pd.DataFrame, before: pd.DataFrame | None) -> str:
    """One sentence: the score, how sure it is, how many answered, and against the term before."""
    total = areas.everybody(look, schools)
    if total.share is Sign.HIDDEN:
        return _("为保护作答的人，所选范围的评价不显示：答卷太少，或会推算出别处的少数答卷。")
    if not isinstance(total.share, float):
        return _("所选范围还没有可以显示的评价：学校开展学期评价、收到足够答卷后才会有。")
    sentence = _("%(n)s 份答卷的满意率 %(share)s（95%% 区间 %(low)s 至 %(high)s），均分 %(mean)s，回收率 %(response)s") % {
        "n": words.count(float(total.n)) if isinstance(total.n, float) else "",
        "share": words.value(SHARE, total.share), "low": words.value(SHARE, total.low),
        "high": words.value(SHARE, total.high), "mean": words.value(MEAN, total.mean),
        "response": words.value(RESPONSE, total.response),
    }  # fmt: skip
    if before is not None:
        change, _direction = _changed_share(look, schools, before)
        sentence += _("；满意率%(change)s") % {"change": change} if change else ""
    return sentence + "。"


def changes(look: Look, schools: pd.DataFrame, before: pd.DataFrame | None) -> Card:
    """By district: this term and the one before. Surveys are held once a term, so there are no months."""
    now = areas.lines(look, schools, "district")
    earlier = (
        {line.code: line for line in areas.lines(look, before, "district")} if before is not None else {}
    )
    rows: list[tuple[Cell, ...]] = []
    steps: list[tuple[str, str, str]] = []
    for line in now:
        was = earlier[line.code].share if line.code in earlier else None
        change, direction = _changed_share(
            look, *(_in_district(frame, line.code) for frame in (schools, before))
        )
        rows.append((Link(line.name, look.district_url(line.code)), line.share, was, change or "–"))
        if change:
            steps.append((line.name, change, direction))
    columns = (
        Column(_("区县")), words.column(SHARE, _("本学期满意率")), words.column(SHARE, _("上学期满意率")), Column(_("变化")),
    )  # fmt: skip
    drawn = _pairs(
        [(line.name, float(was), float(line.share)) for line, (_n, _now, was, _w) in zip(now, rows, strict=True)
         if isinstance(line.share, float) and isinstance(was, float)]
    )  # fmt: skip
    return Card(
        id="changes", question=_("与上学期相比，满意率怎样变化？"), answer=_changed(steps), columns=columns,
        rows=rows if any(isinstance(row[2], float) for row in rows) else (),
        figure=drawn, notes=[Note(_("学期"), _("评价每学期一次，所以只与上学期比较，没有按月的数字。")), *definition(SHARE)],
        empty=_("上学期没有评价数据，无法比较。"),
    )  # fmt: skip


def _in_district(frame: pd.DataFrame | None, code: str) -> pd.DataFrame | None:
    return None if frame is None else frame[frame["district_code"] == code]


def _changed_share(look: Look, now: pd.DataFrame | None, before: pd.DataFrame | None) -> tuple[str, str]:
    """The change in words and its direction, of the schools with answers in both terms."""
    schools = against.common(SHARE, now, before) if now is not None else None
    if schools is None:
        return "", ""
    later, earlier = (areas.everybody(look, frame).share for frame in (schools.now, schools.before))
    change, direction = words.difference(SHARE, later, earlier)
    return schools.told(change), direction


def _pairs(known: list[tuple[str, float, float]]) -> dict[str, object]:
    """Two points a district: this term's and that of the one before."""
    if not known:
        return {}
    names = [name for name, _was, _now in known]
    traces = [
        go.Scatter(
            mode="markers", name=label, meta=role, y=names, x=[figures.rough(value) for value in values],
            marker={"symbol": symbol, "size": 12}, hovertemplate="%{y}<br>%{fullData.name} %{x}<extra></extra>",
        )
        for label, role, symbol, values in (
            (_("上学期"), "city", "circle-open", [was for _name, was, _now in known]),
            (_("本学期"), "school", "circle", [now for _name, _was, now in known]),
        )
    ]  # fmt: skip
    return figures.figure(
        traces,
        xaxis={"ticksuffix": "%", "showgrid": True, "rangemode": "normal"},
        yaxis={"type": "category", "autorange": "reversed", "rangemode": "normal"},
        hovermode="closest",
    )


def _changed(steps: list[tuple[str, str, str]]) -> str:
    ups = [f"{name}{change}" for name, change, direction in steps if direction == "up"]
    downs = [f"{name}{change}" for name, change, direction in steps if direction == "down"]
    if not steps:
        return _("没有可以比较的上学期数据")
    if not downs:
        return _("没有区县的满意率下降") if ups else _("各区县都与上学期持平")
    return _("%(n)s 个区县的满意率下降：%(names)s") % {"n": len(downs), "names": "；".join(downs)}


def step(now: Cell, before: Cell) -> Cell:
    """The difference of what is shown, so that a reader who subtracts gets the same."""
    if not isinstance(now, float) or not isinstance(before, float):
        return Sign.NOT_APPLICABLE
    later, earlier = sheets.rounded(now, 1), sheets.rounded(before, 1)
    return None if later is None or earlier is None else later - earlier


def columns() -> dict[str, Column]:
    """Of the ranking of schools."""
    return {
        "school": Column(_("学校")),
        "district": Column(_("区县")),
        "place": Column(_("与全市平均相比")),
        "signals": Column(_("评价好得异常")),
        "mean": words.column(MEAN),
        "share": words.column(SHARE),
        "low": Column(_("区间下端"), Kind.PERCENT, "%"),
        "high": Column(_("区间上端"), Kind.PERCENT, "%"),
        "response": words.column(RESPONSE),
        "n": Column(_("答卷"), Kind.WHOLE, _("份")),
        "change": Column(_("与上学期"), Kind.TENTH, _("百分点")),
    }
