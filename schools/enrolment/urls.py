"""Addresses of the pages of enrolment."""

from django.urls import URLPattern, URLResolver

app_name = "enrolment"
urlpatterns: list[URLPattern | URLResolver] = []
