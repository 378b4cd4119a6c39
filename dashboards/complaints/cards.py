"""The questions of the complaints page, each with its answer in words."""

import pandas as pd
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from afterbell.pages.figures import Note
from afterbell.pages.sheets import Cell, Column, Kind, Sign
from dashboards.frame import against, breakdown, figures, words
from dashboards.frame.cards import Card, definition
from dashboards.frame.look import Look
from oversight.indicators import measures
from oversight.indicators.catalogue import CATALOGUE

RATE = CATALOGUE["complaints_per_1000"]
IN_TIME = CATALOGUE["complaints_in_time"]
KINDS = {
    "complaints_forced": gettext_lazy("被强制参加"), "complaints_fee": gettext_lazy("收费"),
    "complaints_safety": gettext_lazy("安全"), "complaints_staff": gettext_lazy("服务人员"),
    "complaints_content": gettext_lazy("服务内容"), "complaints_illegal_teaching": gettext_lazy("违规授课"),
}  # fmt: skip
COUNTS = (
    "complaints", "complaints_answered_in_time", "complaints_overdue", "complaints_forced",
    "complaints_illegal_teaching",
)  # fmt: skip


def sums(frame: pd.DataFrame) -> dict[str, float]:
    """All complaints of the frame; NaN where nobody reported any month."""
    return {name: float(frame[name].sum(min_count=1)) for name in COUNTS}


def lede(schools: pd.DataFrame, before: pd.DataFrame | None, *, same_days: bool = False) -> str:
    """One sentence: how many, for how many children, answered in time, overdue, and against the term before."""
    found = sums(schools)
    if found["complaints"] != found["complaints"]:
        return _("所选范围还没有投诉数据：学校开始记账或收到投诉后才会有。")
    rate = breakdown.whole(schools, RATE)
    sentence = _(
        "共 %(n)s 件投诉，每千名参加学生 %(rate)s，%(overdue)s 件逾期未答复，%(forced)s 件说被强制参加，"
        "%(teaching)s 件说违规授课"
    ) % {
        "n": words.count(found["complaints"]), "rate": words.value(RATE, rate.cell),
        "overdue": words.count(found["complaints_overdue"]), "forced": words.count(found["complaints_forced"]),
        "teaching": words.count(found["complaints_illegal_teaching"]),
    }  # fmt: skip
    if before is not None:
        change = against.step(RATE, schools, before, same_days=same_days).words
        sentence += _("；每千人投诉%(change)s") % {"change": change} if change else ""
    return sentence + "。"


def by_month(months: pd.DataFrame) -> Card:
    """How many each month, and how many of them were answered in time."""
    names = [str(month) for month in months["month"]]
    in_time = words.cells(measures.measure(months, IN_TIME))
    counts = {name: [words.cell(value) for value in months[name]] for name in COUNTS}
    rows: list[tuple[Cell, ...]] = [
        (month, *(counts[name][place] for name in COUNTS), in_time[place])
        for place, month in enumerate(names)
    ]
    columns = (
        Column(_("月份")), Column(_("投诉"), Kind.WHOLE, _("件")),
        Column(_("按时答复"), Kind.WHOLE, _("件")),
        Column(_("逾期"), Kind.WHOLE, _("件")), Column(_("被强制参加"), Kind.WHOLE, _("件")),
        Column(_("违规授课"), Kind.WHOLE, _("件")),
        words.column(IN_TIME),
    )  # fmt: skip
    late = months["complaints_late"].fillna(0)
    waiting = (
        months["complaints"] - months["complaints_answered_in_time"] - months["complaints_overdue"] - late
    ).clip(lower=0)
    series = [
        (_("按时答复"), months["complaints_answered_in_time"].tolist()),
        (_("迟答复"), late.tolist()),
        (_("逾期未答复"), months["complaints_overdue"].tolist()),
        (_("未到期"), waiting.tolist()),
    ]
    return Card(
        id="by_month", question=_("投诉怎样变化？"), answer=_month_words(months), columns=columns, rows=rows,
        figure=figures.groups(names, series, stacked=True) if months["complaints"].sum() > 0 else {},
        notes=[
            Note(_("定义"), _("按投诉提出的月份计，向学校和直接向教育局提出的都在内，各计一次。"
                "迟答复：过了期限才答复；逾期：过了期限还没有答复。")),
            *definition(IN_TIME),
        ],
    )  # fmt: skip


def _month_words(months: pd.DataFrame) -> str:
    known = months[months["complaints"].notna()]
    if known.empty:
        return _("还没有投诉数据")
    counts = [
        (str(month), words.count(n)) for month, n in zip(known["month"], known["complaints"], strict=True)
    ]
    most = known["complaints"].max()
    if most == 0:
        return _("这些月份没有投诉")
    overdue = known.loc[known["complaints"] == most, "complaints_overdue"].sum()
    return _("%(month)s 最多，%(n)s 件；其中 %(overdue)s 件逾期") % {
        "month": words.those(counts, words.count(most)), "n": words.count(most), "overdue": words.count(overdue),
    }  # fmt: skip


def kinds(schools: pd.DataFrame) -> Card:
    """What the complaints are about; what no kind counts is other."""
    added = {name: float(schools[name].sum(min_count=1)) for name in ("complaints", *KINDS)}
    whole = added["complaints"]
    known = [(str(label), added[name]) for name, label in KINDS.items() if added[name] == added[name]]
    rest = whole - sum(count for _name, count in known)
    counts = sorted([*known, (_("其他或未分类"), rest)], key=lambda pair: -pair[1]) if whole == whole else []
    rows = [(name, count, count / whole * 100 if whole else Sign.NOT_APPLICABLE) for name, count in counts]
    shown = [(name, words.count(count)) for name, count in counts]
    if not counts:
        answer = _("还没有投诉数据")
    elif not whole:
        answer = _("没有投诉")
    else:
        answer = _("%(n)s 件投诉中，%(kind)s最多（%(most)s 件）") % {
            "n": words.count(whole), "kind": words.those(shown, shown[0][1]), "most": shown[0][1],
        }  # fmt: skip
    return Card(
        id="kinds", question=_("投诉说的是什么？"), answer=answer, rows=rows,
        columns=(Column(_("类别")), Column(_("投诉"), Kind.WHOLE, _("件")), Column(_("占比"), Kind.PERCENT, "%")),
        figure=figures.bars([name for name, _n in counts], [count for _n, count in counts], label=_("投诉"),
            texts=[_("%(n)s 件") % {"n": text} for _name, text in shown]) if whole else {},
        notes=[Note(_("定义"), _("按投诉人选择的类别计；汇总之前没有分类的，算作未分类。"))], size="low",
    )  # fmt: skip


def forced(look: Look, schools: pd.DataFrame) -> Card:
    """Complaints of forcing and of illegal teaching, by district: each is a matter of its own (S25, S46)."""
    added = (
        schools.groupby("district_code", sort=False)[list(COUNTS)].sum(min_count=1).to_dict("index")
        if len(schools)
        else {}
    )
    rows: list[tuple[Cell, ...]] = []
    for code, name in look.places.districts.items():
        if code in added:
            rows.append(
                (
                    name,
                    *(
                        words.cell(added[code][each])
                        for each in (
                            "complaints_forced",
                            "complaints_illegal_teaching",
                            "complaints_overdue",
                            "complaints",
                        )
                    ),
                )
            )
    known = words.numbers((row[0], row[1]) for row in rows)
    total = sum(count for _name, count in known)
    worst = max((count for _name, count in known), default=None)
    shown = [(name, words.count(count)) for name, count in known]
    if not known:
        answer = _("还没有投诉数据")
    elif not total or worst is None:
        answer = _("没有“被强制参加”的投诉")
    else:
        answer = _("%(n)s 件“被强制参加”的投诉，%(where)s最多") % {
            "n": f"{total:.0f}",
            "where": words.those(shown, words.count(worst)),
        }
    columns = (
        Column(_("区县")), Column(_("被强制参加"), Kind.WHOLE, _("件")), Column(_("违规授课"), Kind.WHOLE, _("件")),
        Column(_("逾期"), Kind.WHOLE, _("件")),
        Column(_("投诉"), Kind.WHOLE, _("件")),
    )  # fmt: skip
    names = [name for name, _count in known]
    drawn = figures.groups(names, [(_("被强制参加"), [count for _name, count in known])]) if total else {}
    return Card(
        id="forced", question=_("有多少家长说孩子是被强制参加的？"), answer=answer, columns=columns, rows=rows,
        figure=drawn, size="low", notes=[Note(_("定义"), _("投诉人选择“被强制参加”这一类的投诉。每一件都会产生预警。"))],
    )  # fmt: skip
