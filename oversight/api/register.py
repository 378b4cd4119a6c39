"""Terms, districts and schools: the public register, of the reader's part of the city."""

from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares
from afterbell.pages import api
from oversight import scope as scopes
from oversight.api import examples, pages, queries
from oversight.api.inputs import SchoolsIn
from oversight.api.outputs import DistrictOut, DistrictsOut, SchoolOut, SchoolsOut, TermOut, TermsOut
from oversight.api.pages import described
from oversight.indicators import queries as indicators


@declares(Permission.SCHOOLS_READ)
class Terms(APIView):
    """The city's terms, the latest first."""

    @described("terms_list", TermsOut, examples.TERMS)
    def get(self, request: Request) -> Response:
        found = indicators.terms(scopes.of_user(pages.me(request)), timezone.now())
        return Response({"results": TermOut(found, many=True).data})


@declares(Permission.SCHOOLS_READ)
class Districts(APIView):
    """The districts that you may see."""

    @described("districts_list", DistrictsOut, examples.DISTRICTS)
    def get(self, request: Request) -> Response:
        found = queries.districts(pages.me(request)).items()
        shown = DistrictOut([{"code": code, "name": name} for code, name in found], many=True)
        return Response({"results": shown.data})


@declares(Permission.SCHOOLS_READ)
class Schools(APIView):
    """The schools in service that you may see, by code."""

    @described("schools_list", SchoolsOut, examples.SCHOOLS, SchoolsIn)
    def get(self, request: Request) -> Response:
        user = pages.me(request)
        wanted = api.asked(SchoolsIn, request, districts=queries.districts(user))
        number, size = (wanted.pop(name) for name in ("page", "page_size"))
        found = pages.page(request, queries.schools(user, **wanted), number, size)
        found["results"] = SchoolOut(found["results"], many=True).data
        return Response(found)
