"""The overview's tiles, its table of districts, and what changed against the term before."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import pandas as pd
from django.utils.translation import gettext as _

from afterbell.pages.figures import Note
from afterbell.pages.sheets import Cell, Column, Kind, Link, Sign
from dashboards.frame import against, breakdown, tiles, words
from dashboards.frame.against import Step
from dashboards.frame.breakdown import Group
from dashboards.frame.cards import Card, definition
from dashboards.frame.look import Look
from oversight.costs.mattering import Key, Least
from oversight.indicators import measures
from oversight.indicators.catalogue import CATALOGUE, Indicator

PAGES: Final = {
    "participation": "/participation/",
    "attendance": "/participation/",
    "satisfaction": "/satisfaction/",
    "fee_per_class_hour": "/fees/",
    "complaints_per_1000": "/complaints/",
    "statements_on_time": "/fees/",
}
"""The six figures of the overview, and the page behind each."""
SIX: Final = tuple(CATALOGUE[code] for code in PAGES)
ALSO: Final = ("offering",)
Alerts = Mapping[str, tuple[int, int]]


@dataclass(frozen=True)
class DistrictTile:
    """One district instead of a place on a map."""

    name: str
    url: str
    value: str
    drawn: float | None
    schools: int
    red: int
    notice: int


@dataclass(frozen=True)
class Summary:
    """Every figure of the page, made once: of all together now and in the term before, and of each district."""

    now: Mapping[str, Group]
    before: Mapping[str, Group] | None
    steps: Mapping[str, Step]
    """From the term before to now; indicator → change."""
    districts: Mapping[str, Mapping[str, Group]]
    """Indicator → district → figure."""


def summary(
    look: Look, schools: pd.DataFrame, before: pd.DataFrame | None, least: Mapping[Key, Least]
) -> Summary:
    """`least` as costs.mattering has it."""
    shown = [CATALOGUE[code] for code in (*ALSO, *PAGES)]
    by = {one.code: breakdown.by(schools, one, "district", look) for one in shown}
    return Summary(
        now=breakdown.wholes(schools, shown),
        before=None if before is None else breakdown.wholes(before, shown),
        steps={
            one.code: against.step(one, schools, before, least=least, same_days=look.is_running)
            for one in SIX
        },
        districts={code: {group.code: group for group in groups} for code, groups in by.items()},
    )


def six(look: Look, figures: Summary, months: pd.DataFrame, by_term: pd.DataFrame) -> list[tiles.Tile]:
    """Value, change, n and a small trend: by month where the months carry it, else by term."""
    return [
        tiles.tile(
            one,
            now=figures.now[one.code].cell,
            step=figures.steps[one.code],
            n=figures.now[one.code].n,
            href=look.url(PAGES[one.code], school="", first_month="", last_month=""),
            trend=_trend(one, months if one.by_month else by_term),
        )
        for one in SIX
    ]


def _trend(indicator: Indicator, frame: pd.DataFrame) -> list[float | None]:
    """Never of a figure that can't be added up: the areas have no medians."""
    if indicator.over_schools or frame.empty:
        return []
    return [words.to_draw(cell) for cell in words.cells(measures.measure(frame, indicator))]


def district_tiles(look: Look, figures: Summary, counts: Alerts) -> list[DistrictTile]:
    """In the city's order; the figure is participation. `counts` are alerts by district."""
    one = CATALOGUE["participation"]
    found = []
    for code, group in figures.districts[one.code].items():
        red, notice = counts.get(code, (0, 0))
        found.append(
            DistrictTile(
                name=group.name, url=look.district_url(code), value=words.value(one, group.cell), drawn=group.value,
                schools=int(group.schools), red=red, notice=notice,
            )
        )  # fmt: skip
    return found


def alerts_by_district(schools: pd.DataFrame, alerts: Alerts) -> dict[str, tuple[int, int]]:
    """District → unresolved (red, notice), from those by school."""
    districts = dict(zip(schools["code"], schools["district_code"], strict=True))
    found: dict[str, tuple[int, int]] = {}
    for code, (red, notice) in alerts.items():
        if code in districts:
            before = found.get(districts[code], (0, 0))
            found[districts[code]] = (before[0] + red, before[1] + notice)
    return found


def districts(look: Look, schools: pd.DataFrame, figures: Summary, counts: Alerts) -> Card:
    """The table of districts: the six figures, how many schools they rest on, and open alerts."""
    indicators = [CATALOGUE[code] for code in figures.districts]
    known = schools.groupby("district_code")["is_known"].sum()
    columns = (
        Column(_("区县")), Column(_("学校"), Kind.WHOLE, _("所")), Column(_("有数据"), Kind.WHOLE, _("所")),
        *(words.column(one) for one in indicators),
        Column(_("红线预警"), Kind.WHOLE, _("条")), Column(_("提醒"), Kind.WHOLE, _("条")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for code, group in figures.districts["offering"].items():
        cells = (figures.districts[one.code][code].cell for one in indicators)
        name = Link(group.name, look.district_url(code))
        rows.append((name, group.schools, float(known[code]), *cells, *counts.get(code, (0, 0))))
    if len(rows) > 1:
        cells = (figures.now[one.code].cell for one in indicators)
        red, notice = (sum(both[place] for both in counts.values()) for place in (0, 1))
        rows.append((look.where, float(len(schools)), float(known.sum()), *cells, red, notice))
    return Card(
        id="districts", question=_("各区县情况怎样？"), answer=_district_words(rows, counts, look),
        columns=columns, rows=rows,
        notes=[*definition(*indicators), Note(_("预警"), _("尚未处理完的红线预警和提醒，不含已结束的。"))],
    )  # fmt: skip


def _district_words(rows: list[tuple[Cell, ...]], counts: Mapping[str, tuple[int, int]], look: Look) -> str:
    red = {code: both[0] for code, both in counts.items() if both[0]}
    if not rows:
        return _("还没有学校")
    if not red:
        return _("各区县都没有未处理的红线预警")
    most = max(red.values())
    named = [(look.places.districts.get(code, code), str(n)) for code, n in red.items()]
    return _("%(n)s 条红线预警未处理，%(where)s最多（%(most)s 条）") % {
        "n": sum(red.values()), "where": words.those(named, str(most)), "most": most,
    }  # fmt: skip


def changes(look: Look, figures: Summary) -> Card:
    """What changed: the six figures now and in the term before."""
    rows: list[tuple[Cell, ...]] = []
    worse: list[str] = []
    for one in SIX:
        now = figures.now[one.code].cell
        then = Sign.NOT_AVAILABLE if figures.before is None else figures.before[one.code].cell
        step = figures.steps[one.code]
        rows.append(
            (one.name, words.value(one, now), words.value(one, then), step.words or Sign.NOT_APPLICABLE)
        )
        if step.matters and tiles.judged(one, step.direction) == "bad":
            worse.append(f"{one.name}{step.words}")
    if figures.before is None:
        answer = _("这是第一个学期，还不能比较")
    else:
        answer = (
            _("变差的：%(told)s") % {"told": "；".join(worse)} if worse else _("没有指标比上学期明显变差")
        )
    columns = (
        Column(_("指标")), Column(look.term.name if look.term else _("本学期"), Kind.FIGURE),
        Column(_before_name(look), Kind.FIGURE), Column(_("变化"), Kind.FIGURE),
    )  # fmt: skip
    return Card(
        id="changes", question=_("和上学期相比，什么变了？"), answer=answer, columns=columns, rows=rows,
        notes=[Note(_("提醒"), _("本学期还在进行时，上学期只取同样的天数：按月累计的数取到同期的月份，投诉按天数折算。")),
               Note(_("变化"), _("两个学期有数据的学校不同时，只比两个学期都有数据的；相差达到政策规定的幅度，才说变差。"))],
    )  # fmt: skip


def _before_name(look: Look) -> str:
    if look.term_before is None:
        return _("上学期")
    return _("%(term)s同期") % {"term": look.term_before.name} if look.is_running else look.term_before.name


def lede(look: Look, schools: pd.DataFrame, alerts: Alerts) -> str:
    """One sentence for the whole: schools, children, alerts, and who is silent."""
    red = sum(both[0] for both in alerts.values())
    about = {
        "schools": f"{len(schools):,}", "known": f"{int(schools['is_known'].sum()):,}" if len(schools) else "0",
        "joined": words.count(words.children(measures.children(schools))), "red": red, "quiet": len(look.quiet),
    }  # fmt: skip
    if not len(schools):
        return _("所选范围没有在用的学校。")
    if not int(schools["is_known"].sum()):
        return _("%(schools)s 所学校在用，本学期还没有学校上报数据。") % about
    told = _("%(schools)s 所学校中 %(known)s 所有数据，%(joined)s 名学生参加") % about
    return told + _("；%(red)s 条红线预警未处理，%(quiet)s 所学校没有上报。") % about
