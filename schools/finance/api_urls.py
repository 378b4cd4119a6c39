"""Addresses of the API of the books, below /api/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "api_finance"
urlpatterns: list[URLPattern | URLResolver] = []
