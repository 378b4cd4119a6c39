"""The school sees itself as the city sees it: the same figures, alerts and age; its peers are numbers without names."""

from dataclasses import replace

from django.http import Http404, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import requires
from afterbell.kernel.dates import local_date
from dashboards.frame import answers, loads
from dashboards.frame.kept import kept
from dashboards.frame.look import Look
from dashboards.own import advice
from dashboards.own import look as looks
from dashboards.schoolpage import classes, facts, header, months, peering, strips
from dashboards.schoolpage import words as said
from oversight.costs import mattering
from oversight.indicators import frames, standards
from oversight.redlines import queries as redlines
from oversight.scope import WHOLE_CITY
from tenants.middleware import SchoolRequest
from tenants.models import School


@require_GET
@requires(Permission.SCHOOL_OVERVIEW_READ)
def overview(request: SchoolRequest) -> HttpResponse:
    """Its figures among its peers, its alerts with what to mend, its months, its classes."""
    look = looks.read(request, request.school, now=timezone.now())
    stamp = redlines.stamp(look.scope)
    found = kept(request, look, lambda: _content(look, request.school), stamp=stamp)
    return answers.answer(request, look, found, template="own/overview.html")


def _content(look: Look, school: School) -> answers.Content:
    found, positions = _seen_by_the_city(look, school.code)
    alerts = redlines.of_school(look.scope, school)
    mends = advice.mends(alerts)
    red = sum(each.shown.is_red for each in mends)
    page = answers.Page(
        name=f"own-{school.code}", title=_("市级看到的本校"),
        lede=header.lede(found, red, len(mends) - red, with_alerts=True),
        cards=[
            strips.card(positions, months=found.service_months),
            months.card(frames.months_of_schools(look.scope, look.selection), today=local_date(look.now)),
            classes.of_school(
                school.code, frames.classes(look.scope, look.selection), alerts, look.selection.term
            ),
        ],
    )  # fmt: skip
    return answers.content(
        look, page, school_facts=header.lines(look, found),
        silence=header.silence(look, school.code), standings=said.standings(positions),
        definitions=strips.definitions(positions), mends=mends,
        over=len(alerts) - len(mends), seen=header.seen_at(found, look),
    )  # fmt: skip


def _seen_by_the_city(look: Look, code: str) -> tuple[facts.Facts, list[peering.Position]]:
    """The city's frame stays in here: only this school's numbers and its peers' median and middle half come out.

    Of its own complaints it sees those that it was told of: families that went to the bureau are safe from it.
    """
    needs = peering.needs(peering.SUPERVISED)
    everybody = replace(WHOLE_CITY, seen_by=look.scope.seen_by)
    city = frames.schools(everybody, replace(look.selection, school=""), needs=needs | facts.NEEDS)
    found = facts.of(city, code, look)
    if found is None:  # archived while the request was on its way
        raise Http404
    before = loads.before(look, needs)
    least, rules = mattering.of_term(look.selection.term), standards.of_term(look.selection.term)
    return found, peering.positions(city, code, peering.SUPERVISED, rules=rules, before=before, least=least)
