"""A school's classes: take-up beside the signs that families were made to take part (S25). Small counts are hidden. Pure."""

from collections.abc import Mapping, Sequence
from typing import Final

import pandas as pd
from django.utils.translation import gettext as _

from afterbell.pages.figures import Note
from afterbell.pages.sheets import Badge, Cell, Column, Kind, Sign
from dashboards.frame import figures, words
from dashboards.frame.cards import Card
from oversight.disclosure import suppression
from oversight.indicators.catalogue import CATALOGUE
from oversight.indicators.measures import CITY_K
from oversight.redlines.queries import Shown
from oversight.redlines.states import UNRESOLVED, RuleCode

TAKE_UP: Final = CATALOGUE["participation"]
COUNTS: Final = ("pupils", "participants", "asked_answers", "asked_no")


def card(classes: pd.DataFrame, alerts: Sequence[Shown]) -> Card:
    """One row a class; a class with a sign says which, in the alert's own words."""
    signs = by_class(alerts)
    pupils, joined, answers, no = ([int(count) for count in classes[name]] for name in COUNTS)
    takes = suppression.protect([[a, p - a] for a, p in zip(joined, pupils, strict=True)], k=CITY_K)
    asked = suppression.protect([[n, a - n] for n, a in zip(no, answers, strict=True)], k=CITY_K)
    rows: list[tuple[Cell, ...]] = []
    for place, name in enumerate(classes["class_name"]):
        part, _rest, whole = takes[place]
        refused, _yes, answered = asked[place]
        share = suppression.share(part, whole, k=CITY_K)
        rows.append(
            (
                str(name),
                _cell(part),
                _cell(whole),
                _cell(share),
                _cell(answered),
                _cell(refused),
                _sign(signs.get(str(name))),
            )
        )
    columns = (
        Column(_("班级")), Column(_("参加学生"), Kind.WHOLE, _("人")), Column(_("班级学生"), Kind.WHOLE, _("人")),
        Column(TAKE_UP.name, Kind.PERCENT, "%"), Column(_("征询答复"), Kind.WHOLE, _("份")),
        Column(_("其中“不需要”"), Kind.WHOLE, _("份")), Column(_("强制参加迹象")),
    )  # fmt: skip
    known = words.numbers((row[0], row[3]) for row in rows)
    return Card(
        id="classes", question=_("各班的参与率，有没有强制参加的迹象？"),
        answer=_answer(len(rows), sum(1 for row in rows if str(row[0]) in signs)),
        columns=columns, rows=rows,
        figure=figures.bars([name for name, _v in known], [value for _n, value in known], suffix="%",
            label=str(TAKE_UP.name),
                            marked=[name for name, _v in known if name in signs]) if known else {},
        size="tall" if len(known) > 12 else "",
        notes=[
            Note(_("迹象"), _("参加率过高、申请集中提交、多份申请来自同一台设备、"
                "征询没有一份“不需要”、申请早于征询结束。迹象是查看的理由，不是结论。")),
            Note(_("保护"), _("少于 %(k)s 人的数不显示；能反推出它的数也一并不显示。") % {"k": CITY_K}),
        ],
        empty=_("学校完成分班和意愿征询后，这里会按班级显示。"),
    )  # fmt: skip


def by_class(alerts: Sequence[Shown]) -> Mapping[str, Shown]:
    """Unresolved signs by the name of the class."""
    return {
        shown.cause_name: shown
        for shown in alerts
        if shown.alert.rule == RuleCode.COERCION and shown.alert.state in UNRESOLVED and shown.cause_name
    }


def _sign(shown: Shown | None) -> Cell:
    if shown is None:
        return Badge("quiet", _("没有"))
    return Badge("bad" if shown.is_red else "warn", shown.level_name)


def _cell(found: object) -> Cell:
    return Sign(found) if isinstance(found, str) else found  # type: ignore[return-value]  # a count or a Decimal


def _answer(classes: int, signed: int) -> str:
    if not classes:
        return _("还没有班级的数据")
    if not signed:
        return _("%(n)s 个班都没有强制参加的迹象") % {"n": classes}
    return _("%(n)s 个班中，%(signed)s 个有强制参加的迹象") % {"n": classes, "signed": signed}
