"""The satisfaction page: scores with how sure they are, and beside them the surveys that are too good to be true."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.pages.figures import Note
from afterbell.pages.sheets import Badge, Cell, Link
from dashboards.frame import answers, breakdown, loads, ranking, words
from dashboards.frame import cards as framed
from dashboards.frame import look as looks
from dashboards.frame.kept import kept
from dashboards.frame.look import Look
from dashboards.satisfaction import areas, cards
from dashboards.satisfaction.areas import MEAN, RESPONSE, SHARE
from oversight.costs import mattering
from oversight.indicators import measures, standards
from oversight.indicators import queries as indicators
from oversight.redlines import queries as redlines
from oversight.redlines.states import RuleCode

NEEDS: Final = indicators.needs_of([SHARE.code, MEAN.code, RESPONSE.code])
SIGNALS_MOST: Final = 8
TOO_GOOD: Final = Badge("warn", gettext_lazy("有提醒"))
NOTHING: Final = Badge("quiet", gettext_lazy("没有"))
UNKNOWN: Final = Badge("quiet", gettext_lazy("没有数据"))
Signals = Mapping[str, tuple[int, int]]


@require_GET
@requires(Permission.SATISFACTION_READ)
def home(request: HttpRequest) -> HttpResponse:
    """Filters and downloads are GET parameters (contract). Surveys are held by term: there are no months."""
    look = looks.read(request, now=timezone.now(), fields=("kind", "school"))
    found = kept(request, look, lambda: _content(look), stamp=redlines.stamp(look.scope))
    table = ranking.table(request, found.rows, columns=cards.columns(), caption=_("各校满意度"))
    return answers.answer(request, look, found, template="satisfaction/home.html", table=table)


def _content(look: Look) -> answers.Content:
    schools, city = loads.schools(look, NEEDS)
    before = loads.before(look, NEEDS)
    chosen = look.selection
    centre = breakdown.whole(city, SHARE).value
    rules = standards.of_term(look.selection.term)
    placed = breakdown.compared(schools, SHARE, centre=centre, rules=rules)
    where = {name: getattr(chosen, name) for name in ("district", "stage", "kind", "school")}
    signals = redlines.counts_by_school(look.scope, chosen.term, rule=RuleCode.SURVEY, **where)
    rows = _rows(look, schools, before, placed, signals)
    page = answers.Page(
        name="satisfaction", title=_("满意度"), lede=cards.lede(look, schools, before),
        cards=[
            areas.card(look, schools, "district", id="by_district", question=_("各区县的家长满意吗？")),
            areas.card(look, schools, "stage", id="by_stage", question=_("各学段的家长满意吗？")),
            areas.card(look, schools, "kind", id="by_kind", question=_("城区、镇区、乡村的家长满意吗？")),
            cards.changes(look, schools, before),
            breakdown.funnel_card(
                look, schools, placed, SHARE, centre=centre, question=_("哪些学校的满意率不是波动能解释的？"),
                notes=[Note(_("并看"), _("满意率特别高而回收率接近 100% 时，"
                    "请看下面“评价好得异常”的提醒：答卷可能不是家长自己填的。"))],
            ),
        ],
        main=lambda: framed.sheet(
            look, title=_("各校满意度"), columns=list(cards.columns().values()),
            rows=ranking.plain_rows(rows, cards.columns()),
            notes=framed.definition(SHARE, MEAN, RESPONSE),
        ),
    )  # fmt: skip
    return answers.content(
        look, page, rows=rows, tiles=cards.tiles(schools, before, mattering.of_term(look.selection.term)),
        signals=redlines.newest(look.scope, SIGNALS_MOST, chosen.term, rule=RuleCode.SURVEY, **where),
        signal_schools=len(signals), signals_url=look.url("/alerts/", also=f"rule={RuleCode.SURVEY}"),
    )  # fmt: skip


def _rows(
    look: Look, schools: pd.DataFrame, before: pd.DataFrame | None, placed: pd.DataFrame, signals: Signals
) -> list[dict[str, Cell]]:
    """The lowest share first, unknown ones last."""
    ordered = placed.sort_values("value", na_position="last", kind="stable").index
    about, found = schools.loc[ordered], placed.loc[ordered]
    mean = measures.measure(about, MEAN)
    mean[["value", "state"]] = mean[["value", "state"]].where(
        found["state"] == measures.State.KNOWN.value, found[["value", "state"]]
    )
    lines = zip(
        about["code"], about["name"], about["district_name"], words.cells(mean), words.cells(found), _intervals(found),
        words.cells(measures.measure(about, RESPONSE)), words.cells(found, "n"), _before(about, before), found["flag"],
        strict=True,
    )  # fmt: skip
    return [
        {
            "school": Link(name, look.school_url(code)), "district": district, "mean": score, "share": share, "low": low,
            "high": high, "response": response, "n": n, "change": cards.step(share, was),
            "place": breakdown.flag_cell(flag, SHARE) if isinstance(share, float) else UNKNOWN,
            "signals": _signal(signals.get(code, (0, 0))),
        }
        for code, name, district, score, share, (low, high), response, n, was, flag in lines
    ]  # fmt: skip


def _intervals(found: pd.DataFrame) -> list[tuple[Cell, Cell]]:
    columns = (found[name].tolist() for name in ("numerator", "denominator", "state"))
    return [areas.interval(part, whole, state) for part, whole, state in zip(*columns, strict=True)]


def _before(about: pd.DataFrame, before: pd.DataFrame | None) -> list[Cell]:
    """The share of the term before, by school."""
    if before is None or before.empty:
        return [None] * len(about)
    was = measures.measure(before, SHARE)
    known = dict(zip(before["code"], words.cells(was), strict=True))
    return [known.get(code) for code in about["code"]]


def _signal(counts: tuple[int, int]) -> Cell:
    return TOO_GOOD if any(counts) else NOTHING
