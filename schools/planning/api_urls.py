"""Addresses of the API of consultation and plan, below /api/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "api_planning"
urlpatterns: list[URLPattern | URLResolver] = []
