"""Addresses of the API of surveys and complaints, below /api/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "api_voice"
urlpatterns: list[URLPattern | URLResolver] = []
