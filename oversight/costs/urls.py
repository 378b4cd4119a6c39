"""Addresses of the price bureau's desk, on the city's host: pages and API."""

from django.urls import URLPattern, URLResolver, path

from oversight.costs import api, views

app_name = "costs"
urlpatterns: list[URLPattern | URLResolver] = [
    path("costs/", views.home, name="home"),
    path("costs/summary/", views.summary, name="summary"),
    path("api/v1/costs/summary/", api.CostSummary.as_view(), name="api_summary"),
]
