"""Addresses of the reports, on the city's host: pages and API."""

from django.urls import URLPattern, URLResolver, path

from oversight.reports import api, views

API = "api/v1/reports/"

app_name = "reports"
urlpatterns: list[URLPattern | URLResolver] = [
    path("reports/", views.reports, name="reports"),
    path("reports/<uuid:report_id>/", views.report, name="report"),
    path("reports/<uuid:report_id>/note/", views.note, name="note"),
    path(API, api.Reports.as_view(), name="api_reports"),
    path(f"{API}<uuid:report_id>/note/", api.Note.as_view(), name="api_note"),
]
