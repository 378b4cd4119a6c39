"""One school's page at the city: for the supervisors of its district, and without children's counts for the price bureau."""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

import pandas as pd
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import holds, requires
from afterbell.kernel.dates import local_date
from afterbell.pages.sheets import Link
from dashboards.frame import answers, loads
from dashboards.frame import look as looks
from dashboards.frame.cards import Card
from dashboards.frame.kept import kept
from dashboards.frame.look import Look
from dashboards.schoolpage import classes, facts, header, months, peering, strips
from dashboards.schoolpage import words as said
from oversight.costs import mattering
from oversight.indicators import frames, standards
from oversight.redlines import queries as redlines
from oversight.redlines.states import UNRESOLVED
from oversight.scope import Scope

CODE: Final = re.compile(r"[0-9]{10}")


@require_GET
@requires(Permission.FEES_READ)
def school(request: HttpRequest, code: str) -> HttpResponse:
    """A school that is not there, not in service or not within the scope is 404."""
    look = looks.read(request, now=timezone.now(), fields=())
    is_supervised = holds(request.user, Permission.OVERVIEW_READ)
    stamp = redlines.stamp(look.scope) if is_supervised else ""
    narrowed, found = kept(
        request, look, lambda: _content(look, code, is_supervised=is_supervised), stamp=stamp
    )
    return answers.answer(request, narrowed, found, template="schoolpage/school.html")


def _content(look: Look, code: str, *, is_supervised: bool) -> tuple[Look, answers.Content]:
    """And the look narrowed to the school, whose name is not known before."""
    codes = peering.SUPERVISED if is_supervised else peering.PRICED
    needs = peering.needs(codes)
    everybody = Scope(districts=None, reader=look.scope.reader)
    city = frames.schools(
        everybody, replace(look.selection, district="", stage=""), needs=needs | facts.NEEDS
    )
    found = facts.of(city, code, look) if CODE.fullmatch(code) else None
    if found is None:
        raise Http404
    look = about(look, found)
    before = loads.before(look, needs)
    least, rules = mattering.of_term(look.selection.term), standards.of_term(look.selection.term)
    positions = peering.positions(city, code, codes, rules=rules, before=before, least=least)
    alerts = redlines.of_school(look.scope, found.id) if is_supervised else []
    cards = [
        strips.card(positions, months=found.service_months),
        _months(look, with_children=is_supervised),
    ]
    if is_supervised:
        of_classes = frames.classes(look.scope, look.selection)
        cards.append(classes.of_school(code, of_classes, alerts, look.selection.term))
    still = [shown for shown in alerts if shown.alert.state in UNRESOLVED]
    red = sum(shown.is_red for shown in still)
    page = answers.Page(
        name=f"school-{code}", title=found.name, cards=cards,
        lede=header.lede(found, red, len(still) - red, with_alerts=is_supervised),
    )  # fmt: skip
    return look, answers.content(
        look, page, school_facts=header.lines(look, found),
        silence=header.silence(look, code), standings=said.standings(positions),
        definitions=strips.definitions(positions), peers=_peers(look, city, code), alerts=still,
        over=len(alerts) - len(still), is_supervised=is_supervised, ways=_ways(look, code, is_supervised=is_supervised),
    )  # fmt: skip


def about(look: Look, found: facts.Facts) -> Look:
    """The look narrowed to this school: its name stands in titles and files."""
    chosen = replace(
        look.selection, district="", stage="", kind="", school=found.code, first_month="", last_month=""
    )
    return replace(look, selection=chosen, places=replace(look.places, school=found.name))


def _peers(look: Look, city: pd.DataFrame, code: str) -> list[tuple[str, str, str]]:
    """Who the peers are, nearest first: name, district, and the address of those that the reader may look at."""
    circle, _among = peering.around(city, code)
    return [
        (str(name), str(district), look.school_url(str(its)) if look.scope.covers(str(of)) else "")
        for its, name, of, district in circle.iloc[1:][
            ["code", "name", "district_code", "district_name"]
        ].itertuples(index=False)
    ]


def _months(look: Look, *, with_children: bool) -> Card:
    rows = frames.months_of_schools(look.scope, look.selection)
    return months.card(rows, today=local_date(look.now), with_children=with_children)


def _ways(look: Look, code: str, *, is_supervised: bool) -> Sequence[Link]:
    """To the rows behind."""
    term = look.selection.term
    costs = [
        Link(_("收费与成本"), f"/fees/?term={term}&school={code}"),
        Link(_("成本汇总"), f"/costs/summary/?term={term}"),
    ]
    if not is_supervised:
        return costs
    return [
        Link(_("全部预警"), f"/alerts/?school={code}&state=all"),
        Link(_("方案报备"), f"/filings/?school={code}"),
        Link(_("参与情况"), f"/participation/?term={term}&school={code}"),
        Link(_("满意度"), f"/satisfaction/?term={term}&school={code}"),
        Link(_("投诉"), f"/complaints/?term={term}&school={code}"),
        *costs,
    ]
