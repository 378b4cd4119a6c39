"""The indicators and their figures, and how old these are."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.models import User
from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from oversight import scope as scopes
from oversight.api import examples, pages, queries
from oversight.api.inputs import FiguresIn, selection
from oversight.api.outputs import AgeOut, FiguresOut, IndicatorOut, IndicatorsOut
from oversight.api.pages import described
from oversight.indicators import ages
from oversight.indicators import queries as indicators
from oversight.indicators.catalogue import CATALOGUE, Indicator


@declares(Permission.SCHOOLS_READ)
class Indicators(APIView):
    """The catalogue: what each figure means, its formula, unit and n."""

    @described("indicators_list", IndicatorsOut, examples.INDICATORS)
    def get(self, request: Request) -> Response:
        user = pages.me(request)
        shown = IndicatorOut([_explained(one, user) for one in CATALOGUE.values()], many=True)
        return Response({"results": shown.data})


@declares(Permission.SCHOOLS_READ)
class Figures(APIView):
    """Figures of one indicator: of all that you may see, or by district, stage, kind, month or school."""

    @described("figures_list", FiguresOut, examples.FIGURES, FiguresIn)
    def get(self, request: Request) -> Response:
        user = pages.me(request)
        scope = scopes.of_user(user)
        terms = indicators.terms(scope, timezone.now())
        districts = queries.districts(user)
        wanted = api.asked(
            FiguresIn,
            request,
            terms=[term.code for term in terms],
            districts=districts,
            has_school=lambda code: queries.schools(user).filter(code=code).exists(),
        )
        indicator = CATALOGUE[wanted["indicator"]]
        if not queries.may_read(user, indicator):
            raise PermissionDenied
        term = wanted.get("term") or next((term.code for term in terms if term.is_current), "")
        if not term:
            raise NotFound(_("还没有已开始的学期。"))
        chosen = selection(wanted, term=term)
        rows = queries.figures(scope, chosen, indicator.code, wanted["by"], districts)
        about = _about(indicator, wanted["by"]) | {"term": term, "as_of": ages.as_of(scope)}
        found = pages.page(request, rows, wanted["page"], wanted["page_size"])
        return Response(FiguresOut(found | about).data)


@declares(Permission.SCHOOLS_READ)
class Age(APIView):
    """How old the figures are; schools whose data fail, never came or stopped."""

    @described("age_read", AgeOut, examples.AGE)
    def get(self, request: Request) -> Response:
        age = indicators.data_age(scopes.of_user(pages.me(request)), timezone.now())
        return Response(AgeOut(age).data)


def _about(indicator: Indicator, by: str) -> dict[str, Any]:
    """Of schools each has its own value; of areas it may be their median."""
    is_median = indicator.over_schools and by not in ("school", "month")
    return {
        "indicator": indicator.code,
        "by": by,
        "unit": indicator.unit.value,
        "n_of": _("所学校") if is_median else indicator.n_of,
        "is_median": is_median,
    }


def _explained(one: Indicator, user: User) -> dict[str, Any]:
    return {
        "code": one.code, "name": one.name, "question": one.question, "formula": one.formula,
        "unit": one.unit.value, "theme": one.theme.value, "clauses": one.clauses, "better": one.better.value,
        "n_of": one.n_of, "by_month": one.by_month, "is_median": one.over_schools,
        "may_read": queries.may_read(user, one),
    }  # fmt: skip
