"""Addresses of the filing desk, on the city's host: pages and API."""

from django.urls import URLPattern, URLResolver, path

from oversight.cases import api, views

API = "api/v1/filings/"

app_name = "cases"
urlpatterns: list[URLPattern | URLResolver] = [
    path("filings/", views.filings, name="filings"),
    path("filings/<uuid:filing_id>/", views.filing, name="filing"),
    path("filings/<uuid:filing_id>/accept/", views.accept, name="accept"),
    path("filings/<uuid:filing_id>/return/", views.send_back, name="return"),
    path(API, api.Filings.as_view(), name="api_filings"),
    path(f"{API}<uuid:filing_id>/", api.OneFiling.as_view(), name="api_filing"),
    path(f"{API}<uuid:filing_id>/accept/", api.Accept.as_view(), name="api_accept"),
    path(f"{API}<uuid:filing_id>/return/", api.SendBack.as_view(), name="api_return"),
]
