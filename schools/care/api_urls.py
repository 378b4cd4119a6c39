"""Addresses of the API of the gate and the classroom, below /api/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "api_care"
urlpatterns: list[URLPattern | URLResolver] = []
