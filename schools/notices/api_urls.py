"""Addresses of the API of notices, below /api/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "api_notices"
urlpatterns: list[URLPattern | URLResolver] = []
