"""A school's classes: take-up beside the signs that families were made to take part (S25). Small counts are hidden. Pure."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Final

import pandas as pd
from django.utils.translation import gettext as _

from afterbell.pages.figures import Note
from afterbell.pages.sheets import Badge, Cell, Column, Kind, Sign
from dashboards.frame import figures, words
from dashboards.frame.cards import Card
from oversight.disclosure import suppression
from oversight.indicators.catalogue import CATALOGUE
from oversight.indicators.frames import STAMPS
from oversight.protection import loading
from oversight.protection.areas import is_small
from oversight.protection.decisions import CITY_K
from oversight.protection.grades import Book, Class, hidden_classes
from oversight.redlines.queries import Shown
from oversight.redlines.states import UNRESOLVED, RuleCode

TAKE_UP: Final = CATALOGUE["participation"]
COUNTS: Final = ("pupils", "participants", "asked_answers", "asked_no")


def card(classes: pd.DataFrame, alerts: Sequence[Shown], hidden: Sequence[bool]) -> Card:
    """One row a class; a class with a sign says which, in the alert's own words.

    `hidden` tells for each class whether its take-up is hidden (hidden_of).
    """
    signs = by_class(alerts)
    counts = zip(*(classes[name].astype(int) for name in COUNTS), hidden, strict=True)
    rows = [
        (
            str(name),
            *_take_up(joined, pupils, is_hidden=hides),
            *_asked(answers, no),
            _sign(signs.get(str(name))),
        )
        for name, (pupils, joined, answers, no, hides) in zip(classes["class_name"], counts, strict=True)
    ]
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
            words.protection(),
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


def of_school(school: str, classes: pd.DataFrame, alerts: Sequence[Shown], term: str) -> Card:
    """The card as everybody reads it who looks at the city's figures of the school; signs are those of the term."""
    alerts = [shown for shown in alerts if shown.alert.term_code == term]
    if classes.empty:
        return card(classes, alerts, [])
    stamps = classes[list(STAMPS)].iloc[0]
    book = loading.book_of_term(term, (str(stamps.iloc[0]), str(stamps.iloc[1])))
    return card(classes, alerts, hidden_of(school, classes, book))


def hidden_of(school: str, classes: pd.DataFrame, book: Book) -> list[bool]:
    """For each class whether its take-up is hidden on the city's screens."""
    own = [each for each in book.grades if each.school == school]
    rows = zip(*(classes[name] for name in ("class_name", "grade", "pupils", "participants")), strict=True)
    found = [Class(str(name), int(grade), int(pupils), int(joined)) for name, grade, pupils, joined in rows]
    counted = {each.grade: (each.pupils, each.joined) for each in own}
    for grade in {each.grade for each in found}:
        some = [each for each in found if each.grade == grade]
        if counted.get(grade) != (sum(each.pupils for each in some), sum(each.joined for each in some)):
            return [True] * len(found)  # the figures changed between two questions: the next page has both
    return hidden_classes(found, {each.grade for each in own if book.hides([each])})


def _take_up(joined: int, pupils: int, *, is_hidden: bool) -> tuple[Cell, Cell, Cell]:
    """Whether it is hidden is decided once, for all pages (protection.grades): nobody and everybody are no secret."""
    if is_hidden:
        return Sign.HIDDEN, pupils, Sign.HIDDEN
    return joined, pupils, _cell(suppression.share(joined, pupils, k=CITY_K)) if joined else 0.0


def _asked(answers: int, no: int) -> tuple[Cell, Cell]:
    """Answers to the consultation, and the refusals among them; no sum of either stands anywhere."""
    if 0 < answers < CITY_K:
        return Sign.HIDDEN, Sign.HIDDEN
    return answers, Sign.HIDDEN if is_small(no, answers, CITY_K) else no


def _cell(found: Decimal | str) -> Cell:
    return Sign(found) if isinstance(found, str) else found


def _answer(classes: int, signed: int) -> str:
    if not classes:
        return _("还没有班级的数据")
    if not signed:
        return _("%(n)s 个班都没有强制参加的迹象") % {"n": classes}
    return _("%(n)s 个班中，%(signed)s 个有强制参加的迹象") % {"n": classes, "signed": signed}
