"""Costs a pupil hour against peers: too dear is a reason to look, and so is too cheap. Pure."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
from django.utils.translation import gettext as _
from plotly import graph_objects as go

from afterbell.pages.figures import Note
from afterbell.pages.sheets import Badge, Cell, Column, Kind, Link, Sign
from dashboards.fees.rows import Line, Rows
from dashboards.frame import figures, words
from dashboards.frame.cards import Card, definition
from dashboards.frame.look import Look
from oversight.costs import mattering, peers
from oversight.costs.mattering import Key, Least
from oversight.costs.peers import Flag, Peers
from oversight.costs.report import FLAGS
from oversight.indicators.catalogue import CATALOGUE, Unit

COST: Final = CATALOGUE["cost_per_pupil_hour"]
STAFF: Final = CATALOGUE["staff_cost_per_pupil_hour"]
BARS_MOST: Final = 20
"""Schools in the picture: those that stand out and the farthest from their peers; the table has all."""
LOOKS: Final = {Flag.LOW: "warn", Flag.HIGH: "warn", Flag.NONE: "good"}
BADGES: Final = {flag: Badge(LOOKS.get(Flag(flag), "quiet"), word) for flag, word in FLAGS.items()}
NOT_COMPARED: Final = (Flag.TOO_FEW.value, Flag.PART_PERIOD.value)
STANDS_OUT: Final = (Flag.LOW.value, Flag.HIGH.value)


def flag_cell(flag: str) -> Cell:
    return BADGES[flag]


def compared(
    city: pd.DataFrame, among: Peers, rows: "pd.Index[int]", least: Mapping[Key, Least]
) -> dict[str, pd.DataFrame]:
    """Whole cost and cost of staff, of the rows that are shown; the peers come from the whole city."""
    matters = mattering.of_frame(city, least, Unit.FEN)
    return {
        one.code: peers.compare(city, one.code, among=among, matters=matters).loc[rows]
        for one in (COST, STAFF)
    }


def card(look: Look, schools: pd.DataFrame, found: dict[str, pd.DataFrame]) -> Card:
    """Flagged ones first, the farthest from their peers' median on top."""
    cost, staff = found[COST.code], found[STAFF.code]
    stands_out = cost["flag"].isin(STANDS_OUT) | staff["flag"].isin(STANDS_OUT)
    far = (cost["difference"] / cost["median"]).abs()
    order = pd.DataFrame({"in": ~stands_out, "far": -far}).sort_values(["in", "far"], kind="stable").index
    known = cost[cost["value"].notna()]
    return Card(
        id="costs", question=_("哪些学校的每生每小时成本与同类学校差别明显？"), answer=_answer(cost, staff),
        columns=_columns(),
        rows=Rows(order, lambda part: _rows(look, schools.loc[part], cost.loc[part], staff.loc[part]))
            if len(known) else (), size="tall",
        figure=_figure(look, schools, cost.loc[order], stands_out) if len(known) else {},
        notes=[
            Note(_("同类"), _("同学段、同城乡，按参加人数、每周时长、困难学生占比、"
                "外聘人员占比最接近的 30 所；不到 10 所不比较。在全市范围内寻找。")),
            Note(_("读法"), _("高于同类的第 90 百分位，或低于第 10 百分位，而且相差达到政策规定的幅度时标出。"
                "太便宜也值得看：钱省在了看护上吗？标出是核查的理由，不是结论。")),
            *definition(COST, STAFF),
        ],
        empty=_("学校记账并开展服务后，这里会与同类学校比较成本。"),
    )  # fmt: skip


def _rows(look: Look, about: pd.DataFrame, cost: pd.DataFrame, staff: pd.DataFrame) -> list[Line]:
    return [
        (Link(name, look.school_url(code)), district, words.cell(value), _shown(median, flag), _shown(percentile, flag), n,
         flag_cell(flag), words.cell(staff_value), _shown(staff_median, staff_flag), flag_cell(staff_flag))
        for code, name, district, value, median, percentile, n, flag, staff_value, staff_median, staff_flag in zip(
            about["code"], about["name"], about["district_name"], cost["value"].tolist(), cost["median"].tolist(),
            cost["percentile"].tolist(), cost["n"].tolist(), cost["flag"], staff["value"].tolist(),
            staff["median"].tolist(), staff["flag"], strict=True,
        )
    ]  # fmt: skip


def _columns() -> tuple[Column, ...]:
    return (
        Column(_("学校")), Column(_("区县")), words.column(COST), Column(_("同类中位数"), Kind.YUAN, _("元")),
        Column(_("百分位"), Kind.TENTH), Column(_("同类学校"), Kind.WHOLE, _("所")), Column(_("比较结果")),
        words.column(STAFF), Column(_("同类人员支出中位数"), Kind.YUAN, _("元")), Column(_("人员支出比较")),
    )  # fmt: skip


def _shown(value: float, flag: str) -> Cell:
    """A comparison that is not made does not apply."""
    if flag in NOT_COMPARED:
        return Sign.NOT_APPLICABLE
    return words.cell(value)


def _answer(cost: pd.DataFrame, staff: pd.DataFrame) -> str:
    compared_ones = int(cost["flag"].isin((*STANDS_OUT, Flag.NONE.value)).sum())
    if not cost["value"].notna().any():
        return _("还没有成本数据")
    if not compared_ones:
        return _("同类学校都不到 10 所，不作比较")
    low = int((cost["flag"].eq(Flag.LOW.value) | staff["flag"].eq(Flag.LOW.value)).sum())
    high = int(cost["flag"].eq(Flag.HIGH.value).sum())
    about = {"n": f"{compared_ones:,}", "low": low, "high": high}
    return _("%(n)s 所可比学校中，%(high)s 所成本高于同类，%(low)s 所低于同类（或人员支出过低）") % about


def _figure(
    look: Look, about: pd.DataFrame, cost: pd.DataFrame, stands_out: "pd.Series[bool]"
) -> dict[str, object]:
    """The dearest on top: each school's cost as a bar, over it the middle half of its own peers and their median."""
    drawn = cost[cost["median"].notna()]
    if drawn.empty:
        return {}
    far = drawn.assign(stands=stands_out.loc[drawn.index]).head(BARS_MOST)
    rows = far.sort_values("value", ascending=False, kind="stable")
    names = about.loc[rows.index, "name"].tolist()
    yuan = {name: (rows[name] / 100).round(2) for name in ("value", "median", "lower", "upper")}
    texts = [
        _("%(value)s 元 · 同类 n=%(n)s") % {"value": f"{value:.2f}", "n": int(n)}
        for value, n in zip(yuan["value"], rows["n"], strict=True)
    ]
    urls = [look.school_url(code) for code in about.loc[rows.index, "code"]]
    bars = [
        go.Bar(
            orientation="h", name=word, meta=role, width=0.62, y=[names[at] for at in places],
            x=[float(yuan["value"].iloc[at]) for at in places], customdata=[urls[at] for at in places],
            hovertext=[texts[at] for at in places], hovertemplate="%{y}<br>%{hovertext}<extra></extra>",
        )
        for word, role, wanted in ((_("学校"), "school", False), (_("差别明显的学校"), "bad", True))
        if (places := [at for at, marked in enumerate(rows["stands"]) if bool(marked) is wanted])
    ]  # fmt: skip
    band = go.Bar(
        orientation="h", name=_("同类的中间一半"), meta="city", width=0.22, y=names, base=yuan["lower"].tolist(),
        x=(yuan["upper"] - yuan["lower"]).round(2).tolist(), hoverinfo="skip",
    )  # fmt: skip
    medians = go.Scatter(
        mode="markers", name=_("同类中位数"), meta="limit", y=names, x=yuan["median"].tolist(), hoverinfo="skip",
        marker={"symbol": "line-ns-open", "size": 14, "line": {"width": 2}},
    )  # fmt: skip
    most = max(float(yuan["value"].max()), float(yuan["upper"].max()))
    said = go.Scatter(
        mode="text", y=names, x=[most * 1.03] * len(names), text=texts, textposition="middle right", hoverinfo="skip",
        showlegend=False, cliponaxis=False,
    )  # fmt: skip
    return figures.figure(
        [*bars, band, medians, said],
        xaxis={"title": {"text": _("元/生·小时")}, "showgrid": True, "range": [0, most * 1.6]},
        yaxis={"type": "category", "categoryorder": "array", "categoryarray": names, "autorange": "reversed",
               "showgrid": False},
        barmode="overlay", hovermode="closest",
    )  # fmt: skip
