"""Finds the school of a request by its exact host, and keeps the request inside it."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tenants import context, queries
from tenants.models import School
from tenants.stamps import code_stamp
from tenants.states import SchoolState

GetResponse = Callable[[HttpRequest], HttpResponse]


class SchoolRequest(HttpRequest):
    """A request that was let into a school."""

    school: School


class SchoolByHost:
    """City host → the public schema; a school's host → that school; anything else → 404."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        host = request.get_host().rsplit(":", 1)[0].lower()
        if host == settings.CITY_HOST:
            request.urlconf = settings.PUBLIC_SCHEMA_URLCONF
            request.school = None  # type: ignore[attr-defined]  # what makes it a SchoolRequest
            with context.in_city():
                return self.get_response(request)
        school = queries.school_by_host(host)
        if school is None:
            request.urlconf = "afterbell.urls_nowhere"
            return render(request, "pages/unknown_host.html", {"city_host": settings.CITY_HOST}, status=404)
        if school.state != SchoolState.ACTIVE or school.schema_stamp != code_stamp():
            request.urlconf = "afterbell.urls_nowhere"
            return _soon(request, "pages/school_not_ready.html", {"school": school})
        request.school = school  # type: ignore[attr-defined]
        with context.in_school(school):
            return self.get_response(request)


def _soon(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    response = render(request, template, context, status=503)
    response["Retry-After"] = "60"
    return response
