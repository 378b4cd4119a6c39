"""Addresses of the API of enrolment, below /api/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "api_enrolment"
urlpatterns: list[URLPattern | URLResolver] = []
