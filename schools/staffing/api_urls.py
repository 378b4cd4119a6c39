"""Addresses of the API of staff, below /api/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "api_staffing"
urlpatterns: list[URLPattern | URLResolver] = []
