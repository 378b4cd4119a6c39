"""Addresses for the tests of the doors: some views declare what they need, some forgot."""

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.generic import TemplateView
from rest_framework.decorators import action, api_view
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from afterbell.accounts.permissions import Permission
from afterbell.accounts.rights import declares, open_to_all, requires


@requires(Permission.PUPILS_READ)
def guarded(request: HttpRequest) -> HttpResponse:
    return HttpResponse("pupils")


@open_to_all("a test")
def public(request: HttpRequest) -> HttpResponse:
    return HttpResponse("hello")


def forgotten(request: HttpRequest) -> HttpResponse:
    return HttpResponse("oh")


@declares(Permission.BOOKS_READ)
class Books(APIView):
    def get(self, request):
        return Response({"books": 1})


class ForgottenApi(APIView):
    def get(self, request):
        return Response({"oh": 1})


class Rooms(ViewSet):
    @declares(Permission.ROOMS_MANAGE)
    def list(self, request):
        return Response([])

    def create(self, request):
        return Response({"oh": 1})

    @open_to_all("a test")
    @action(detail=False)
    def count(self, request):
        return Response({"n": 0})


@declares(Permission.BOOKS_READ)
@api_view(["GET"])
def small(request):
    return Response({"small": 1})


@api_view(["GET"])
def small_forgotten(request):
    return Response({"oh": 1})


router = SimpleRouter()
router.register("rooms", Rooms, basename="rooms")
urlpatterns = [
    path("", include("afterbell.urls_school")),
    path("guarded/", guarded),
    path("public/", public),
    path("forgotten/", forgotten),
    path("forgotten-class/", TemplateView.as_view(template_name="x.html")),
    path("api/guarded/", guarded),
    path("api/books/", Books.as_view()),
    path("api/forgotten/", ForgottenApi.as_view()),
    path("api/small/", small),
    path("api/small-forgotten/", small_forgotten),
    path("api/", include(router.urls)),
]
