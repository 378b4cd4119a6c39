"""A school's months: days held, attendance, money, and each month's statement with its due date and hash. Pure."""

from datetime import date, datetime
from typing import Final

import pandas as pd
from django.utils import timezone
from django.utils.translation import gettext as _

from afterbell.pages.figures import Note
from afterbell.pages.sheets import Badge, Cell, Column, Kind, Sign
from dashboards.frame import figures, words
from dashboards.frame.cards import Card, definition
from oversight.indicators import measures
from oversight.indicators.catalogue import CATALOGUE

ATTENDANCE: Final = CATALOGUE["attendance"]
MONEY: Final = ("charged_fen", "waived_fen", "received_fen", "spent_fen", "refunded_fen")
HASH_SHOWN: Final = 12
WAN: Final = 1_000_000


def card(months: pd.DataFrame, *, today: date, with_children: bool = True) -> Card:
    """One row a month with any fact; attendance only for readers who may see children's counts."""
    books = months.assign(
        spent_fen=months[["staff_fen", "materials_fen", "other_fen"]].sum(axis=1, skipna=False)
    )
    came = words.cells(measures.measure(books, ATTENDANCE)) if with_children else []
    rows = [
        (
            str(line.month), words.cell(line.days_held), *([came[place]] if with_children else []),
            *(words.cell(getattr(line, name)) for name in MONEY),
            *_statement(line.statement_due_date, line.statement_published_at, today),
            str(line.statement_sha256)[:HASH_SHOWN] or Sign.NOT_APPLICABLE,
        )
        for place, line in enumerate(books.itertuples(index=False))
    ]  # fmt: skip
    names = [str(month) for month in books["month"]]
    series = [
        (label, (books[name].cumsum() / WAN).astype("float64").tolist(), "")
        for label, name in (
            (_("累计应收"), "charged_fen"),
            (_("累计实收"), "received_fen"),
            (_("累计支出"), "spent_fen"),
        )
    ]
    has_money = bool(books["charged_fen"].notna().any())
    return Card(
        id="months", question=_("每个月开展了几天、收了多少、花了多少、账目公示了吗？"), answer=_answer(books, today),
        columns=_columns(with_children=with_children), rows=rows,
        figure=figures.lines(names, series, suffix=_("万"), from_zero=True) if has_money else {},
        notes=[
            Note(_("单位"), _("图中以万元计，表中以元计。")),
            Note(_("校验值"), _("账目公示文本的 SHA-256 的前 %(n)s 位，"
                "可与公示文本重新计算的结果核对。") % {"n": HASH_SHOWN}),
            *(definition(ATTENDANCE) if with_children else []),
        ],
        empty=_("学校开展服务或记账后，这里会按月显示。"),
    )  # fmt: skip


def _columns(*, with_children: bool) -> tuple[Column, ...]:
    return (
        Column(_("月份")), Column(_("开展"), Kind.WHOLE, _("天")), *([words.column(ATTENDANCE)] if with_children else []),
        *(Column(label, Kind.YUAN, _("元")) for label in (_("应收"), _("减免"), _("实收"), _("支出"), _("已退"))),
        Column(_("应公示日"), Kind.DAY), Column(_("公示日"), Kind.DAY), Column(_("账目公示")), Column(_("校验值")),
    )  # fmt: skip


def _statement(due_date: object, published: object, today: date) -> tuple[Cell, Cell, Cell]:
    """Due date, day of publication, and whether that was in time."""
    due, out = _day(due_date), _day(published)
    if out is not None:
        on_time = due is not None and out <= due
        return due, out, Badge("good", _("按时")) if on_time else Badge("warn", _("迟公示"))
    if due is None:
        return None, None, Badge("quiet", _("没有账目"))
    return due, None, Badge("bad", _("到期未公示")) if due < today else Badge("info", _("未到期"))


def _day(moment: object) -> date | None:
    """Frames bring dates, moments, None or NaT."""
    if moment is None or pd.isna(moment):  # type: ignore[call-overload]
        return None
    if isinstance(moment, datetime):
        return timezone.localtime(moment).date()
    return moment if isinstance(moment, date) else None


def _answer(books: pd.DataFrame, today: date) -> str:
    if books.empty:
        return _("还没有按月的数据")
    states = [
        _statement(line.statement_due_date, line.statement_published_at, today)[2]
        for line in books.itertuples(index=False)
    ]
    missing, late = (
        sum(isinstance(one, Badge) and one.state == bad for one in states) for bad in ("bad", "warn")
    )
    about = {
        "months": int((books["days_held"] > 0).sum()), "days": words.count(float(books["days_held"].sum(min_count=1))),
        "missing": missing, "late": late,
    }  # fmt: skip
    held = _("%(months)s 个月共开展 %(days)s 天") % about if about["months"] else _("还没有开展服务")
    if missing or late:
        return held + _("；账目 %(missing)s 个月到期未公示，%(late)s 个月迟公示") % about
    return held + _("；到期的账目都已按时公示")
