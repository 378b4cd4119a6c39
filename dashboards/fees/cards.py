"""What stands around the questions of the fees page: six figures, the sentence on top, the list of all schools. Pure."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
from django.utils.translation import gettext as _

from afterbell.pages.sheets import Cell, Column, Kind, Link
from dashboards.fees import caps, costs, money
from dashboards.frame import against, breakdown, words
from dashboards.frame.look import Look
from dashboards.frame.tiles import Tile, tile
from oversight.costs.mattering import Key, Least
from oversight.indicators import measures
from oversight.indicators.catalogue import CATALOGUE

PER_MONTH, PER_HOUR = CATALOGUE["fee_per_month"], CATALOGUE["fee_per_class_hour"]
TILES: Final = (caps.TO_CAP, PER_MONTH, PER_HOUR, costs.COST, money.COLLECTED, money.ON_TIME)
SHOWN: Final = (PER_MONTH, PER_HOUR, costs.COST, money.WAIVED, money.COLLECTED, money.SURPLUS, money.ON_TIME)
"""Columns of the list of schools."""


def tiles(
    schools: pd.DataFrame, before: pd.DataFrame | None, least: Mapping[Key, Least] | None = None
) -> list[Tile]:
    """Six figures with their change against the term before."""
    made = []
    for indicator in TILES:
        now = breakdown.whole(schools, indicator)
        found = tile(indicator, now=now.cell, step=against.step(indicator, schools, before, least=least))
        n = _("%(n)s %(of)s") % {"n": words.count(float(now.found["n"])), "of": breakdown.n_of(indicator)}
        made.append(Tile(**(vars(found) | {"n": n})))
    return made


def lede(schools: pd.DataFrame) -> str:
    """One sentence: fees against caps, money, statements."""
    if not schools["received_fen"].notna().any():
        return _("所选范围还没有账目：学校开始收费记账后才会有。")
    about = {
        "over": int(caps.over(schools).sum()), "fee": words.value(PER_MONTH, breakdown.whole(schools, PER_MONTH).cell),
        "cost": words.value(costs.COST, breakdown.whole(schools, costs.COST).cell),
        "time": words.value(money.ON_TIME, breakdown.whole(schools, money.ON_TIME).cell),
    }  # fmt: skip
    start = _("%(over)s 所学校收费标准超过上限") % about if about["over"] else _("没有学校的收费标准超过上限")
    return (
        start
        + _(
            "；每天都参加的学生一个月要付 %(fee)s（各校中位数），照看一个学生一小时花 %(cost)s；账目按时公示率 %(time)s。"
        )
        % about
    )


def columns() -> dict[str, Column]:
    """Of the list of schools."""
    return {
        "school": Column(_("学校")),
        "district": Column(_("区县")),
        "place": Column(_("收费与上限相比")),
        "peers": Column(_("成本与同类相比")),
        "unit": Column(_("计费单位")),
        "fee": Column(_("收费标准"), Kind.YUAN, _("元")),
        "cap": Column(_("政策上限"), Kind.YUAN, _("元")),
        "to_cap": words.column(caps.TO_CAP),
        "hours": Column(_("每周服务"), Kind.TENTH, _("小时")),
        **{one.code: words.column(one) for one in SHOWN},
    }


def rows(look: Look, schools: pd.DataFrame, found: dict[str, pd.DataFrame]) -> list[dict[str, Cell]]:
    """Over the cap first, then the dearest for what a family pays a month, unknown ones last."""
    is_over = caps.over(schools)
    paid = measures.measure(schools, PER_MONTH)["value"]
    order = pd.DataFrame({"in": ~is_over, "paid": -paid}).sort_values(["in", "paid"], kind="stable").index
    about = schools.loc[order]
    ratios, places = words.cells(measures.measure(about, caps.TO_CAP)), caps.places(about)
    values = {one.code: words.cells(measures.measure(about, one)) for one in SHOWN}
    lines = zip(
        about["code"], about["name"], about["district_name"], about["fee_unit"], about["fee_fen"].tolist(),
        caps.cap_cells(about), ratios,
        caps.hours_a_week(about), found[costs.COST.code].loc[order, "flag"], places, strict=True,
    )  # fmt: skip
    return [
        {
            "school": Link(name, look.school_url(code)), "district": district, "unit": caps.unit_name(unit),
            "fee": words.cell(fee), "cap": cap, "to_cap": ratio, "hours": hours,
            **{one: cells[place] for one, cells in values.items()},
            "peers": costs.flag_cell(flag), "place": against,
        }
        for place, (code, name, district, unit, fee, cap, ratio, hours, flag, against) in enumerate(lines)
    ]  # fmt: skip
