"""Satisfaction by district, stage or kind: mean, share with its interval, and the response rate that it rests on. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from django.utils.translation import gettext as _
from plotly import graph_objects as go

from afterbell.kernel.chance import wilson
from afterbell.pages.figures import Note
from afterbell.pages.sheets import Cell, Column, Kind, Link, Sign
from dashboards.frame import breakdown, figures, words
from dashboards.frame.cards import Card, definition
from dashboards.frame.look import Look
from oversight.indicators import measures
from oversight.indicators.catalogue import CATALOGUE
from oversight.indicators.measures import State

SHARE, MEAN, RESPONSE = (CATALOGUE[code] for code in ("satisfaction", "satisfaction_mean", "response_rate"))


@dataclass(frozen=True)
class Line:
    """One area: all cells are numbers or the sign for why there is none."""

    code: str
    name: str
    share: Cell
    low: Cell
    high: Cell
    mean: Cell
    response: Cell
    n: Cell
    schools: float


def interval(numerator: float, denominator: float, state: str) -> tuple[Cell, Cell]:
    """The ends of the 95 % interval in percent, or the sign that the share itself has."""
    found = wilson(numerator, denominator) if state == State.KNOWN.value else None
    if found is None:
        sign = words.SIGNS.get(state, Sign.NOT_APPLICABLE)
        return sign, sign
    return found.low * 100, found.high * 100


def lines(look: Look, schools: pd.DataFrame, dimension: str) -> list[Line]:
    """Areas that have schools, in their own order. `dimension` is district, stage or kind."""
    if schools.empty:
        return []
    column = "district_code" if dimension == "district" else dimension
    share, mean, response = (measures.grouped(schools, one, [column]) for one in (SHARE, MEAN, RESPONSE))
    sizes = schools.groupby(column, sort=False).size()
    return [
        _line(code, name, _one(share, code), _one(mean, code), _one(response, code), float(sizes[code]))
        for code, name in breakdown.names_of(dimension, look).items()
        if code in share.index
    ]


def _one(measured: pd.DataFrame, code: str) -> "pd.Series[float]":
    return measured.loc[[code]].iloc[0]


def everybody(look: Look, schools: pd.DataFrame) -> Line:
    """All schools of the look together."""
    share, mean, response = (measures.of_all(schools, one).iloc[0] for one in (SHARE, MEAN, RESPONSE))
    return _line("", look.where, share, mean, response, float(len(schools)))


def card(look: Look, schools: pd.DataFrame, dimension: str, *, id: str, question: str) -> Card:  # noqa: A002  (the card's id)
    """Points with their intervals; where intervals overlap, no difference is claimed."""
    found, total = lines(look, schools, dimension), everybody(look, schools)
    columns = (
        Column({"district": _("区县"), "stage": _("学段"), "kind": _("城乡")}[dimension]),
        words.column(SHARE), Column(_("区间下端"), Kind.PERCENT, "%"), Column(_("区间上端"), Kind.PERCENT, "%"),
        words.column(MEAN), words.column(RESPONSE), Column("n", Kind.WHOLE, SHARE.n_of),
        Column(_("学校"), Kind.WHOLE, _("所")),
    )  # fmt: skip
    rows = [_row(look, line, dimension) for line in found]
    if rows:
        rows.append(_row(look, total, ""))
    known = sorted(
        (line for line in found if isinstance(line.share, float)), key=lambda line: -_number(line.share)
    )
    return Card(
        id=id, question=question, answer=_answer(known, total), columns=columns, rows=rows,
        figure=_figure(known, total) if known else {}, size="low" if len(known) < 4 else "",
        notes=[
            *definition(SHARE, MEAN, RESPONSE),
            Note(_("区间"), _("横线是满意率的 95% 区间（Wilson）：答卷越少越宽。两处的区间重叠时，差别可能只是波动。")),
        ],
        empty=_("学校开展学期评价后，这里会显示家长的评分和回收率。"),
    )  # fmt: skip


def _line(
    code: str, name: str, share: "pd.Series[float]", mean: "pd.Series[float]", response: "pd.Series[float]", schools: float
) -> Line:  # fmt: skip
    state = str(share["state"])
    low, high = interval(share["numerator"], share["denominator"], state)
    return Line(
        code, name, words.cell(share["value"], state), low, high, words.cell(mean["value"], str(mean["state"])),
        words.cell(response["value"], str(response["state"])), words.cell(share["n"], state), schools,
    )  # fmt: skip


def _row(look: Look, line: Line, dimension: str) -> Sequence[Cell]:
    name = Link(line.name, look.district_url(line.code)) if dimension == "district" else line.name
    return (name, line.share, line.low, line.high, line.mean, line.response, line.n, line.schools)


def _answer(known: Sequence[Line], total: Line) -> str:
    about = {
        "where": total.name,
        "value": words.value(SHARE, total.share),
        "response": words.value(RESPONSE, total.response),
    }
    whole = _("%(where)s满意率 %(value)s，回收率 %(response)s") % about
    if len(known) < 2:
        return whole
    high, low = known[0], known[-1]
    shown = [(line.name, words.value(SHARE, line.share)) for line in known]
    about |= {"whole": whole, "high": words.those(shown, shown[0][1]), "most": shown[0][1],
              "low": words.those(shown, shown[-1][1]), "least": shown[-1][1]}  # fmt: skip
    if _number(low.high) >= _number(high.low):
        return _("%(whole)s；%(high)s %(most)s、%(low)s %(least)s，差别在波动之内") % about
    return _("%(whole)s；%(high)s最高（%(most)s），%(low)s最低（%(least)s）") % about


def _figure(known: Sequence[Line], total: Line) -> dict[str, object]:
    names = [line.name for line in known]
    values = [figures.rough(_number(line.share)) for line in known]
    dots = go.Scatter(
        mode="markers", name=str(SHARE.name), meta="school", orientation="h", x=values, y=names,
        error_x={
            "type": "data", "symmetric": False, "thickness": 2, "width": 6,
            "array": [figures.rough(_number(line.high) - _number(line.share)) for line in known],
            "arrayminus": [figures.rough(_number(line.share) - _number(line.low)) for line in known],
        },
        text=[_("回收率 %(value)s") % {"value": words.value(RESPONSE, line.response)} for line in known],
        hovertemplate="%{y}<br>%{fullData.name} %{x}<br>%{text}<extra></extra>",
    )  # fmt: skip
    layout: dict[str, object] = {
        "xaxis": {"ticksuffix": "%", "showgrid": True, "rangemode": "normal"},
        "yaxis": {"type": "category", "autorange": "reversed", "showgrid": False, "rangemode": "normal"},
        "showlegend": False, "hovermode": "closest",
    }  # fmt: skip
    if isinstance(total.share, float):
        at = figures.rough(total.share)
        layout |= {
            "shapes": [{"type": "line", "xref": "x", "yref": "paper", "x0": at, "x1": at, "y0": 0, "y1": 1,
                        "line": {"width": 1.5, "dash": "dot"}}],
            "annotations": [{"text": total.name, "xref": "x", "yref": "paper", "x": at, "y": 1, "yanchor": "bottom",
                             "showarrow": False}],
        }  # fmt: skip
    return figures.figure([dots], **layout)


def _number(cell: Cell) -> float:
    """For figures: known lines only."""
    return float(cell) if isinstance(cell, int | float) else float("nan")
