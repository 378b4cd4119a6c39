"""Addresses of the city's host."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("afterbell.pages.urls")),
    path("accounts/", include("afterbell.accounts.urls")),
    path("accounts/tokens/", include("afterbell.tokens.urls")),
    path("", include("dashboards.overview.urls")),
    path("", include("oversight.setup.urls")),
    path("", include("dashboards.participation.urls")),
    path("", include("dashboards.satisfaction.urls")),
    path("", include("dashboards.fees.urls")),
    path("", include("dashboards.complaints.urls")),
    path("", include("dashboards.districts.urls")),
    path("", include("dashboards.indicators.urls")),
    path("", include("dashboards.register.urls")),
    path("", include("dashboards.schoolpage.urls")),
    path("", include("oversight.redlines.urls")),
    path("", include("oversight.cases.urls")),
    path("", include("oversight.reports.urls")),
    path("", include("oversight.hearings.urls")),
    path("", include("oversight.providers.urls")),
    path("", include("oversight.trail.urls")),
    path("", include("oversight.costs.urls")),
    path("", include("oversight.disclosure.urls")),
    path("api/v1/", include("oversight.api.urls")),
]

handler400 = "afterbell.pages.errors.bad_request"
handler403 = "afterbell.pages.errors.permission_denied"
handler404 = "afterbell.pages.errors.page_not_found"
handler500 = "afterbell.pages.errors.server_error"
