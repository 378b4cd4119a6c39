"""Money: charged, received and spent by month; spent by kind; statements on time. Pure: frames in, cards out."""

from typing import Final

import pandas as pd
from django.utils.translation import gettext as _

from afterbell.pages.figures import Note
from afterbell.pages.sheets import Cell, Column, Kind, Link, Sign
from dashboards.frame import breakdown, figures, words
from dashboards.frame.cards import Card, definition
from dashboards.frame.look import Look
from oversight.indicators import measures
from oversight.indicators.catalogue import CATALOGUE

WAN: Final = 1_000_000
"""Fen in ten thousand yuan: what a city's money is drawn in."""
STAFF_SHARE, ON_TIME, SURPLUS, COLLECTED, AHEAD, WAIVED = (
    CATALOGUE[code]
    for code in ("staff_share", "statements_on_time", "surplus_returned", "collected", "paid_ahead", "waived")
)
SPENT: Final = ("staff_fen", "materials_fen", "other_fen")
BY_MONTH: Final = ("charged_fen", "waived_fen", "received_fen", *SPENT, "refunded_fen")


def by_month(months: pd.DataFrame) -> Card:
    """Charged, received and spent up to each month; the table has each month's own.

    A term is charged ahead, in the month of its bills: month by month, that would look like a fall to nothing.
    """
    columns = (
        Column(_("月份")),
        *(Column(label, Kind.YUAN, _("元")) for label in
          (_("应收"), _("减免"), _("实收"), _("人员支出"), _("材料支出"), _("其他支出"), _("已退"))),
    )  # fmt: skip
    rows = [
        (str(month), *(words.cell(value) for value in values))
        for month, *values in months[["month", *BY_MONTH]].itertuples(index=False)
    ]
    names = [str(month) for month in months["month"]]
    spent = months[list(SPENT)].sum(axis=1, skipna=False)
    series = [
        (_("累计应收"), _wan(months["charged_fen"].cumsum()), ""),
        (_("累计实收"), _wan(months["received_fen"].cumsum()), ""),
        (_("累计支出"), _wan(spent.cumsum()), ""),
    ]
    known = months[months["charged_fen"].notna()]
    return Card(
        id="by_month", question=_("每月收了多少、花了多少？"), answer=_month_words(known, spent),
        columns=columns, rows=rows if len(known) else (),
        figure=figures.lines(names, series, suffix=_("万"), from_zero=True) if len(known) else {},
        notes=[Note(_("单位"), _("图中以万元计，表中以元计。")),
            Note(_("定义"), _("表中按入账月份合计，按学期开单的应收全部记在开单的月份；图中是到各月底的累计。"
                "尚未入账的月份没有数字，不是 0。"))],
    )  # fmt: skip


def _month_words(known: pd.DataFrame, spent: "pd.Series[float]") -> str:
    if known.empty:
        return _("还没有账目")
    about = {
        "charged": _in_wan(known["charged_fen"].sum()), "received": _in_wan(known["received_fen"].sum()),
        "spent": _in_wan(spent.loc[known.index].sum()), "n": len(known),
    }  # fmt: skip
    return _("%(n)s 个月共应收 %(charged)s 万元，实收 %(received)s 万元，支出 %(spent)s 万元") % about


def spent(look: Look, schools: pd.DataFrame) -> Card:
    """By district: staff, materials, other; what part goes to people."""
    added = (
        schools.groupby("district_code", sort=False)[list(SPENT)].sum(min_count=1)
        if len(schools)
        else schools[list(SPENT)]
    )
    shares = {group.code: group.cell for group in breakdown.by(schools, STAFF_SHARE, "district", look)}
    rows: list[tuple[Cell, ...]] = []
    drawn: list[tuple[str, list[int]]] = []
    for code, name in look.places.districts.items():
        if code in added.index:
            parts = [words.cell(added.at[code, each]) for each in SPENT]
            sums = [part for part in parts if isinstance(part, int)]
            is_whole = len(sums) == len(parts)
            whole = words.cell(sum(sums) if is_whole else None)
            rows.append((Link(name, look.district_url(code)), *parts, whole, shares[code]))
            if is_whole:
                drawn.append((name, sums))
    total = measures.of_all(schools, STAFF_SHARE).iloc[0]
    columns = (
        Column(_("区县")),
        *(Column(label, Kind.YUAN, _("元")) for label in (_("人员支出"), _("材料支出"), _("其他支出"), _("支出合计"))),
        words.column(STAFF_SHARE),
    )  # fmt: skip
    series = [
        (label, [sums[place] / WAN for _name, sums in drawn])
        for place, label in enumerate((_("人员"), _("材料"), _("其他")))
    ]
    answer = _("支出中 %(share)s 用在人员上") % {
        "share": words.value(STAFF_SHARE, words.cell(total["value"], str(total["state"])))
    }
    return Card(
        id="spent", question=_("钱花在了什么上？"), answer=answer if drawn else _("还没有支出数据"), columns=columns,
        rows=rows if drawn else (),
        figure=figures.groups([name for name, _sums in drawn], series, suffix=_("万"), stacked=True) if drawn else {},
        notes=[Note(_("单位"), _("图中以万元计，表中以元计。")),
            Note(_("定义"), _("场地、水电、房租不能列支，所以没有这些类别。")), *definition(STAFF_SHARE)],
    )  # fmt: skip


def rates(look: Look, schools: pd.DataFrame) -> Card:
    """By district: what was waived, what came in, what of the surplus went back."""
    shown = (COLLECTED, AHEAD, WAIVED, SURPLUS)
    groups = [breakdown.by(schools, one, "district", look) for one in shown]
    total = [breakdown.whole(schools, one) for one in shown]
    rows: list[tuple[Cell, ...]] = [
        (Link(line[0].name, look.district_url(line[0].code)), *(one.cell for one in line), line[0].n)
        for line in zip(*groups, strict=True)
    ]
    if rows:
        rows.append((look.where, *(one.cell for one in total), total[0].n))
    names = [group.name for group in groups[0]]
    series = [
        (str(one.name), [group.value for group in found])
        for one, found in ((COLLECTED, groups[0]), (SURPLUS, groups[3]))
        if any(group.value is not None for group in found)
    ]
    about = {each.code: words.value(each, one.cell) for each, one in zip(shown, total, strict=True)}
    return Card(
        id="rates", question=_("减免了多少，收到了多少，结余退了多少？"),
        answer=_(
            "应收净额收到 %(collected)s，另有预缴 %(paid_ahead)s，减免占应收 %(waived)s，"
            "结余已退 %(surplus_returned)s"
        )
        % about,
        columns=(Column(_("区县")), *(words.column(one) for one in shown), Column("n", Kind.WHOLE, COLLECTED.n_of)),
        rows=rows if series else (), figure=figures.groups(names, series, suffix="%") if series else {},
        notes=definition(*shown),
    )  # fmt: skip


def statements(look: Look, counts: pd.DataFrame) -> Card:
    """District by month: the share of statements that were published in time; the picture counts them by month."""
    months = sorted(counts["month"].unique())
    columns = (
        Column(_("区县")), *(Column(month, Kind.PERCENT, "%") for month in months), Column(_("应公示"), Kind.WHOLE, _("份")),
        Column(_("按时"), Kind.WHOLE, _("份")), Column(_("迟公示"), Kind.WHOLE, _("份")),
        Column(_("未公示"), Kind.WHOLE, _("份")),
    )  # fmt: skip
    rows: list[tuple[Cell, ...]] = []
    for code, name in look.places.districts.items():
        own = counts[counts["district_code"] == code]
        if len(own):
            rows.append((Link(name, look.district_url(code)), *_line(own, months)))
    if rows:
        rows.append((look.where, *_line(counts, months)))
    sums = counts.groupby("month")[["on_time", "late", "missing"]].sum()
    series = [(label, sums[name].tolist()) for name, label in
              (("on_time", _("按时")), ("late", _("迟公示")), ("missing", _("未公示")))]  # fmt: skip
    return Card(
        id="statements", question=_("每月账目按时公示了吗？"), answer=_statement_words(counts), columns=columns, rows=rows,
        figure=figures.groups(list(sums.index), series, stacked=True) if rows else {},
        notes=[Note(_("读法"), _("各月一列是按时公示的占比；没有到期账目的月份不适用（–）。")), *definition(ON_TIME)],
        empty=_("还没有到期的账目。到了政策规定的公示日，这里会显示按时、迟公示和未公示的份数。"),
    )  # fmt: skip


def _line(counts: pd.DataFrame, months: list[str]) -> list[Cell]:
    sums = counts.groupby("month")[["due", "on_time"]].sum()
    known = dict(zip(sums.index, (sums["on_time"] / sums["due"] * 100).tolist(), strict=True))
    shares: list[Cell] = [known.get(month, Sign.NOT_APPLICABLE) for month in months]
    return [*shares, *(float(counts[name].sum()) for name in ("due", "on_time", "late", "missing"))]


def _statement_words(counts: pd.DataFrame) -> str:
    due, late, missing = (int(counts[name].sum()) for name in ("due", "late", "missing"))
    if not due:
        return _("还没有到期的账目")
    about = {"due": f"{due:,}", "late": f"{late:,}", "missing": f"{missing:,}"}
    if not late and not missing:
        return _("%(due)s 份到期账目都按时公示") % about
    return _("%(due)s 份到期账目中，%(late)s 份迟公示，%(missing)s 份至今未公示") % about


def late(look: Look, schools: pd.DataFrame) -> Card:
    """Schools with late or missing statements, missing ones first."""
    missing, late_ones = (
        schools["statement_months_missing"].fillna(0),
        schools["statement_months_late"].fillna(0),
    )
    found = schools[(missing > 0) | (late_ones > 0)].sort_values(
        ["statement_months_missing", "statement_months_late", "code"], ascending=[False, False, True]
    )
    rows = [
        (Link(name, look.school_url(code)), district, words.cell(gone), words.cell(slow), words.cell(due))
        for code, name, district, gone, slow, due in found[
            [
                "code",
                "name",
                "district_name",
                "statement_months_missing",
                "statement_months_late",
                "statement_months_due",
            ]
        ].itertuples(index=False)
    ]
    columns = (
        Column(_("学校")), Column(_("区县")), Column(_("未公示"), Kind.WHOLE, _("个月")),
        Column(_("迟公示"), Kind.WHOLE, _("个月")), Column(_("已到期"), Kind.WHOLE, _("个月")),
    )  # fmt: skip
    answer = (
        _("%(n)s 所学校有账目迟公示或未公示") % {"n": f"{len(rows):,}"}
        if rows
        else _("没有学校的账目迟公示或未公示")
    )
    return Card(
        id="late", question=_("哪些学校的账目没有按时公示？"), answer=answer, columns=columns, rows=rows,
        notes=definition(ON_TIME), empty=_("到期的账目都已按时公示，或还没有到期的账目。"),
    )  # fmt: skip


def _wan(column: "pd.Series[float]") -> list[float]:
    return (column / WAN).astype("float64").tolist()


def _in_wan(fen: float) -> str:
    return f"{fen / WAN:,.1f}"
