"""Addresses of a school's host."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("afterbell.pages.urls")),
    path("accounts/", include("afterbell.accounts.urls")),
    path("", include("schools.people.urls")),
    path("", include("schools.notices.urls")),
    path("", include("schools.committee.urls")),
    path("", include("schools.planning.urls")),
    path("", include("schools.enrolment.urls")),
    path("", include("schools.staffing.urls")),
    path("", include("schools.care.urls")),
    path("", include("schools.finance.urls")),
    path("", include("schools.voice.urls")),
    path("", include("dashboards.own.urls")),
    path("api/v1/", include("schools.people.api_urls")),
    path("api/v1/", include("schools.notices.api_urls")),
    path("api/v1/", include("schools.committee.api_urls")),
    path("api/v1/", include("schools.planning.api_urls")),
    path("api/v1/", include("schools.enrolment.api_urls")),
    path("api/v1/", include("schools.staffing.api_urls")),
    path("api/v1/", include("schools.care.api_urls")),
    path("api/v1/", include("schools.finance.api_urls")),
    path("api/v1/", include("schools.voice.api_urls")),
]

handler400 = "afterbell.pages.errors.bad_request"
handler403 = "afterbell.pages.errors.permission_denied"
handler404 = "afterbell.pages.errors.page_not_found"
handler500 = "afterbell.pages.errors.server_error"
