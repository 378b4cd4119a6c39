"""The questions of a district's page: its figures against the city's, its months beside the city's, its schools. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
from django.utils.translation import gettext as _

from afterbell.pages import sheets
from afterbell.pages.figures import Note
from afterbell.pages.sheets import Badge, Cell, Column, Kind, Link, Sign
from dashboards.frame import breakdown, figures, words
from dashboards.frame.cards import Card, definition
from dashboards.frame.look import Look
from dashboards.frame.tiles import Tile, judged
from oversight.indicators import measures
from oversight.indicators.catalogue import CATALOGUE, Indicator, Unit

TILES: Final = tuple(
    CATALOGUE[code]
    for code in ("participation", "attendance", "satisfaction", "fee_per_month", "cost_per_pupil_hour", "statements_on_time",
                 "complaints_per_1000", "handover_complete")
)  # fmt: skip
ALSO: Final = tuple(
    CATALOGUE[code]
    for code in ("offering", "five_day_share", "response_rate", "fee_to_cap", "fee_per_class_hour", "collected", "waived",
                 "surplus_returned", "complaints_in_time", "staff_ratio", "checks_valid")
)  # fmt: skip
IN_LIST: Final = tuple(
    CATALOGUE[code]
    for code in ("participation", "attendance", "satisfaction", "fee_to_cap", "cost_per_pupil_hour", "statements_on_time",
                 "complaints_per_1000")
)  # fmt: skip
ATTENDANCE: Final = CATALOGUE["attendance"]
COMPLAINTS: Final = CATALOGUE["complaints_per_1000"]
Alerts = Mapping[str, tuple[int, int]]


def against(indicator: Indicator, here: Cell, city: Cell) -> tuple[str, str]:
    """How far the district lies from the city, in words, and its direction; empty when one of the two is not known."""
    if isinstance(here, Sign | None) or isinstance(city, Sign | None):
        return "", ""
    places = sheets.PLACES[words.KINDS[indicator.unit]]
    scale = 100 if indicator.unit is Unit.FEN else 1
    own, theirs = (sheets.rounded(float(each) / scale, places) for each in (here, city))  # type: ignore[arg-type]
    if own is None or theirs is None:
        return "", ""
    step = own - theirs
    if not step:
        return _("与全市相同"), "same"
    unit = _("个百分点") if indicator.unit is Unit.PERCENT else str(words.UNITS[indicator.unit])
    sentence = _("比全市高 %(step)s %(unit)s") if step > 0 else _("比全市低 %(step)s %(unit)s")
    return sentence % {"step": f"{abs(step):,}", "unit": unit}, "up" if step > 0 else "down"


def tiles(here: pd.DataFrame, city: pd.DataFrame) -> list[Tile]:
    """Eight figures against the city's."""
    made = []
    for indicator in TILES:
        own = breakdown.whole(here, indicator)
        change, direction = against(indicator, own.cell, breakdown.whole(city, indicator).cell)
        n = _("%(n)s %(of)s") % {"n": words.count(own.n), "of": breakdown.n_of(indicator)}
        made.append(
            Tile(
                label=indicator.name, value=words.number(indicator, own.cell), unit=words.UNITS[indicator.unit],
                change=change, direction=direction, good=judged(indicator, direction), n=n,
            )
        )  # fmt: skip
    return made


def lede(here: pd.DataFrame, alerts: Alerts) -> str:
    """One sentence: schools, children, alerts, silence."""
    if here.empty:
        return _("这个区县在所选范围内没有在用的学校。")
    red, notice = (sum(counts[place] for counts in alerts.values()) for place in (0, 1))
    known = int(here["is_known"].sum())
    about = {
        "schools": len(here), "pupils": words.count(float(here["pupils_on_roll"].sum(min_count=1))),
        "joined": words.count(words.children(measures.children(here))), "red": red, "notice": notice,
    }  # fmt: skip
    sentence = (
        _(
            "%(schools)s 所学校，在册学生 %(pupils)s 人，参加 %(joined)s 人；%(red)s 条红线、%(notice)s 条提醒未了结"
        )
        % about
    )
    missing = len(here) - known
    return sentence + (_("；%(n)s 所学校没有数据，不计入。") % {"n": missing} if missing else "。")


def compared(here: pd.DataFrame, city: pd.DataFrame, before: pd.DataFrame | None) -> Card:
    """All figures: the district, the term before, the city."""
    rows: list[tuple[Cell, ...]] = []
    farther = []
    for indicator in (*TILES, *ALSO):
        own, theirs = breakdown.whole(here, indicator), breakdown.whole(city, indicator)
        was = breakdown.whole(before, indicator).cell if before is not None else Sign.NOT_AVAILABLE
        difference, direction = against(indicator, own.cell, theirs.cell)
        if judged(indicator, direction) == "bad":
            farther.append(str(indicator.name))
        n = (
            own.n
            if isinstance(own.n, Sign)
            else f"{words.count(float(own.found['n']))} {breakdown.n_of(indicator)}"
        )
        rows.append(
            (indicator.name, words.UNITS[indicator.unit], words.number(indicator, own.cell), words.number(indicator, was),
             words.number(indicator, theirs.cell), difference or Sign.NOT_APPLICABLE, n)
        )  # fmt: skip
    columns = (
        Column(_("指标")), Column(_("单位")), Column(_("本区县"), Kind.TENTH), Column(_("上学期"), Kind.TENTH),
        Column(_("全市"), Kind.TENTH), Column(_("与全市相比")), Column("n"),
    )  # fmt: skip
    answer = (
        _("%(n)s 项指标不如全市：%(names)s") % {"n": len(farther), "names": "、".join(farther)}
        if farther
        else _("没有指标不如全市")
    )
    return Card(
        id="compared", question=_("这个区县与全市相比怎么样？"), answer=answer, columns=columns,
        rows=rows if len(here) else (),
        notes=[Note(_("结论"), _("只有分得出好坏的指标才说“不如”；参与率、收费等高低本身不分好坏。"))],
    )  # fmt: skip


def attendance(look: Look, months: pd.DataFrame, code: str) -> Card:
    """`months` has one row a month and district, of the whole city."""
    names, own, city = _both(months, code)
    measured = [words.cells(measures.measure(frame, ATTENDANCE)) for frame in (own, city)]
    return _beside(look, "attendance", str(ATTENDANCE.question), ATTENDANCE, names, measured, suffix="%")


def complaints(look: Look, months: pd.DataFrame, code: str, here: pd.DataFrame, city: pd.DataFrame) -> Card:
    """Complaints of each month for a thousand children of the term."""
    names, own, all_of_it = _both(months, code)
    cells: list[list[Cell]] = []
    for frame, schools in ((own, here), (all_of_it, city)):
        children = measures.children(schools)
        rate = frame["complaints"] / (children or float("nan")) * 1000
        cells.append([Sign.HIDDEN if children is None else words.cell(value) for value in rate.tolist()])
    return _beside(
        look, "complaints", _("每千名参加学生每月有多少投诉？"), COMPLAINTS, names, cells, suffix=""
    )


def _both(months: pd.DataFrame, code: str) -> tuple[list[str], pd.DataFrame, pd.DataFrame]:
    """Months that the city has; the district's rows and the city's sums, one row each."""
    numbers = [
        name for name in months.columns if name not in ("month", "district_code", "district_name", "position")
    ]
    city = months.groupby("month")[numbers].sum(min_count=1)
    own = months[months["district_code"] == code].set_index("month")[numbers].reindex(city.index)
    return [str(month) for month in city.index], own.reset_index(drop=True), city.reset_index(drop=True)


def _beside(
    look: Look, id: str, question: str, indicator: Indicator, names: list[str], cells: Sequence[list[Cell]], *, suffix: str  # noqa: A002
) -> Card:  # fmt: skip
    own, city = cells
    rows = list(zip(names, own, city, strict=True))
    drawn = [[words.to_draw(cell) for cell in line] for line in (city, own)]
    known = [row for row in rows if isinstance(row[1], float)]
    answer = _("还没有按月的数据")
    if known:
        month, last, all_of_it = known[-1]
        answer = _("%(month)s %(where)s %(own)s，全市 %(city)s") % {
            "month": month, "where": look.where, "own": words.value(indicator, last),
            "city": words.value(indicator, all_of_it),
        }  # fmt: skip
    return Card(
        id=id, question=question, answer=answer, rows=rows if known else (),
        columns=(Column(_("月份")), words.column(indicator, look.where), words.column(indicator, _("全市"))),
        figure=figures.lines(names, [(_("全市"), drawn[0], "city"), (look.where, drawn[1], "school")], suffix=suffix)
            if known else {},
        notes=definition(indicator), size="low",
    )  # fmt: skip


def columns() -> dict[str, Column]:
    """Of the list of schools."""
    return {
        "school": Column(_("学校")),
        "alerts": Column(_("预警")),
        "stage": Column(_("学段")),
        "kind": Column(_("城乡")),
        "pupils": Column(_("在册学生"), Kind.WHOLE, _("人")),
        **{one.code: words.column(one) for one in IN_LIST},
    }


def rows(look: Look, here: pd.DataFrame, alerts: Alerts) -> list[dict[str, Cell]]:
    """Red ones first, then notices, then by name."""
    reds = here["code"].map(lambda code: alerts.get(code, (0, 0))[0]).astype("float64")
    notices = here["code"].map(lambda code: alerts.get(code, (0, 0))[1]).astype("float64")
    order = (
        pd.DataFrame({"red": -reds, "notice": -notices, "code": here["code"]})
        .sort_values(["red", "notice", "code"])
        .index
    )
    about = here.loc[order]
    values = {one.code: words.cells(measures.measure(about, one)) for one in IN_LIST}
    stages, kinds = breakdown.names_of("stage", look), breakdown.names_of("kind", look)
    return [
        {
            "school": Link(name, look.school_url(code)), "stage": stages.get(stage, stage), "kind": kinds.get(kind, kind),
            "pupils": words.cell(pupils), **{one: cells[place] for one, cells in values.items()},
            "alerts": _alerts(alerts.get(code, (0, 0))),
        }
        for place, (code, name, stage, kind, pupils) in enumerate(
            about[["code", "name", "stage", "kind", "pupils_on_roll"]].itertuples(index=False)
        )
    ]  # fmt: skip


def _alerts(counts: tuple[int, int]) -> Cell:
    red, notice = counts
    if red:
        return Badge("bad", _("%(n)s 条红线") % {"n": red})
    return Badge("warn", _("%(n)s 条提醒") % {"n": notice}) if notice else Badge("good", _("没有"))
