"""Addresses that every host has: light or dark, language, and in the demo the style guide."""

from django.urls import URLPattern, URLResolver, include, path
from django.views.i18n import set_language

from afterbell.pages import openapi, theme

switches: list[URLPattern | URLResolver] = [
    path("theme/", theme.choose, name="theme"),
    path("api/schema/", openapi.schema, name="api_schema"),
    path("api/docs/", openapi.docs, name="api_docs"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include((switches, "pages"))),
    path("language/", set_language, name="set_language"),
    path("styleguide/", include("afterbell.pages.styleguide.urls")),
]
