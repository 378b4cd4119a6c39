"""One district's page: for the city's supervisors and the district's own."""

from dataclasses import replace
from typing import Final

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from dashboards.districts import cards
from dashboards.frame import answers, loads, ranking
from dashboards.frame import cards as framed
from dashboards.frame import look as looks
from dashboards.frame.kept import kept
from dashboards.frame.look import Look
from oversight.indicators import frames
from oversight.indicators import queries as indicators
from oversight.redlines import queries as redlines
from oversight.scope import WHOLE_CITY

CODES: Final = tuple(one.code for one in (*cards.TILES, *cards.ALSO, *cards.IN_LIST))
NEEDS: Final = indicators.needs_of(CODES) | {"pupils_on_roll", "participants"}
ALERTS_MOST: Final = 8


@require_GET
@requires(Permission.OVERVIEW_READ)
def district(request: HttpRequest, code: str) -> HttpResponse:
    """A district that is not there or not within the scope is 404. Of the city there are sums only, for comparison."""
    look = looks.read(request, now=timezone.now(), fields=("kind",))
    if code not in look.places.districts:
        raise Http404
    chosen = look.selection
    if chosen.district and chosen.district != code:  # the top bar was set to another one
        return redirect(look.url(f"/districts/{chosen.district}/"))
    look = _about(look, code)
    found = kept(request, look, lambda: _content(look, code), stamp=redlines.stamp(look.scope))
    table = ranking.table(request, found.rows, columns=cards.columns(), caption=_("本区县的学校"))
    return answers.answer(request, look, found, template="districts/district.html", table=table)


def _content(look: Look, code: str) -> answers.Content:
    everywhere = replace(look.selection, district="")
    city = frames.schools(WHOLE_CITY, everywhere, needs=NEEDS)
    here = city[city["district_code"] == code]
    before = loads.before(look, NEEDS)
    months = frames.months(WHOLE_CITY, everywhere, by=("district",))
    where = {name: getattr(look.selection, name) for name in ("district", "stage", "kind")}
    alerts = redlines.counts_by_school(look.scope, **where)
    rows = cards.rows(look, here, alerts)
    shown = cards.columns()
    page = answers.Page(
        name="district", title=look.places.districts[code], lede=cards.lede(here, alerts),
        cards=[
            cards.compared(here, city, before),
            cards.attendance(look, months, code),
            cards.complaints(look, months, code, here, city),
        ],
        main=lambda: framed.sheet(
            look, title=_("本区县的学校"), columns=list(shown.values()), rows=ranking.plain_rows(rows, shown),
            notes=framed.definition(*cards.IN_LIST),
        ),
    )  # fmt: skip
    return answers.content(
        look, page, rows=rows, tiles=cards.tiles(here, city),
        alerts=redlines.newest(look.scope, ALERTS_MOST, **where),
        alert_count=sum(sum(counts) for counts in alerts.values()), alerts_url=look.url("/alerts/", term=""),
        quiet_links=[(line.name, look.school_url(line.code)) for line in look.quiet if line.district_code == code],
    )  # fmt: skip


def _about(look: Look, code: str) -> Look:
    """The look narrowed to the district of the address; the top bar shows it."""
    look.form.asked["district"] = code
    return replace(look, selection=replace(look.selection, district=code))
