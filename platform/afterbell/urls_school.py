"""Addresses of a school's host."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("afterbell.pages.urls")),
    path("accounts/", include("afterbell.accounts.urls")),
]
