"""Addresses of the register of providers, on the city's host: pages and API."""

from django.urls import URLPattern, URLResolver, path

from oversight.providers import api, views

app_name = "providers"
urlpatterns: list[URLPattern | URLResolver] = [
    path("providers/", views.providers, name="providers"),
    path("providers/new/", views.approve, name="approve"),
    path("providers/<uuid:provider_id>/revoke/", views.revoke, name="revoke"),
    path("api/v1/providers/", api.Providers.as_view(), name="api_providers"),
]
