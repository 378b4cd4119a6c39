"""Addresses of the API of the people of a school, below /api/v1/."""

from django.urls import URLPattern, URLResolver

app_name = "api_people"
urlpatterns: list[URLPattern | URLResolver] = []
