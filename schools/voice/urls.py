"""Addresses of the pages of surveys and complaints."""

from django.urls import URLPattern, URLResolver

app_name = "voice"
urlpatterns: list[URLPattern | URLResolver] = []
