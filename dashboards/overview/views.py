"""The city's front page: the overview for who supervises, the way to their own work for the others."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import holds, requires
from dashboards.complaints import cards as complaints
from dashboards.frame import answers, loads
from dashboards.frame import look as looks
from dashboards.frame.kept import kept
from dashboards.frame.look import Look
from dashboards.overview import cards, first, queries
from dashboards.participation import cards as participation
from oversight.costs import mattering
from oversight.indicators import queries as indicators
from oversight.indicators import standards
from oversight.redlines import queries as redlines

NEEDS: Final = indicators.needs_of([*cards.PAGES, *cards.ALSO, *(one.code for one in first.JUDGED)])
NEWEST: Final = 3
ELSEWHERE: Final = (
    (Permission.COSTS_READ, "/costs/"),
    (Permission.CALENDAR_MANAGE, "/setup/"),
    (Permission.SCHOOLS_READ, "/schools/"),
)
"""Where somebody without the overview begins."""


@require_GET
@requires(Permission.ACCOUNT_SELF)
def home(request: HttpRequest) -> HttpResponseBase:
    """Everybody's address; what is behind it is asked by permission."""
    if holds(request.user, Permission.OVERVIEW_READ):
        return overview(request)
    for permission, address in ELSEWHERE:
        if holds(request.user, permission):
            return redirect(address)
    return redirect("accounts:me")


@require_GET
@requires(Permission.OVERVIEW_READ)
def overview(request: HttpRequest) -> HttpResponse:
    """Six figures, where to look first, what changed, two charts, all districts."""
    look = looks.read(request, now=timezone.now(), fields=("kind",))
    found = kept(request, look, lambda: _content(look), stamp=redlines.stamp(look.scope))
    return answers.answer(request, look, found, template="overview/home.html")


def _content(look: Look) -> answers.Content:
    chosen = look.selection
    schools, city = loads.schools(look, NEEDS)
    before = loads.before(look, NEEDS)
    months = loads.months(look)
    where = {"district": chosen.district, "stage": chosen.stage, "kind": chosen.kind}
    by_rule = redlines.rules_by_school(look.scope, **where)
    standard = standards.of_term(chosen.term)
    alerts = {
        code: (sum(one.red for one in found), sum(one.notice for one in found))
        for code, found in by_rule.items()
    }
    counts = cards.alerts_by_district(schools, alerts)
    figures = cards.summary(look, schools, before, mattering.of_term(chosen.term))
    page = answers.Page(
        name="overview", title=_title(look), lede=cards.lede(look, schools, alerts),
        cards=[
            cards.districts(look, schools, figures, counts),
            cards.changes(look, figures),
            participation.attendance_by_month(look, months),
            complaints.by_month(months),
        ],
    )  # fmt: skip
    return answers.content(
        look, page,
        tiles=cards.six(look, figures, months, queries.by_term(look.scope, chosen)),
        districts=cards.district_tiles(look, figures, counts),
        worst=[(line, look.school_url(line.code)) for line in first.worst(schools, by_rule, city=city, rules=standard)],
        improved=[(line, look.school_url(line.code)) for line in first.improved(schools, before, rules=standard)],
        newest=redlines.newest(look.scope, NEWEST, **where),
        alert_counts=[sum(both[place] for both in counts.values()) for place in (0, 1)],
        alerts_url=look.url("/alerts/", term="", school=""),
    )  # fmt: skip


def _title(look: Look) -> str:
    """A district's officer reads the district's name, not the city's."""
    return _("全市总览") if look.scope.districts is None else _("%(where)s总览") % {"where": look.where}
