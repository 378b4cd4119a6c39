"""The participation page: who takes part, and beside every rate the signs that somebody was made to."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.pages.figures import Note
from afterbell.pages.sheets import Badge, Cell, Column, Kind, Link
from dashboards.frame import answers, breakdown, loads, ranking, words
from dashboards.frame import cards as framed
from dashboards.frame import look as looks
from dashboards.frame.cards import Card
from dashboards.frame.kept import kept
from dashboards.frame.look import Look
from dashboards.participation import cards, queries
from oversight.indicators import measures, standards
from oversight.indicators import queries as indicators
from oversight.redlines import queries as redlines
from oversight.redlines.states import RuleCode

NEEDS: Final = indicators.needs_of(["participation", "five_day_share", "attendance"])
SIGNALS_MOST: Final = 8
Signals = Mapping[str, tuple[int, int]]


@require_GET
@requires(Permission.PARTICIPATION_READ)
def home(request: HttpRequest) -> HttpResponse:
    """Filters and downloads are GET parameters (contract)."""
    look = looks.read(request, now=timezone.now())
    found = kept(request, look, lambda: _content(look), stamp=redlines.stamp(look.scope))
    table = ranking.table(request, found.rows, columns=_columns(), caption=_("各校参与情况"))
    return answers.answer(request, look, found, template="participation/home.html", table=table)


def _content(look: Look) -> answers.Content:
    schools, city = loads.schools(look, NEEDS)
    centre = breakdown.whole(city, cards.PARTICIPATION).value
    rules = standards.of_term(look.selection.term)
    placed = breakdown.compared(schools, cards.PARTICIPATION, centre=centre, rules=rules)
    where = {name: getattr(look.selection, name) for name in ("district", "stage", "kind", "school")}
    signals = redlines.counts_by_school(look.scope, look.selection.term, rule=RuleCode.COERCION, **where)
    newest = redlines.newest(look.scope, SIGNALS_MOST, look.selection.term, rule=RuleCode.COERCION, **where)
    rows = _rows(look, schools, placed, signals)
    page = answers.Page(
        name="participation",
        title=_("参与情况"),
        lede=cards.lede(schools, loads.before(look, NEEDS), same_days=look.is_running),
        cards=_cards(look, schools, placed, centre),
        main=lambda: framed.sheet(
            look,
            title=_("各校参与情况"),
            columns=list(_columns().values()),
            rows=ranking.plain_rows(rows, _columns()),
            notes=framed.definition(cards.PARTICIPATION, cards.FIVE_DAYS, cards.ATTENDANCE),
        ),
    )
    return answers.content(look, page, rows=rows, signals=newest, signal_schools=len(signals))


def _cards(look: Look, schools: pd.DataFrame, placed: pd.DataFrame, centre: float | None) -> list[Card]:
    one = cards.PARTICIPATION
    beside = _("参与率特别高，可能是服务办得好，也可能是家长没有选择。请与强制参加信号一起看。")
    return [
        breakdown.by_card(
            look, schools, one, "district", id="by_district", question=_("各区县有多少学生参加？")
        ),
        breakdown.by_card(look, schools, one, "stage", id="by_stage", question=_("各学段有多少学生参加？")),
        breakdown.by_card(
            look, schools, one, "kind", id="by_kind", question=_("城区、镇区、乡村有多少学生参加？")
        ),
        cards.by_grade(queries.grades(look.scope, look.selection)),
        cards.five_days(look, schools),
        cards.attendance_by_month(look, loads.months(look)),
        breakdown.funnel_card(
            look,
            schools,
            placed,
            one,
            centre=centre,
            question=_("哪些学校的参与率不是波动能解释的？"),
            notes=[Note(_("并看"), beside)],
        ),
    ]


def _columns() -> dict[str, Column]:
    return {
        "school": Column(_("学校")),
        "district": Column(_("区县")),
        "participation": words.column(cards.PARTICIPATION),
        "n": Column(_("在册学生"), Kind.WHOLE, _("人")),
        "five_days": words.column(cards.FIVE_DAYS),
        "attendance": words.column(cards.ATTENDANCE),
        "place": Column(_("与全市平均相比")),
        "signals": Column(_("强制参加信号")),
    }


def _rows(look: Look, schools: pd.DataFrame, placed: pd.DataFrame, signals: Signals) -> list[dict[str, Cell]]:
    """The highest first, unknown ones last."""
    ordered = placed.sort_values("value", ascending=False, na_position="last", kind="stable").index
    about, found = schools.loc[ordered], placed.loc[ordered]
    five, attendance = (
        words.cells(measures.measure(about, one)) for one in (cards.FIVE_DAYS, cards.ATTENDANCE)
    )
    lines = zip(
        about["code"], about["name"], about["district_name"], words.cells(found), words.cells(found, "n"), five, attendance,
        breakdown.places(found, cards.PARTICIPATION), strict=True,
    )  # fmt: skip
    return [
        {
            "school": Link(name, look.school_url(code)), "district": district, "participation": value, "n": n,
            "five_days": five_days, "attendance": came, "place": place,
            "signals": _signal(*signals.get(code, (0, 0))),
        }
        for code, name, district, value, n, five_days, came, place in lines
    ]  # fmt: skip


def _signal(red: int, notice: int) -> Cell:
    if red:
        return Badge("bad", _("%(n)s 条红线") % {"n": red})
    return Badge("warn", _("%(n)s 条提醒") % {"n": notice}) if notice else Badge("quiet", _("没有"))
