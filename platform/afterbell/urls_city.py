"""Addresses of the city's host."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("afterbell.pages.urls")),
    path("accounts/", include("afterbell.accounts.urls")),
    path("", include("dashboards.register.urls")),
    path("", include("oversight.cases.urls")),
]

handler400 = "afterbell.pages.errors.bad_request"
handler403 = "afterbell.pages.errors.permission_denied"
handler404 = "afterbell.pages.errors.page_not_found"
handler500 = "afterbell.pages.errors.server_error"
