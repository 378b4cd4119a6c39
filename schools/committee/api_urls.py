"""Addresses of the API of the parents' committee, below /api/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "api_committee"
urlpatterns: list[URLPattern | URLResolver] = []
