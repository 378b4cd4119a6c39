"""The questions of the participation page, each with its answer in words."""

from collections.abc import Sequence

import pandas as pd
from django.utils.translation import gettext as _

from afterbell.pages.figures import Note
from afterbell.pages.sheets import Cell, Column, Kind, Sign
from dashboards.frame import against, breakdown, figures, words
from dashboards.frame.cards import Card, definition
from dashboards.frame.look import Look
from dashboards.participation.queries import Line
from oversight.disclosure import suppression
from oversight.indicators import measures
from oversight.indicators.catalogue import CATALOGUE
from oversight.indicators.measures import State
from oversight.protection.decisions import CITY_K

PARTICIPATION = CATALOGUE["participation"]
FIVE_DAYS = CATALOGUE["five_day_share"]
ATTENDANCE = CATALOGUE["attendance"]


def by_grade(grades: Sequence[Line]) -> Card:
    """Take-up by grade, from the classes, with the sum of all grades at the end."""
    columns = (
        Column(_("年级")), Column(_("参加学生"), Kind.WHOLE, _("人")), Column(_("班级学生"), Kind.WHOLE, _("人")),
        Column(PARTICIPATION.name, Kind.PERCENT, "%"),
    )  # fmt: skip
    rows = [_grade_row(each) for each in grades]
    known = words.numbers((row[0], row[3]) for row in rows[:-1])
    drawn = figures.groups(
        [name for name, _share in known],
        [(str(PARTICIPATION.name), [share for _n, share in known])],
        suffix="%",
    )
    return Card(
        id="by_grade", question=_("各年级有多少学生参加？"), answer=_grade_words(known), columns=columns, rows=rows,
        figure=drawn if known else {}, size="low",
        notes=[
            Note(_("定义"), _("本学期签过协议的学生 ÷ 班级学生，按班级所在年级合计。")), words.protection(),
        ],
        empty=_("学校上报班级情况后，这里会显示各年级的参与率。"),
    )  # fmt: skip


def _grade_row(line: Line) -> Sequence[Cell]:
    name = _("合计") if line.grade is None else _("%(grade)s 年级") % {"grade": line.grade}
    if line.is_hidden:
        return name, Sign.HIDDEN, line.pupils, Sign.HIDDEN
    return (
        name,
        line.participants,
        line.pupils,
        _sign(suppression.share(line.participants, line.pupils, k=CITY_K)),
    )


def _sign(cell: object) -> Cell:
    return Sign(cell) if isinstance(cell, str) else cell  # type: ignore[return-value]


def _grade_words(known: Sequence[tuple[str, float]]) -> str:
    if not known:
        return _("还没有可以显示的年级")
    shown = [(name, f"{value:.1f}") for name, value in known]
    most, least = (f"{each(value for _name, value in known):.1f}" for each in (max, min))
    if most == least:
        return _("%(name)s的参与率是 %(value)s%%") % {"name": words.those(shown, most), "value": most}
    return _("%(high)s参与率最高（%(most)s%%），%(low)s最低（%(least)s%%）") % {
        "high": words.those(shown, most), "most": most, "low": words.those(shown, least), "least": least,
    }  # fmt: skip


def attendance_by_month(look: Look, months: pd.DataFrame) -> Card:
    """Of the children expected, how many came, month by month."""
    measured = measures.measure(months, ATTENDANCE)
    names = [str(month) for month in months["month"]]
    values = words.cells(measured)
    rows = [
        (name, value, count, held)
        for name, value, count, held in zip(
            names,
            values,
            words.cells(measured, "n"),
            [words.cell(each) for each in months["sessions_held"]],
            strict=True,
        )
    ]
    known = words.numbers(zip(names, values, strict=True))
    line = [words.to_draw(value) for value in values]
    return Card(
        id="attendance", question=ATTENDANCE.question, answer=_trend_words(known),
        columns=(
            Column(_("月份")), words.column(ATTENDANCE), Column("n", Kind.WHOLE, ATTENDANCE.n_of),
            Column(_("已开展的服务"), Kind.WHOLE, _("场")),
        ),
        rows=rows, figure=figures.lines(names, [(look.where, line, "city")], suffix="%") if known else {},
        notes=definition(ATTENDANCE), empty=_("学校开展服务并点名后，这里会按月显示出勤率。"),
    )  # fmt: skip


def _trend_words(known: Sequence[tuple[str, float]]) -> str:
    if not known:
        return _("还没有出勤数据")
    (first, start), (last, end) = known[0], known[-1]
    if len(known) == 1:
        return _("%(month)s 出勤率 %(value)s%%") % {"month": last, "value": f"{end:.1f}"}
    step = round(end, 1) - round(start, 1)
    about = {"first": first, "last": last, "value": f"{end:.1f}", "step": f"{abs(step):.1f}"}
    if abs(step) < 0.05:
        return _("%(last)s 出勤率 %(value)s%%，与 %(first)s 持平") % about
    if step > 0:
        return _("%(last)s 出勤率 %(value)s%%，比 %(first)s 升 %(step)s 个百分点") % about
    return _("%(last)s 出勤率 %(value)s%%，比 %(first)s 降 %(step)s 个百分点") % about


def five_days(look: Look, schools: pd.DataFrame) -> Card:
    """Who comes on all five days, by stage."""
    return breakdown.by_card(
        look, schools, FIVE_DAYS, "stage", id="five_days", question=str(FIVE_DAYS.question)
    )


def lede(schools: pd.DataFrame, before: pd.DataFrame | None, *, same_days: bool = False) -> str:
    """One sentence: how many take part, of how many, against the term before, and who has not reported."""
    now = breakdown.whole(schools, PARTICIPATION)
    if now.found["state"] == State.HIDDEN.value:
        return _("为保护儿童，所选范围的参加人数和参与率不显示：人数太少，或会推算出别处的少数儿童。")
    if now.found["state"] != State.KNOWN.value:
        return _("所选范围还没有参与数据：学校公布方案、家长签订协议后才会有。")
    known = int(schools["participants"].notna().sum())
    sentence = _("%(pupils)s 名在册学生中 %(joined)s 名参加，参与率 %(value)s") % {
        "pupils": words.count(float(now.found["denominator"])), "joined": words.count(float(now.found["numerator"])),
        "value": words.value(PARTICIPATION, now.cell),
    }  # fmt: skip
    if before is not None:
        change = against.step(PARTICIPATION, schools, before, same_days=same_days).words
        sentence += _("，%(change)s") % {"change": change} if change else ""
    missing = len(schools) - known
    tail = _("；%(n)s 所学校没有数据，不计入。") % {"n": missing} if missing else "。"
    return sentence + tail
