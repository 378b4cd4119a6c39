"""One indicator by district, stage, kind or school, from one frame of schools. Pure: frames in, rows and cards out."""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.pages.figures import Note
from afterbell.pages.sheets import Badge, Cell, Column, Kind, Link, Sign
from dashboards.frame import figures, words
from dashboards.frame.cards import Card, definition
from dashboards.frame.look import Look
from oversight.indicators import measures, standards, statistics
from oversight.indicators.catalogue import Better, Indicator
from oversight.indicators.measures import State
from oversight.indicators.standards import Rules
from oversight.indicators.statistics import Flag, Lines
from tenants import models as register

POINTS_MOST: Final = 300
CURVE: Final = 40
"""Points of each limit's curve."""
FLAG_WORDS: Final = {
    Flag.FLAG_HIGH: gettext_lazy("明显高于全市平均"),
    Flag.FLAG_LOW: gettext_lazy("明显低于全市平均"),
    Flag.WARN_HIGH: gettext_lazy("偏高"),
    Flag.WARN_LOW: gettext_lazy("偏低"),
    Flag.INSIDE: gettext_lazy("在正常波动内"),
}
OUTSIDE: Final = (Flag.FLAG_HIGH.value, Flag.FLAG_LOW.value)
DASHES: Final = ("solid", "longdash", "longdashdot")
"""Of the outer limits of each policy that a funnel draws, told apart without colour."""
DRAWN_MOST: Final = len(DASHES)
"""Policies whose limits are drawn: those that judge the most of its schools."""


@dataclass(frozen=True)
class Group:
    """One row of a breakdown: a district, stage or kind with its measured figure."""

    code: str
    name: str
    schools: float
    found: Mapping[Hashable, Any]
    """value, numerator, denominator, n, state of measures.measure."""
    measured: float = 0
    """Of the schools, how many have the figure: what it rests on."""

    @property
    def cell(self) -> Cell:
        return words.cell(self.found["value"], str(self.found["state"]))

    @property
    def n(self) -> Cell:
        return words.cell(
            self.found["n"], str(self.found["state"]) if np.isnan(float(self.found["n"])) else "known"
        )

    @property
    def value(self) -> float | None:
        """For figures: None unless known."""
        return float(self.found["value"]) if self.found["state"] == State.KNOWN.value else None


def names_of(dimension: str, look: Look) -> dict[str, str]:
    """Codes and names of a dimension, in their order."""
    if dimension == "district":
        return look.places.districts
    choices = register.Stage.choices if dimension == "stage" else register.Kind.choices
    return {str(code): str(name) for code, name in choices}


def by(frame: pd.DataFrame, indicator: Indicator, dimension: str, look: Look) -> list[Group]:
    """Groups that have schools, in their own order. `dimension` is district, stage or kind."""
    if frame.empty:
        return []
    column = "district_code" if dimension == "district" else dimension
    found = measures.grouped(frame, indicator, [column])
    sizes = frame.groupby(column, sort=False).size()
    has_one = measures.measure(frame, indicator)["state"].isin([State.KNOWN.value, State.HIDDEN.value])
    with_figure = has_one.groupby(frame[column], sort=False).sum()
    return [
        Group(code, name, float(sizes[code]), found.loc[code].to_dict(), float(with_figure[code]))
        for code, name in names_of(dimension, look).items()
        if code in found.index
    ]


def whole(frame: pd.DataFrame, indicator: Indicator) -> Group:
    """All rows together."""
    return Group("", "", float(len(frame)), measures.of_all(frame, indicator).iloc[0].to_dict())


def wholes(frame: pd.DataFrame, indicators: Iterable[Indicator]) -> dict[str, Group]:
    """All rows together, for many indicators: make it once a page, each costs some milliseconds."""
    return {one.code: whole(frame, one) for one in indicators}


def by_card(
    look: Look,
    frame: pd.DataFrame,
    indicator: Indicator,
    dimension: str,
    *,
    id: str,  # noqa: A002  (the card's id in the page)
    question: str,
    all_word: str = "",
    notes: Sequence[Note] = (),
) -> Card:
    """Lying bars with the whole as a line; the title names the highest and the lowest."""
    groups, everything = by(frame, indicator, dimension, look), whole(frame, indicator)
    known = sorted(
        (group for group in groups if group.value is not None), key=lambda group: group.value or 0.0
    )
    label = all_word or look.where
    columns = (
        Column({"district": _("区县"), "stage": _("学段"), "kind": _("城乡")}[dimension]),
        words.column(indicator),
        Column("n", Kind.WHOLE, n_of(indicator)),
        Column(_("学校"), Kind.WHOLE, _("所")),
    )
    rows: list[Sequence[Cell]] = [
        (
            Link(g.name, look.district_url(g.code)) if dimension == "district" else g.name,
            g.cell,
            g.n,
            g.schools,
        )
        for g in groups
    ]
    if groups:
        rows.append((label, everything.cell, everything.n, everything.schools))
    drawn = figures.bars(
        [group.name for group in known], [_axis(indicator, group.value) for group in known],
        suffix=_suffix(indicator), label=str(indicator.name), reference=_axis(indicator, everything.value),
        reference_label=label, texts=[_beside(indicator, group) for group in known],
        urls=[_drill(look, dimension, group.code) for group in known],
    ) if known else {}  # fmt: skip
    return Card(
        id=id, question=question, answer=_extremes(indicator, known, everything, label), columns=columns, rows=rows,
        figure=drawn, notes=[*definition(indicator), *notes], size="low" if len(known) < 6 else "",
    )  # fmt: skip


def _beside(indicator: Indicator, group: Group) -> str:
    """What stands at a bar: the value and what it rests on."""
    return _("%(value)s · n=%(n)s") % {"value": words.value(indicator, group.cell), "n": words.count(group.n)}


def _drill(look: Look, dimension: str, code: str) -> str:
    """Where a bar leads: to its district, or to the same page of its stage or kind."""
    return look.district_url(code) if dimension == "district" else look.url(**{dimension: code})


def _extremes(indicator: Indicator, known: Sequence[Group], everything: Group, label: str) -> str:
    total = _("%(where)s%(name)s %(value)s") % {
        "where": label, "name": indicator.name, "value": words.value(indicator, everything.cell),
    }  # fmt: skip
    if not isinstance(everything.cell, Sign):
        total += _("（%(n)s %(of)s）") % {"n": words.count(everything.n), "of": n_of(indicator)}
    if len(known) < 2:
        return total
    high, low = known[-1], known[0]
    shown = [(group.name, words.number(indicator, group.cell)) for group in known]
    if shown[0][1] == shown[-1][1]:
        return _("%(total)s，各处相同") % {"total": total}
    return _("%(total)s，%(high)s最高（%(high_value)s），%(low)s最低（%(low_value)s）") % {
        "total": total,
        "high": words.those(shown, shown[-1][1]), "high_value": _with_schools(indicator, high),
        "low": words.those(shown, shown[0][1]), "low_value": _with_schools(indicator, low),
    }  # fmt: skip


def _with_schools(indicator: Indicator, group: Group) -> str:
    """The value; of one school alone it says so."""
    value = words.value(indicator, group.cell)
    return _("%(value)s，只有 1 所学校") % {"value": value} if group.measured == 1 else value


def compared(
    frame: pd.DataFrame, indicator: Indicator, *, rules: Rules, centre: float | None = None
) -> pd.DataFrame:
    """Each school measured and placed in the funnel by the limits of its own policy: columns of measure and of funnel.

    `rules` are the term's (indicators.standards); `centre` is the rate all are compared with
    (oversight.indicators.queries.centre, for a district or one school);
    without one it is the frame's own.
    """
    measured = measures.measure(frame, indicator)
    rate = whole(frame, indicator).value if centre is None else centre
    return measured.join(statistics.funnel(measured, indicator, rate, standards.lines_of(frame, rules)))


def n_of(indicator: Indicator) -> str:
    """What n of an area counts: schools where it is their median."""
    return _("所学校") if indicator.over_schools else str(indicator.n_of)


def flag_cell(flag: str, indicator: Indicator) -> Badge:
    """A badge; a high complaint rate is bad, a high participation rate a reason to look."""
    if flag not in OUTSIDE:
        return Badge("quiet", FLAG_WORDS[Flag(flag)])
    is_high = flag == Flag.FLAG_HIGH.value
    is_bad = indicator.better is not Better.NEITHER and is_high == (indicator.better is Better.LOWER)
    is_good = indicator.better is not Better.NEITHER and not is_bad
    return Badge("good" if is_good else "bad" if is_bad else "warn", FLAG_WORDS[Flag(flag)])


def places(placed: pd.DataFrame, indicator: Indicator) -> list[Cell]:
    """Where each school of `compared` lies; a school without a value lies nowhere."""
    return [
        flag_cell(flag, indicator) if state == State.KNOWN.value else Sign.NOT_APPLICABLE
        for flag, state in zip(placed["flag"].tolist(), placed["state"].tolist(), strict=True)
    ]


def funnel_card(
    look: Look,
    frame: pd.DataFrame,
    placed: pd.DataFrame,
    indicator: Indicator,
    *,
    id: str = "funnel",  # noqa: A002
    question: str,
    notes: Sequence[Note] = (),
    more: Sequence[Link] = (),
    centre: float | None = None,
) -> Card:
    """Schools by size with the limits of chance; `placed` is compared(frame, indicator, rules=…, centre=centre).

    Each school is judged by the limits of its own policy, which stand in its row; drawn are those of DRAWN_MOST policies.
    """
    rate = whole(frame, indicator).value if centre is None else centre
    known = placed[placed["state"] == State.KNOWN.value]
    outside = known[known["flag"].isin(OUTSIDE)]
    thin = _thinned(known[~known["flag"].isin(OUTSIDE)], POINTS_MOST - min(len(outside), POINTS_MOST // 2))
    cut = len(known) - len(outside) - len(thin)
    sampled = (
        [
            Note(
                _("抽点"),
                _("图中省去了范围内的 %(n)s 所学校的点，标出的学校全部画出；表格和下载包含全部学校。")
                % {"n": f"{cut:,}"},
            )
        ]
        if cut
        else []
    )
    ordered = placed.loc[flagged_first(placed)]
    names = frame.loc[ordered.index]
    judged = _judged(known)
    rows = [
        (Link(name, look.school_url(code)), district, value, n, low, high, limit, place)
        for name, code, district, value, n, low, high, limit, place in zip(
            names["name"], names["code"], names["district_name"], words.cells(ordered), _counts(ordered),
            _limits(ordered["lower_flag"]), _limits(ordered["upper_flag"]), ordered["z_flag"].map(_outer).tolist(),
            places(ordered, indicator), strict=True,
        )
    ]  # fmt: skip
    columns = (
        Column(_("学校")), Column(_("区县")), words.column(indicator), Column("n", Kind.WHOLE, indicator.n_of),
        words.column(indicator, _("外限下端")), words.column(indicator, _("外限上端")), Column(_("所用外限")),
        Column(_("位置")),
    )  # fmt: skip
    return Card(
        id=id, question=question, answer=_flagged_words(known, indicator, rate), columns=columns, rows=rows,
        figure=_funnel_figure(frame, thin, outside, indicator, rate, judged) if len(known) else {},
        notes=[Note(_("读法"), _funnel_note(judged)), *definition(indicator), *notes, *sampled], more=more,
    )  # fmt: skip


def _funnel_figure(
    frame: pd.DataFrame,
    thin: pd.DataFrame,
    outside: pd.DataFrame,
    indicator: Indicator,
    city: float | None,
    judged: Mapping[Lines, int],
) -> dict[str, object]:
    sizes = _sizes(pd.concat([thin["denominator"], outside["denominator"]]))
    scale = 0.01 if _is_money(indicator) else 1.0
    there_and_back = [*sizes.tolist(), None, *sizes.tolist()]
    lines = [
        (word, there_and_back, [*(curves[high] * scale).tolist(), None, *(curves[low] * scale).tolist()], dash)
        for one, outer in zip(judged, DASHES, strict=False)
        for curves in [statistics.limits(indicator, city, sizes, one)]
        for word, low, high, dash in (
            (_("外限（%s）") % _named(one.flag, judged), "lower_flag", "upper_flag", outer),
            (_("内限（%s）") % _named(one.warn, judged), "lower_warn", "upper_warn", "dot"),
        )[: 2 if len(judged) < 2 else 1]  # of several only what flags: a phone has no room for more
    ]  # fmt: skip
    lines.append((_("全市平均"), [float(sizes[0]), float(sizes[-1])], [(city or 0.0) * scale] * 2, "dash"))
    series = [
        (
            word,
            part["denominator"].tolist(),
            (part["value"] * scale).tolist(),
            frame.loc[part.index, "name"].tolist(),
            role,
        )
        for word, part, role in ((_("学校"), thin, "school"), (_("越过外限的学校"), outside, "bad"))
    ]
    return figures.points(
        series, lines if city is not None else [], x_title=str(indicator.n_of), suffix=_suffix(indicator)
    )


def _judged(known: pd.DataFrame) -> dict[Lines, int]:
    """By which limits the schools with a value are judged, and how many by each: the most first."""
    counted = Counter(Lines(*pair) for pair in known[list(statistics.Z)].itertuples(index=False, name=None))
    return dict(sorted(counted.items(), key=lambda pair: (-pair[1], pair[0])))


def _named(z: float, judged: Mapping[Lines, int]) -> str:
    """In percent; where the schools have several policies, with z, which the rows have too."""
    return statistics.inside(z) if len(judged) < 2 else _("%(share)s，z=%(z)s") % _of(z)


def _outer(z: float) -> str:
    return _("%(share)s（z=%(z)s）") % _of(z)


def _of(z: float) -> dict[str, str]:
    return {"share": statistics.inside(z), "z": f"{z:.2f}"}


def _funnel_note(judged: Mapping[Lines, int]) -> str:
    """How to read it; schools of several policies are told apart."""
    ends = _("人数少的学校波动本来就大，不会因此被标出；只有越过外线的才标出。标出是提醒查看，不是结论。")
    source = _("界限取自学期开始时学校适用的政策档案，没有档案时为 95% 和 99.8%。")
    if len(judged) < 2:
        one = next(iter(judged), Lines())
        reading = _("漏斗图按每所学校的人数，围绕全市平均划出正常波动的范围（内线 %(warn)s，外线 %(flag)s）。") % {
            "warn": statistics.inside(one.warn), "flag": statistics.inside(one.flag),
        }  # fmt: skip
        return f"{reading}{source}{ends}"
    listed = _("；").join(
        _("内线 %(warn)s、外线 %(flag)s：%(n)s 所")
        % {"warn": _outer(one.warn), "flag": _outer(one.flag), "n": f"{n:,}"}
        for one, n in judged.items()
    )
    reading = _(
        "漏斗图按每所学校的人数，围绕全市平均划出正常波动的范围。各校适用的政策档案不同，"
        "每所学校按自己的界限判断（%(listed)s），所以同一处的两所学校结论可能不同。"
    ) % {"listed": listed}
    drawn = (
        _("图中只画外限，学校最多的 %(n)s 组，各校所用的界限见表格。") % {"n": DRAWN_MOST}
        if len(judged) > DRAWN_MOST
        else _("图中只画外限。")
    )
    return f"{reading}{drawn}{source}{ends}"


def _sizes(known: "pd.Series[float]") -> npt.NDArray[np.float64]:
    """Where the limits are drawn: over the schools that there are, closer together where they bend."""
    least, most = max(1.0, float(known.min()) * 0.9), max(10.0, float(known.max()) * 1.05)
    return np.unique(np.round(np.geomspace(least, most, CURVE)))


def _thinned(frame: pd.DataFrame, most: int) -> pd.DataFrame:
    """Every n-th by size, so that small and large schools stay as they are spread."""
    if len(frame) <= most:
        return frame
    ordered = frame.sort_values("denominator", kind="stable")
    return ordered.iloc[np.unique(np.linspace(0, len(ordered) - 1, most).round().astype(int))]


def flagged_first(placed: pd.DataFrame) -> pd.Index:
    """Flagged ones by how far they lie out, then the others by value."""
    outside = placed["flag"].isin(OUTSIDE)
    above, below = placed["value"] - placed["upper_flag"], placed["lower_flag"] - placed["value"]
    far = above.where(above > below, below)
    return (
        pd.DataFrame({"inside": ~outside, "far": -far.where(outside), "value": -placed["value"]})
        .sort_values(["inside", "far", "value"], kind="stable")
        .index
    )


def _flagged_words(known: pd.DataFrame, indicator: Indicator, rate: float | None) -> str:
    high = int((known["flag"] == Flag.FLAG_HIGH.value).sum())
    low = int((known["flag"] == Flag.FLAG_LOW.value).sum())
    about = {
        "n": f"{len(known):,}",
        "high": high,
        "low": low,
        "name": indicator.name,
        "value": words.value(indicator, words.cell(rate)),
    }
    if not len(known):
        return _("还没有学校有%(name)s的数据") % about
    if not high and not low:
        return _("%(n)s 所学校的%(name)s都在正常波动内（全市平均 %(value)s）") % about
    return (
        _("%(n)s 所学校中，%(high)s 所的%(name)s明显偏高，%(low)s 所明显偏低（全市平均 %(value)s）") % about
    )


def _counts(placed: pd.DataFrame) -> list[Cell]:
    return [
        words.cell(n, state if np.isnan(n) else State.KNOWN.value)
        for n, state in zip(placed["n"].tolist(), placed["state"].tolist(), strict=True)
    ]


def _limits(column: "pd.Series[float]") -> list[Cell]:
    return [Sign.NOT_APPLICABLE if np.isnan(value) else value for value in column.tolist()]


def _is_money(indicator: Indicator) -> bool:
    return words.KINDS[indicator.unit] is Kind.YUAN


def _axis(indicator: Indicator, value: float | None) -> float | None:
    """Money is drawn in yuan."""
    return value / 100 if value is not None and _is_money(indicator) else value


def _suffix(indicator: Indicator) -> str:
    return "%" if words.KINDS[indicator.unit] is Kind.PERCENT else ""
