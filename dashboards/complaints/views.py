"""The complaints page: the rate for the size of a school, what is overdue, and which schools lie outside of chance."""

from typing import Final

import pandas as pd
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.pages.sheets import Cell, Column, Kind, Link
from dashboards.complaints import cards
from dashboards.frame import answers, breakdown, loads, ranking, words
from dashboards.frame import cards as framed
from dashboards.frame import look as looks
from dashboards.frame.cards import Card
from dashboards.frame.kept import kept
from dashboards.frame.look import Look
from oversight.indicators import measures, standards
from oversight.indicators import queries as indicators

NEEDS: Final = indicators.needs_of(["complaints_per_1000", "complaints_in_time"]) | frozenset(
    (*cards.COUNTS, *cards.KINDS)
)


@require_GET
@requires(Permission.COMPLAINTS_OVERSEE)
def home(request: HttpRequest) -> HttpResponse:
    """Filters and downloads are GET parameters (contract)."""
    look = looks.read(request, now=timezone.now())
    found = kept(request, look, lambda: _content(look))
    table = ranking.table(request, found.rows, columns=_columns(), caption=_("各校投诉情况"), per_page=10)
    return answers.answer(request, look, found, template="complaints/home.html", table=table)


def _content(look: Look) -> answers.Content:
    schools, city = loads.schools(look, NEEDS)
    centre = breakdown.whole(city, cards.RATE).value
    rules = standards.of_term(look.selection.term)
    placed = breakdown.compared(schools, cards.RATE, centre=centre, rules=rules)
    rows = _rows(look, schools, placed)
    page = answers.Page(
        name="complaints",
        title=_("投诉"),
        lede=cards.lede(schools, loads.before(look, NEEDS), same_days=look.is_running),
        cards=_cards(look, schools, placed, centre),
        main=lambda: framed.sheet(
            look,
            title=_("各校投诉情况"),
            columns=list(_columns().values()),
            rows=ranking.plain_rows(rows, _columns()),
            notes=framed.definition(cards.RATE, cards.IN_TIME),
        ),
    )
    return answers.content(look, page, rows=rows)


def _cards(look: Look, schools: pd.DataFrame, placed: pd.DataFrame, centre: float | None) -> list[Card]:
    outside, by_district = _("哪些学校的投诉不是波动能解释的？"), _("各区县每千名参加学生有多少投诉？")
    in_time = _("各区县的投诉按时答复了吗？")
    return [
        breakdown.funnel_card(look, schools, placed, cards.RATE, centre=centre, question=outside),
        breakdown.by_card(look, schools, cards.RATE, "district", id="by_district", question=by_district),
        breakdown.by_card(look, schools, cards.IN_TIME, "district", id="in_time", question=in_time),
        cards.by_month(loads.months(look)),
        cards.kinds(schools),
        cards.forced(look, schools),
    ]


def _columns() -> dict[str, Column]:
    return {
        "school": Column(_("学校")),
        "district": Column(_("区县")),
        "rate": words.column(cards.RATE),
        "n": Column(_("参加学生"), Kind.WHOLE, _("人")),
        "complaints": Column(_("投诉"), Kind.WHOLE, _("件")),
        "in_time": words.column(cards.IN_TIME),
        "overdue": Column(_("逾期"), Kind.WHOLE, _("件")),
        "forced": Column(_("被强制参加"), Kind.WHOLE, _("件")),
        "teaching": Column(_("违规授课"), Kind.WHOLE, _("件")),
        "place": Column(_("与全市平均相比")),
    }


def _rows(look: Look, schools: pd.DataFrame, placed: pd.DataFrame) -> list[dict[str, Cell]]:
    """Flagged ones first, then the highest, unknown ones last."""
    ordered = breakdown.flagged_first(placed)
    about, found = schools.loc[ordered], placed.loc[ordered]
    lines = zip(
        about["code"], about["name"], about["district_name"], words.cells(found), words.cells(found, "n"),
        words.counts(about["complaints"]), words.cells(measures.measure(about, cards.IN_TIME)),
        words.counts(about["complaints_overdue"]), words.counts(about["complaints_forced"]),
        words.counts(about["complaints_illegal_teaching"]),
        breakdown.places(found, cards.RATE), strict=True,
    )  # fmt: skip
    return [
        {
            "school": Link(name, look.school_url(code)), "district": district, "rate": rate, "n": n,
            "complaints": complaints, "in_time": in_time, "overdue": overdue, "forced": forced,
            "teaching": teaching, "place": place,
        }
        for code, name, district, rate, n, complaints, in_time, overdue, forced, teaching, place in lines
    ]  # fmt: skip
