"""Addresses of the alerts, on the city's host: pages and API."""

from django.urls import URLPattern, URLResolver, path

from oversight.redlines import api, views

API = "api/v1/alerts/"

app_name = "redlines"
urlpatterns: list[URLPattern | URLResolver] = [
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<uuid:alert_id>/", views.alert, name="alert"),
    path("alerts/<uuid:alert_id>/note/", views.note, name="note"),
    path("alerts/<uuid:alert_id>/close/", views.close, name="close"),
    path(API, api.Alerts.as_view(), name="api_alerts"),
    path(f"{API}<uuid:alert_id>/", api.OneAlert.as_view(), name="api_alert"),
    path(f"{API}<uuid:alert_id>/note/", api.Note.as_view(), name="api_note"),
    path(f"{API}<uuid:alert_id>/close/", api.Close.as_view(), name="api_close"),
]
